"""`python -m runtime.records upgrade|downgrade REVISION|revision`: the store's tables, by whoever owns the database.

Exit codes: 0 done, 2 usage or misconfigured, 3 the database does not answer.
"""

import sys

from sqlalchemy import Engine

from plan.errors import Misconfigured, TocsinError
from runtime.records.engine import engine_of, reached, store_url
from runtime.records.migrating import HEAD, downgrade, newest, revision, upgrade
from runtime.settings import Settings

USAGE = "Say what to do: python -m runtime.records upgrade, downgrade REVISION, or revision."


def main(words: list[str]) -> int:
    try:
        engine = engine_of(store_url(Settings()))
        with reached(engine):
            _do(engine, words)
    except TocsinError as failed:
        sys.stderr.write(f"{failed}\n")
        return failed.exit_code
    return 0


def _do(engine: Engine, words: list[str]) -> None:
    match words:
        case ["upgrade"]:
            upgrade(engine, HEAD)
        case ["downgrade", to]:
            downgrade(engine, to)
        case ["revision"]:
            pass
        case _:
            raise Misconfigured(USAGE)
    with engine.connect() as connection:
        sys.stdout.write(f"{revision(connection) or 'base'} (newest: {newest()})\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
