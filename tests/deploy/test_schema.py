"""The schema job with a stand-in for Temporal's tool, which writes down how it was called."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.files import SCHEMA, compose, ran

CONNECTION = dict.fromkeys(compose().services["schema"].environment, "x")
STAND_IN = """#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in *"$FAILS_AT"*) exit 1 ;; esac
"""


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text(STAND_IN)
    tool.chmod(0o755)
    return tmp_path / "calls"


def _run(calls: Path, connection: dict[str, str], fails_at: str = "nothing") -> subprocess.CompletedProcess[str]:
    path = f"{calls.parent}{os.pathsep}{os.defpath}"
    environment = {"PATH": path, "CALLS": str(calls), "FAILS_AT": fails_at, **connection}
    return ran(["/bin/sh", SCHEMA], environment)


def test_both_databases_are_made_set_up_and_updated_in_this_order(calls: Path) -> None:
    assert _run(calls, CONNECTION).returncode == 0
    assert calls.read_text().splitlines() == [
        "--db temporal create --defaultdb postgres",
        "--db temporal setup-schema -v 0.0",
        "--db temporal update-schema --schema-name postgresql/v12/temporal",
        "--db temporal_visibility create --defaultdb postgres",
        "--db temporal_visibility setup-schema -v 0.0",
        "--db temporal_visibility update-schema --schema-name postgresql/v12/visibility",
    ]


@pytest.mark.parametrize("step", ["create", "setup-schema", "update-schema"])
def test_a_step_that_fails_ends_it_so_that_no_server_starts(calls: Path, step: str) -> None:
    assert _run(calls, CONNECTION, fails_at=step).returncode == 1
    assert step in calls.read_text().splitlines()[-1]


@pytest.mark.parametrize("name", CONNECTION)
def test_without_a_variable_it_names_it_and_does_nothing(calls: Path, name: str) -> None:
    refused = _run(calls, {**CONNECTION, name: ""})
    assert refused.returncode != 0
    assert name in refused.stderr
    assert not calls.exists()


def test_it_is_plain_posix_shell() -> None:
    assert SCHEMA.read_text().startswith("#!/bin/sh\n")
    checker = shutil.which("shellcheck")
    command = [checker, "--shell=sh"] if checker else ["/bin/sh", "-n"]
    checked = ran([*command, SCHEMA])
    assert not checked.returncode, checked.stdout + checked.stderr
