"""The image holds the program and nothing else, installed from the lock, for a user who may do little."""

import re
import stat
import tomllib
from pathlib import PurePosixPath

from packaging.specifiers import SpecifierSet
from pydantic import BaseModel, Field

from tests.deploy.files import DOCKERFILE, ROOT, copied, instructions


class Find(BaseModel):
    include: list[str]


class Packages(BaseModel):
    find: Find


class Setuptools(BaseModel):
    py_modules: list[str] = Field(alias="py-modules")
    packages: Packages


class Tool(BaseModel):
    setuptools: Setuptools


class Metadata(BaseModel):
    requires_python: str = Field(alias="requires-python")


class Pyproject(BaseModel):
    project: Metadata
    tool: Tool


def pyproject() -> Pyproject:
    return Pyproject.model_validate(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))


def test_the_images_python_is_one_the_project_supports() -> None:
    bases = [line.split()[0] for line in instructions("FROM")]
    assert len(set(bases)) == 1
    found = re.fullmatch(r"python:(3\.\d+\.\d+)-slim-[a-z]+", bases[0])
    assert found
    assert found[1] in SpecifierSet(pyproject().project.requires_python)


def test_what_it_copies_exists() -> None:
    assert [source for source in copied() if not (ROOT / source).exists()] == []


def test_every_room_of_the_program_is_copied() -> None:
    setuptools = pyproject().tool.setuptools
    rooms = {name.rstrip("*") for name in setuptools.packages.find.include if (ROOT / name.rstrip("*")).is_dir()}
    modules = {f"{name}.py" for name in setuptools.py_modules}
    assert rooms | modules <= set(copied())


def test_the_builder_is_sent_only_what_is_copied() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"  # .git, .venv, .env, keys and state stay out because everything does
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(copied())
    again = {rule for rule in rules[1:] if not rule.startswith("!")}
    assert again == {"**/__pycache__", "**/.ruff_cache", "**/*.pyc"}


def test_packages_come_from_the_lock_by_hash_and_from_nowhere_else() -> None:
    fetching = [line for line in instructions("RUN") if "pip download" in line]
    assert len(fetching) == 1
    assert {"--require-hashes", "--only-binary=:all:", "--requirement=requirements.lock"} <= set(fetching[0].split())
    for step in " ".join(instructions("RUN")).split("&&"):
        if re.search(r"pip .*(install|wheel)", step) and "pip download" not in step:
            assert "--no-index" in step.split(), step


def test_the_last_stage_has_no_tools_and_no_root() -> None:
    last = DOCKERFILE.read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    assert not re.search(r"\bpip\b|apt-get|gcc|curl", last)
    user = instructions("USER")
    assert user == ["10001:10001"]
    assert f"chown {user[0]} deploy/secrets/" in (ROOT / "deploy/README.md").read_text(encoding="utf-8")
    assert "PYTHONUNBUFFERED=1" in " ".join(instructions("ENV")).split()
    assert instructions("CMD") == ['["tocsin", "worker"]']


def test_the_scripts_it_names_are_in_it() -> None:
    named = set(re.findall(r"/opt/tocsin/deploy/(\w+\.py)", DOCKERFILE.read_text(encoding="utf-8")))
    named |= set(re.findall(r"/opt/tocsin/deploy/(\w+\.py)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    assert named == {PurePosixPath(source).name for source in copied() if source.startswith("deploy/")}


def test_another_user_can_read_what_is_mounted() -> None:
    for file in (ROOT / "deploy/temporal").iterdir():
        assert file.stat().st_mode & stat.S_IROTH, file
