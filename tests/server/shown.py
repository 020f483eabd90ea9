"""What the Temporal UI shows of an incident without opening a payload."""

from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import WorkflowMetadata

from tests.server.story import Story


async def metadata(story: Story) -> WorkflowMetadata:
    return await story.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)


async def details(story: Story) -> str:
    """The live details, as the UI shows them."""
    return (await metadata(story)).current_details


async def history(story: Story) -> list[HistoryEvent]:
    return list((await story.handle.fetch_history()).events)


async def summary(story: Story, event: HistoryEvent) -> str:
    if not event.user_metadata.HasField("summary"):
        return ""
    decoded = await story.world.client.data_converter.decode([event.user_metadata.summary], [str])
    return str(decoded[0])
