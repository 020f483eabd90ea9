"""The day's erasing of what is past its term, made by a schedule (PIPL; R62): some incidents at a time, until none."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy

from activities.names import ERASE_EXPIRED
from runtime.names import RETENTION
from workflows.reading import NOTHING

TAKES = timedelta(minutes=10)
AT_MOST = timedelta(hours=20)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=10))
ROUNDS = 200
"""Of a hundred incidents each; the next day goes on."""


@workflow.defn(name=RETENTION)
class RetentionWorkflow:
    """Its result says how many were erased, and how many are open again and keep their words."""

    @workflow.run
    async def run(self, _: RawValue = NOTHING) -> dict[str, Any]:
        erased, still_open, after = 0, 0, ""
        for _round in range(ROUNDS):
            answer: dict[str, Any] = await workflow.execute_activity(
                ERASE_EXPIRED,
                {"after": after},
                start_to_close_timeout=TAKES,
                heartbeat_timeout=timedelta(minutes=1),
                schedule_to_close_timeout=AT_MOST,
                retry_policy=RETRY,
                summary="到期删除",
            )
            erased, still_open = erased + answer["erased"], still_open + answer["open"]
            workflow.set_current_details(f"已删除 {erased} 件 · {erased} erased")
            if answer["after"] is None:
                break
            after = answer["after"]
        return {"erased": erased, "open": still_open}
