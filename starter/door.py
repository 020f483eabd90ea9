"""The outer door of the command line: every ending is an exit code and a sentence, never a traceback.

Exit codes (contract, section 1): 0 done, 1 refused by the plan, 2 usage or malformed input (also a fault of Tocsin's
own), 3 Temporal unreachable, 4 no such incident. Ctrl-C ends quietly with 130, a closed pipe with 141, as shells do.
"""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from itertools import pairwise

import click

from plan.errors import Conflict, Malformed, Misconfigured, NoSuchIncident, Refused, TocsinError, Unreachable
from starter.options import language
from starter.output import forgive, say_error, say_json
from starter.words import Lang, either

INTERRUPTED = 130
PIPE_CLOSED = 141
_FAULT = 2


def guarded(run: Callable[[Sequence[str]], int], arguments: Sequence[str]) -> int:
    """Run the command line and turn whatever happens into an exit code."""
    forgive()
    try:
        code = run(arguments)
        sys.stdout.flush()
        return code
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except click.ClickException as wrong:
        return _usage(wrong, arguments)
    except TocsinError as error:
        return _told(error, arguments)
    except Exception as error:  # noqa: BLE001 (the outer door: no traceback reaches a user)
        return _own_fault(error, arguments)


def _told(error: TocsinError, arguments: Sequence[str]) -> int:
    lang = _language(arguments)
    say_error(f"{_label(error, lang)}: {error}")
    rule = error.rule if isinstance(error, Refused) else None
    _document(arguments, type(error).__name__, str(error), error.exit_code, rule=rule)
    return error.exit_code


def _usage(wrong: click.ClickException, arguments: Sequence[str]) -> int:
    if isinstance(wrong, click.exceptions.NoArgsIsHelpError):
        say_error(wrong.format_message())
        return wrong.exit_code
    help_line = ""
    if isinstance(wrong, click.UsageError) and wrong.ctx is not None:
        help_line = f"\n  {wrong.ctx.command_path} --help"
    say_error(f"{either(_language(arguments), '用法有误', 'Usage')}: {wrong.format_message()}{help_line}")
    _document(arguments, "Usage", wrong.format_message(), wrong.exit_code)
    return wrong.exit_code or _FAULT


def _own_fault(error: Exception, arguments: Sequence[str]) -> int:
    """Only the kind of the fault is printed: its text may hold what a customer said."""
    if os.environ.get("TOCSIN_DEBUG") == "1":
        traceback.print_exception(error)
    zh = "这是 Tocsin 自身的错误，请上报；设 TOCSIN_DEBUG=1 再运行可见详情"
    en = "This is a fault of Tocsin itself, please report it; run again with TOCSIN_DEBUG=1 for its details"
    sentence = f"{either(_language(arguments), zh, en)} ({type(error).__name__})"
    say_error(sentence)
    _document(arguments, "Fault", sentence, _FAULT)
    return _FAULT


def _document(arguments: Sequence[str], kind: str, message: str, code: int, rule: str | None = None) -> None:
    if "--json" in arguments:
        say_json({"error": {"type": kind, "message": message, "rule": rule, "exit_code": code}})


def _label(error: TocsinError, lang: Lang) -> str:
    labels: dict[type[TocsinError], tuple[str, str]] = {
        Conflict: ("内容冲突", "Conflict"),
        Refused: ("未被接受", "Refused"),
        Malformed: ("输入有误", "Malformed"),
        NoSuchIncident: ("没有这一事件", "No such incident"),
        Unreachable: ("连不上 Temporal，或没有工作进程应答", "Unreachable"),
        Misconfigured: ("配置有误", "Misconfigured"),
    }
    return either(lang, *labels.get(type(error), ("错误", "Error")))


def _language(arguments: Sequence[str]) -> Lang:
    """What was asked for, even where the arguments as a whole could not be read."""
    said = [after for flag, after in pairwise(arguments) if flag == "--lang"]
    said += [argument.removeprefix("--lang=") for argument in arguments if argument.startswith("--lang=")]
    return language(said[-1] if said else None, os.environ)
