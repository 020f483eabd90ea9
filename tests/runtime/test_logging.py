"""What the log holds: never a payload, no address of a robot (R29), and one line for each attempt that failed."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from runtime.logging import configure

NAMES = ("", "temporalio", "httpx")


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, levels = list(root.handlers), {name: logging.getLogger(name).level for name in NAMES}
    root.handlers.clear()  # closed by `configure` otherwise
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.rule("R29")
def test_at_debug_the_engine_does_not_log_what_activities_answer(capsys: pytest.CaptureFixture[str]) -> None:
    configure("debug")
    logging.getLogger("runtime").debug("ours")
    logging.getLogger("temporalio.worker._activity").debug("a payload")
    logging.getLogger("httpx").info("an address with a key")
    said = capsys.readouterr()
    assert "ours" in said.err
    assert "payload" not in said.err
    assert "address" not in said.err
    assert said.out == ""


def test_a_coarser_level_holds_for_the_engine_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure("error")
    logging.getLogger("temporalio").warning("a task failed")
    assert capsys.readouterr().err == ""


ABOUT = {
    "activity_type": "deliver_notice",
    "attempt": 2,
    "workflow_id": "incident/GD-1",
    "task_queue": "tocsin.deliver",
}
UNREACHED = RPCError("tcp connect error to 10.0.0.7", RPCStatusCode.UNAVAILABLE, b"")


def logged(failed: BaseException, capsys: pytest.CaptureFixture[str]) -> str:
    """What is left on the terminal of an attempt that failed, as the engine logs it."""
    configure("warning")
    try:
        raise failed
    except BaseException:
        logging.getLogger("temporalio.activity").warning(
            "Completing activity as failed (%s)", ABOUT, exc_info=True, extra={"temporal_activity": ABOUT}
        )
    return capsys.readouterr().err


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("failed", "said"),
    [
        (
            ApplicationError("It gave no answer.\nIt is tried again.", type="ChannelUnavailable"),
            "and is tried again (incident/GD-1): ChannelUnavailable: It gave no answer. It is tried again.",
        ),
        (
            ApplicationError("Too many.", type="ChannelBusy", next_retry_delay=timedelta(seconds=60)),
            "and is tried again in 60 s (incident/GD-1): ChannelBusy: Too many.",
        ),
        (
            ApplicationError("They have left.", type="PersonLeft", non_retryable=True),
            "and is not tried again (incident/GD-1): PersonLeft: They have left.",
        ),
        (ApplicationError("No."), "and is tried again (incident/GD-1): Failed: No."),
        (UNREACHED, "and is tried again (incident/GD-1): Temporal answered UNAVAILABLE."),
        (TimeoutError(), "and is tried again (incident/GD-1): There was no answer in time."),
        (asyncio.CancelledError(), "and is tried again (incident/GD-1): It was broken off, for this worker stops."),
    ],
    ids=["unavailable", "busy", "for good", "untyped", "no Temporal", "no answer", "stopping"],
)
def test_an_attempt_that_failed_is_one_line_that_says_what_why_and_what_comes_next(
    failed: BaseException, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = logged(failed, capsys)
    assert line.endswith(f" WARNING temporalio.activity: deliver_notice failed at attempt 2 {said}\n")
    assert line.count("\n") == 1
    assert "10.0.0.7" not in line


def test_what_an_attempt_failed_of_is_not_told_again_as_its_cause(capsys: pytest.CaptureFixture[str]) -> None:
    failed = ApplicationError("No connection.", type="ChannelUnavailable")
    failed.__cause__ = OSError("connect to 10.0.0.7")
    assert "10.0.0.7" not in logged(failed, capsys)


def test_a_fault_of_ours_keeps_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    said = logged(KeyError("channels"), capsys)
    assert "Traceback (most recent call last)" in said
    assert "KeyError" in said


def test_whoever_else_reads_the_record_still_finds_the_traceback(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    configure("warning")
    logging.getLogger().addHandler(caplog.handler)
    logged_before = caplog.text
    try:
        raise ApplicationError("No.", type="ChannelRefused", non_retryable=True)
    except ApplicationError:
        logging.getLogger("temporalio.activity").warning("x", exc_info=True, extra={"temporal_activity": ABOUT})
    assert "Traceback" in caplog.text.removeprefix(logged_before)
    assert "Traceback" not in capsys.readouterr().err
