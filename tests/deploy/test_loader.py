"""The compose file as the Compose specification's own loader sees it: the code that `docker compose` is made of.

Needs Go and, the first time, its modules; the program is kept under .cache/, ignored by git. Skipped without them.
"""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
from pydantic import BaseModel

from tests.deploy.files import COMPOSE, ENVIRONMENT, ROOT, ran

SOURCE: Final = ROOT / "tests/deploy/loader"
GO: Final = shutil.which("go")


class Port(BaseModel):
    host_ip: str


class Loaded(BaseModel):
    ports: list[Port] = []
    environment: dict[str, str] = {}


class Project(BaseModel):
    name: str
    services: dict[str, Loaded]


@pytest.fixture(scope="module")
def loader() -> Path:
    """The program, built from the modules whose hashes stand in go.sum."""
    if GO is None:
        pytest.skip("there is no Go here; the compose file's loader is written in it")
    content = b"".join((SOURCE / name).read_bytes() for name in ("main.go", "go.mod", "go.sum"))
    program = ROOT / ".cache/compose-loader" / hashlib.sha256(content).hexdigest()[:16]
    if not program.exists():
        fetched = _go("mod", "download")
        if fetched.returncode:
            pytest.skip(f"the loader's modules cannot be had: {fetched.stderr.strip()[-300:]}")
        built = _go("build", "-buildvcs=false", "-o", str(program), ".")
        assert not built.returncode, built.stderr
    return program


def _go(*arguments: str) -> subprocess.CompletedProcess[str]:
    """With the Go that is installed: another toolchain would be a download of its own."""
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    return ran([str(GO), *arguments], environment, SOURCE)


@pytest.mark.slow
def test_the_file_is_what_the_specification_says(loader: Path) -> None:
    loaded = ran([loader, COMPOSE], ENVIRONMENT)
    assert not loaded.returncode, loaded.stderr
    project = Project.model_validate(json.loads(loaded.stdout))
    assert project.name == "tocsin"
    ours = {"records", "prepare", "worker", "gateway", "tocsin"}
    assert set(project.services) == {"postgres", "schema", "temporal", "ui"} | ours
    assert {port.host_ip for service in project.services.values() for port in service.ports} == {"127.0.0.1"}
    assert project.services["temporal"].environment["POSTGRES_PWD"] == ENVIRONMENT["POSTGRES_PASSWORD"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ENVIRONMENT)
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_not_set_is_named_before_anything_starts(loader: Path, name: str, value: str | None) -> None:
    environment = {key: said for key, said in {**ENVIRONMENT, name: value}.items() if said is not None}
    loaded = ran([loader, COMPOSE], environment)
    assert loaded.returncode == 1
    assert f"required variable {name} is missing a value: set it in .env" in loaded.stderr
