"""Every ending is an exit code and a sentence, never a traceback (contract, section 1)."""

import os
import subprocess
import sys
from collections.abc import Sequence

import click
import pytest

from plan.errors import Conflict, Malformed, Misconfigured, NoSuchIncident, Refused, TocsinError, Unreachable
from starter.door import guarded
from starter.main import COMMANDS
from starter.options import language
from tests.cli.conftest import ROOT, Tocsin


def ending(error: BaseException) -> int:
    def run(arguments: Sequence[str]) -> int:
        raise error

    return guarded(run, ["--json"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused("no", rule="R20"), 1),
        (Conflict("other content"), 1),
        (Malformed("not readable"), 2),
        (Misconfigured("a file", faults=["a:1: x"]), 2),
        (Unreachable("away"), 3),
        (NoSuchIncident("nobody"), 4),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (click.exceptions.Exit(0), 0),
    ],
)
def test_each_ending_has_its_exit_code(error: BaseException, code: int) -> None:
    assert ending(error) == code


def test_an_error_is_one_json_document_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(Refused("resolved was not accepted", rule="R20")) == 1
    told = capsys.readouterr()
    assert '"rule": "R20"' in told.out
    assert "resolved was not accepted" in told.err


def test_a_fault_of_our_own_says_so_without_its_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "en")
    assert ending(ValueError("张三 13900000000")) == 2
    told = capsys.readouterr()
    assert "fault of Tocsin" in told.err
    assert "ValueError" in told.err
    assert "张三" not in told.out + told.err
    assert "Traceback" not in told.err


def test_every_error_of_the_tree_has_a_label(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(TocsinError("something")) == 2
    assert "something" in capsys.readouterr().err


def test_an_unknown_command_is_a_usage_error_that_names_the_near_one(tocsin: Tocsin) -> None:
    said = tocsin("shwo", "X-1")
    assert said.code == 2
    assert "Did you mean show?" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    "arguments", [("show",), ("tell", "X-1"), ("list", "--status", "lost"), ("--lang", "fr", "list")]
)
def test_what_cannot_be_read_is_a_usage_error(tocsin: Tocsin, arguments: tuple[str, ...]) -> None:
    assert tocsin(*arguments).code == 2


@pytest.mark.parametrize(
    "arguments",
    [("show", "X-1"), ("timeline", "X-1"), ("list",), ("tell", "X-1", "noted", "--set", "text=a", "--by", "gd.work")],
)
def test_no_temporal_is_exit_code_3(tocsin: Tocsin, arguments: tuple[str, ...]) -> None:
    said = tocsin(*arguments)
    assert said.code == 3
    assert "127.0.0.1:1" in said.err
    assert "Traceback" not in said.err


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, check=False
    )


def test_help_does_not_wait_for_temporals_library() -> None:
    script = (
        "import sys\nfrom starter.main import run\nfrom starter.door import guarded\n"
        "code = guarded(run, ['--help'])\nassert code == 0\nassert 'temporalio' not in sys.modules\n"
    )
    done = python("-c", script)
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert name.encode() in done.stdout


def test_every_command_has_help(tocsin: Tocsin) -> None:
    for name in COMMANDS:
        said = tocsin(name, "--help")
        assert (said.code, said.err) == (0, "")
        assert "--json" in said.out


def test_a_closed_pipe_is_no_traceback() -> None:
    script = "import os, sys\nr, w = os.pipe()\nos.close(r)\nos.dup2(w, 1)\nsys.argv = ['tocsin', 'schema', 'fact']\n"
    done = python("-c", script + "from starter.main import main\nmain()\n")
    assert (done.returncode, done.stderr) == (141, b"")


def test_characters_a_terminal_cannot_show_never_end_the_program() -> None:
    done = python("-m", "starter.main", "contacts", "gd-gz-th-0001", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_language_is_what_was_said_else_the_locales_else_chinese() -> None:
    assert language("en", {"LANG": "zh_CN.UTF-8"}) == "en"
    assert language(None, {"TOCSIN_LANG": "en", "LANG": "zh_CN.UTF-8"}) == "en"
    assert language(None, {"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}) == "en"
    assert language(None, {"LANG": "C.UTF-8"}) == "zh"
    assert language(None, {}) == "zh"
