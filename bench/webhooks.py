"""A scene whose people are reached by webhook, everybody at an address of their own of one receiver.

async with Webhooks(folder, outlets=3) as scene:
    await scene.worker()
    ids = await scene.filed(scene.crises(10, "A"))
    assert (await scene.verdict(ids, within=30)).whole
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import town
from bench.receiving import Arrival, Receiving
from bench.scene import Change, Scene, as_it_is


@dataclass(frozen=True)
class Verdict:
    """Of the notices of some incidents: what those say became of them, held against what the receiver has seen."""

    notices: int
    delivered: int
    failed: int
    open: int
    """Still on their way."""
    untaken: int
    """Called delivered, but no request of theirs was answered yes while the caller was still there."""
    again: int
    """Keys that came more than once."""
    twice: int
    """Keys that were taken more than once: the receiver tells the repeat by the key."""
    differing: int
    """Keys that came with different content."""

    @property
    def whole(self) -> bool:
        """Nothing lost, nothing open, nothing different under one key."""
        return self.notices == self.delivered + self.failed and not self.untaken and not self.differing

    @property
    def lost(self) -> int:
        return self.untaken + self.open


class Webhooks(Scene):
    def __init__(self, folder: Path, *, outlets: int = 3, change: Change = as_it_is) -> None:
        super().__init__(folder, outlets=outlets, change=change)
        self.receiver = Receiving(folder)

    async def ways(self, opening: AsyncExitStack) -> town.Ways:
        await opening.enter_async_context(self.receiver)
        return lambda person: [{"channel": "webhook", "to": f"{self.receiver.url}/{person}", "audience": "personal"}]

    async def verdict(self, incident_ids: Sequence[str], *, within: float) -> Verdict:
        """Once none of their notices is on its way any more, or after so many seconds."""
        views = await self.at_rest(incident_ids, within=within)
        came = self.receiver.by_key()
        notices = [(incident, notice) for incident, view in views.items() for notice in view["notices"]]
        states = Counter(notice["state"] for _, notice in notices)
        said = [
            f"{incident}/{notice['notice_id']}/{notice['channel']}"
            for incident, notice in notices
            if notice["state"] == "delivered"
        ]
        ours = {key: attempts for key, attempts in came.items() if key.partition("/")[0] in views}
        return Verdict(
            notices=len(notices),
            delivered=states["delivered"],
            failed=states["failed"],
            open=len(notices) - states["delivered"] - states["failed"],
            untaken=sum(not any(attempt.taken for attempt in came.get(key, ())) for key in said),
            again=sum(len(attempts) > 1 for attempts in ours.values()),
            twice=sum(sum(attempt.taken for attempt in attempts) > 1 for attempts in ours.values()),
            differing=sum(len({attempt.said for attempt in attempts}) > 1 for attempts in ours.values()),
        )


def started(arrivals: Iterable[Arrival]) -> dict[str, float]:
    """When each incident's first request of all came."""
    found: dict[str, float] = {}
    for arrival in arrivals:
        found.setdefault(arrival.key.partition("/")[0], arrival.at)
    return found


def first(arrivals: Iterable[Arrival], duty: str) -> dict[str, float]:
    """When each incident's first request of a duty came; a duty with a dot at the end is all that begin so."""
    found: dict[str, float] = {}
    for arrival in arrivals:
        incident_id, _, notice = arrival.key.partition("/")
        if notice.startswith(duty if duty.endswith(".") else f"{duty}~"):
            found.setdefault(incident_id, arrival.at)
    return found
