"""A small workflow in the incident's place: it takes whatever it is told, counts a fact once, and writes it down."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from temporalio import workflow
from temporalio.common import RawValue

from runtime.names import INCIDENT, OPEN_SEAL, RECORD, REVEAL, SUBMIT, VIEW

NOTHING: Any = None


@workflow.defn(name=INCIDENT)
class Small:
    @workflow.init
    def __init__(self, start: dict[str, Any]) -> None:
        self._start = start
        self._said: list[dict[str, Any]] = []
        self._unreadable: list[str] = []
        self._ready = "stalls" not in start["incident_id"]

    @workflow.run
    async def run(self, start: dict[str, Any]) -> dict[str, Any]:
        await workflow.wait_condition(lambda: any(told["kind"] == "closed" for told in self._said) or self._next_run)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return {"said": self._said, "start": self._start}

    @workflow.update(name=SUBMIT)
    async def submit(self, message: RawValue = NOTHING) -> dict[str, Any]:
        await workflow.wait_condition(lambda: self._ready)
        return self._take(message)

    @workflow.update(name=REVEAL)
    async def reveal(self, message: RawValue = NOTHING) -> dict[str, Any]:
        return {"start": self._start}

    @workflow.signal(name=RECORD)
    def record(self, message: RawValue = NOTHING) -> None:
        self._take(message)

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self._unreadable.append(name)

    @workflow.update(dynamic=True)
    async def unknown_update(self, name: str, args: Sequence[RawValue]) -> dict[str, Any]:
        self._unreadable.append(name)
        return {"fact_id": "", "state": "refused"}

    @workflow.query(name=VIEW)
    def view(self, message: RawValue = NOTHING) -> dict[str, Any]:
        return {"said": self._said, "unreadable": self._unreadable, "start": self._start}

    @property
    def _next_run(self) -> bool:
        return bool(self._start.get("resumes"))

    def _take(self, message: Any) -> dict[str, Any]:
        try:
            told = (
                workflow.payload_converter().from_payload(message.payload) if isinstance(message, RawValue) else message
            )
            fact = told["fact"]
        except Exception as unreadable:  # noqa: BLE001 - what cannot be read is written down
            self._unreadable.append(type(unreadable).__name__)
            return {"fact_id": "", "state": "refused"}
        if any(before["fact_id"] == fact["fact_id"] for before in self._said):
            return {"fact_id": fact["fact_id"], "state": "duplicate", "duplicate": True}
        opened = cast(Mapping[str, Callable[..., bool]], workflow.extern_functions())  # pyright: ignore[reportUnknownMemberType]
        valid = opened[OPEN_SEAL](self._start["incident_id"], told)
        self._said.append({**fact, "received_at": told.get("received_at"), "sealed": valid})
        return {"fact_id": fact["fact_id"], "state": "accepted", "accepted": True, "sequence": len(self._said)}


LONG = timedelta(seconds=30)
"""More than anything takes on a loaded machine; only silence is waited out."""
