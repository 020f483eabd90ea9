"""The watchdog: one look from outside at every incident, run by a schedule (architecture, "Nothing is silent").

It tells the operators what it cannot repair, once a day for the same trouble, and calls the dead man's switch only when
all is well: so that its own silence is noticed too.
"""

from datetime import timedelta

from pydantic import JsonValue
from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from activities.names import LOOK_FROM_OUTSIDE, SAY_ALL_IS_WELL
from plan.bulletin import Audience, Bulletin, To, about_trouble
from plan.watchdog import Looked, LookOrder, reference
from runtime.names import BULLETIN, WATCHDOG, bulletin_id
from workflows.reading import NOTHING

LOOK_TAKES = timedelta(minutes=2)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=20))


@workflow.defn(name=WATCHDOG)
class WatchdogWorkflow:
    """Its result is what it saw."""

    @workflow.run
    async def run(self, _: RawValue = NOTHING) -> dict[str, JsonValue]:
        looked = await workflow.execute_activity(
            LOOK_FROM_OUTSIDE,
            LookOrder(now=workflow.now()),
            result_type=Looked,
            start_to_close_timeout=LOOK_TAKES,
            schedule_to_close_timeout=LOOK_TAKES * 2,
            retry_policy=RETRY,
        )
        workflow.set_current_details(_details(looked))
        if looked.well:
            await self._say_all_is_well()
        else:
            await self._tell_the_operators(looked)
        return looked.model_dump(mode="json")

    async def _tell_the_operators(self, looked: Looked) -> None:
        told = reference(looked)
        try:
            await workflow.start_child_workflow(
                BULLETIN,
                Bulletin(
                    reference=told,
                    duty="tell.watchdog",
                    rule="R28",
                    to=(To(who=Audience.OPERATOR),),
                    words=about_trouble(looked),
                ),
                id=bulletin_id(told),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=ParentClosePolicy.ABANDON,
            )
        except WorkflowAlreadyStartedError:
            return  # told today

    async def _say_all_is_well(self) -> None:
        """A switch that cannot be reached is no trouble of the incidents': it will be missed where it is watched."""
        try:
            await workflow.execute_activity(
                SAY_ALL_IS_WELL,
                start_to_close_timeout=timedelta(seconds=12),
                schedule_to_close_timeout=timedelta(minutes=1),
                retry_policy=RETRY,
            )
        except ActivityError as failed:
            workflow.logger.warning("the dead man's switch was not reached: %s", failed.cause)


def _details(looked: Looked) -> str:
    """Numbers and ids, in both languages."""
    if looked.well:
        return f"一切正常，未结 {looked.open} 件 · All is well; {looked.open} open"
    return "\n".join(
        f"- {found.trouble}: {', '.join(found.ids)}{' …' if found.more else ''}" for found in looked.findings
    )
