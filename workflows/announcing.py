"""Telling what belongs to no incident: a bulletin of its own, begun once and left to itself (plan/bulletin.py)."""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from plan.bulletin import Bulletin
from runtime.names import BULLETIN, bulletin_id


async def announce(bulletin: Bulletin) -> bool:
    """Begin it; False where the same was told before."""
    try:
        await workflow.start_child_workflow(
            BULLETIN,
            bulletin,
            id=bulletin_id(bulletin.reference),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            parent_close_policy=ParentClosePolicy.ABANDON,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True
