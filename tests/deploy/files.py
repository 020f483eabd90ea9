"""The files of a deployment as the tests read them: plain YAML, the Dockerfile's instructions, settings by name."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, Field
from ruamel.yaml import YAML

ROOT: Final = Path(__file__).parents[2]
COMPOSE: Final = ROOT / "docker-compose.yml"
DOCKERFILE: Final = ROOT / "Dockerfile"
SCHEMA: Final = ROOT / "deploy/temporal/schema.sh"
ENVIRONMENT: Final = {
    "POSTGRES_PASSWORD": "for-this-test-only",
    "RECORDS_PASSWORD": "for-this-test-too",
    "ERASER_PASSWORD": "for-this-test-as-well",
    "TOCSIN_CONFIG": "./playbooks",
    "TOCSIN_SECRETS": "./s",
}
"""What an operator sets, for the loader."""


class Health(BaseModel):
    test: list[str] = []
    disable: bool = False


class Needs(BaseModel):
    condition: str


class Limits(BaseModel):
    cpus: str
    memory: str


class Resources(BaseModel):
    limits: Limits


class Deploy(BaseModel):
    replicas: int = 1
    resources: Resources


class Logging(BaseModel):
    driver: str
    options: dict[str, str]


class Mount(BaseModel):
    type: str
    source: str
    target: str
    read_only: bool = False


class Secret(BaseModel):
    source: str
    target: str


class SecretFile(BaseModel):
    file: str


class Network(BaseModel):
    internal: bool = False


class Service(BaseModel):
    """Of a service, what a test asks for. What must not be forgotten has no default."""

    image: str
    build: str | None = None
    pull_policy: str = "missing"
    restart: str
    profiles: list[str] = []
    entrypoint: list[str] = []
    command: list[str] = []
    environment: dict[str, str] = {}
    ports: list[str] = []
    volumes: list[str | Mount] = []
    secrets: list[Secret] = []
    networks: list[str]
    depends_on: dict[str, Needs] = {}
    healthcheck: Health | None = None
    stop_grace_period: str | None = None
    logging: Logging
    security_opt: list[str]
    deploy: Deploy


class Compose(BaseModel):
    name: str
    services: dict[str, Service]
    networks: dict[str, Network]
    volumes: dict[str, dict[str, str]]
    secrets: dict[str, SecretFile]


class Setting(BaseModel):
    """One value of the server's dynamic configuration."""

    value: int
    constraints: dict[str, str] = Field(max_length=0)


def compose() -> Compose:
    return Compose.model_validate(yaml(COMPOSE))


def yaml(path: Path) -> object:
    loaded: object = YAML(typ="safe").load(path)  # pyright: ignore[reportUnknownMemberType]
    return loaded


def instructions(kind: str) -> list[str]:
    """The arguments of every such instruction of the Dockerfile, continued lines joined."""
    joined = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.removeprefix(kind).strip() for line in joined.splitlines() if re.match(rf"{kind}\s", line)]


def ran(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """A program that has run to its end, with what it said."""
    return subprocess.run(  # noqa: S603 (programs and files of ours)
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )


def copied() -> list[str]:
    """What the Dockerfile takes from the checkout."""
    lines = [line.split() for line in instructions("COPY") if not line.startswith("--from")]
    return [source for *sources, _ in lines for source in sources]
