"""Golden histories replay offline, and come to what the incident said of itself when they were recorded.

When one of these fails, a change has broken incidents that are open in somebody's installation: keep the old way
behind the incident's `rules_version` (or a patch of Temporal's, for commands). Recording again is for the time before
the first tagged release: `python -m tests.replay.make --again NAME`.
"""

from pathlib import Path

import pytest

from plan.duties import Duty
from plan.guards import may_be_said_now
from plan.incident import Incident
from plan.playbook import Playbook
from plan.receipts import Refusal
from plan.told import Told
from tests.replay.golden import golden_settings, names, read
from tests.replay.replaying import no_longer_said, replay
from tests.replay.scenarios import SCENARIOS


@pytest.mark.rule("R62")
@pytest.mark.parametrize("name", names())
async def test_a_golden_history_comes_to_the_same_view_and_record(name: str, tmp_path: Path) -> None:
    golden = read(name)
    for run in golden.runs:
        replayed = await replay(run, golden_settings(tmp_path, golden.door_key))
        assert replayed.failure is None
        assert no_longer_said(run.view, replayed.view) == []
        assert replayed.head == run.head == run.view.get("head", "")
        assert replayed.fault is None


def test_every_scenario_has_its_golden_history() -> None:
    assert names() == sorted(SCENARIOS)


def test_a_recording_holds_no_trace_of_the_machine_it_was_made_on() -> None:
    for name in names():
        said = str(read(name).model_dump())
        assert "taskId" not in said
        assert "identity" not in said


async def test_a_changed_rule_is_noticed_although_the_replay_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK compares commands, and a fact that owes nobody a notice gives none: only view and head tell."""
    golden = read("crisis_in_time")
    monkeypatch.setattr("plan.check.may_be_said_now", _careless)
    replayed = await replay(golden.runs[0], golden_settings(tmp_path, golden.door_key))
    assert replayed.failure is None
    assert no_longer_said(golden.runs[0].view, replayed.view)
    assert replayed.head != golden.runs[0].head


async def test_a_changed_duty_does_not_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    golden = read("calmed_at_the_counter")
    monkeypatch.setattr("plan.book.duties", _nobody_told)
    replayed = await replay(golden.runs[0], golden_settings(tmp_path, golden.door_key))
    assert replayed.failure is not None


async def test_without_its_door_key_a_history_comes_to_another_record(tmp_path: Path) -> None:
    """A seal that does not open leaves the workflow's own time: a key must be kept as long as its histories."""
    golden = read("report_on_the_last_instant")
    replayed = await replay(golden.runs[0], golden_settings(tmp_path, "another:" + "00" * 32))
    assert replayed.head != golden.runs[0].head


def _nobody_told(*_: object) -> list[Duty]:
    return []


def _careless(incident: Incident, playbook: Playbook, told: Told) -> Refusal | None:
    """The rules after a careless change: one kind of fact, accepted in this history, is refused now."""
    if told.fact.kind == "police_contacted":
        return Refusal(rule="R41", reason="not any more")
    return may_be_said_now(incident, playbook, told)
