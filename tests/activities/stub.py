"""The least an incident can be: it answers `submit`, and ends with the state it is told to end with."""

from typing import Any

from temporalio import workflow

from runtime.names import INCIDENT, SUBMIT


@workflow.defn(name=INCIDENT)
class StubIncident:
    """Started with `ended_with`, it ends at once. Its state is what it was started with and every envelope it got."""

    @workflow.init
    def __init__(self, start: dict[str, Any]) -> None:
        self._start = start
        self._told: list[dict[str, Any]] = []

    @workflow.run
    async def run(self, start: dict[str, Any]) -> dict[str, Any]:
        sequence = start.get("ended_with")
        if sequence is None:
            await workflow.wait_condition(lambda: any(each["fact"]["kind"] == "closed" for each in self._told))
        state = {"start": self._start, "told": self._told, "sequence": sequence}
        return {"incident_id": start.get("incident_id"), "sequence": sequence or len(self._told), "state": state}

    @workflow.update(name=SUBMIT)
    async def submit(self, envelope: dict[str, Any]) -> dict[str, Any]:
        self._told.append(envelope)
        return {"fact_id": envelope["fact"]["fact_id"], "state": "accepted", "accepted": True, "sequence": 1}

    @workflow.query
    def told(self) -> list[dict[str, Any]]:
        return self._told

    @workflow.query
    def started_with(self) -> dict[str, Any]:
        return self._start
