"""Where words go: answers to stdout, messages for people to stderr, one JSON document when it was asked for."""

import json
import sys
from io import TextIOWrapper
from typing import TextIO


def forgive() -> None:
    """A character that the terminal cannot show is written as its number, and never ends the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(line: str = "") -> None:
    """An answer."""
    _write(sys.stdout, line)


def say_error(line: str) -> None:
    """A message for a person, beside the answer."""
    _write(sys.stderr, line)


def say_json(document: object) -> None:
    """The one document of `--json`; escaped where the terminal is not UTF-8."""
    escaped = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    _write(sys.stdout, json.dumps(document, ensure_ascii=escaped, indent=2))


def _write(stream: TextIO, line: str) -> None:
    stream.write(line + "\n")
    stream.flush()
