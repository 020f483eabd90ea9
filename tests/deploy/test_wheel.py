"""The wheel holds the whole program with its playbooks, and nothing that only this checkout needs."""

import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.version import Version

from tests.deploy.files import ROOT, ran

NOT_THE_PROJECT = (".git", ".venv", ".cache", ".tocsin", ".hypothesis", "__pycache__", "*_cache", "*.egg-info", "build")
ROOMS = ("plan", "runtime", "activities", "workflows", "starter", "playbooks")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """Built from a copy, as a build leaves its own files behind."""
    if Version(version("setuptools")) < Version("77"):
        pytest.skip("setuptools is older than the build needs; `make setup` brings the one of the lock")
    source, built = tmp_path_factory.mktemp("source") / "tocsin", tmp_path_factory.mktemp("built")
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*NOT_THE_PROJECT))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-index"]
    command += ["--no-build-isolation", "--no-deps", f"--wheel-dir={built}", str(source)]
    made = ran(command)
    assert not made.returncode, made.stderr
    return ZipFile(next(built.glob("tocsin-*.whl")))


@pytest.mark.slow
def test_every_module_and_every_file_of_the_playbooks_is_in_it(wheel: ZipFile) -> None:
    modules = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    data = [file for file in (ROOT / "playbooks").rglob("*") if file.suffix in (".yaml", ".json", ".md")]
    wanted = {file.relative_to(ROOT).as_posix() for file in (*modules, *data)} | {"worker.py"}
    assert {"playbooks/playbook.yaml", "playbooks/organisation.yaml", "playbooks/wording/zh.yaml"} <= wanted
    assert wanted - set(wheel.namelist()) == set()


@pytest.mark.slow
def test_nothing_else_is_in_it(wheel: ZipFile) -> None:
    tops = {Path(name).parts[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {*ROOMS, "worker.py"}


@pytest.mark.slow
def test_it_brings_the_command(wheel: ZipFile) -> None:
    points = next(name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
    assert "tocsin = starter.main:main" in wheel.read(points).decode()
