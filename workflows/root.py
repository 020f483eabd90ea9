"""The root of the day, made by a schedule (R62): its result is the signed root, for whoever is to keep it."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy

from activities.names import MAKE_ROOT
from runtime.names import ROOT
from workflows.reading import NOTHING

TAKES = timedelta(minutes=30)
AT_MOST = timedelta(hours=20)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=10))


@workflow.defn(name=ROOT)
class RootWorkflow:
    """Tried all day while the store is away; a day without a root leaves a gap that anybody sees."""

    @workflow.run
    async def run(self, _: RawValue = NOTHING) -> dict[str, Any]:
        signed: dict[str, Any] = await workflow.execute_activity(
            MAKE_ROOT,
            start_to_close_timeout=TAKES,
            heartbeat_timeout=timedelta(minutes=2),
            schedule_to_close_timeout=AT_MOST,
            retry_policy=RETRY,
            summary="当日总根",
        )
        root = signed["root"]
        workflow.set_current_details(f"{root['day']} · {root['leaves']} 份记录 · records · {root['root']}")
        return signed
