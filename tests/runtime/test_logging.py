"""What the log holds at its finest: never a payload, and no address of a robot (R29)."""

import logging
from collections.abc import Iterator

import pytest

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
