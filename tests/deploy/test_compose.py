"""The compose file keeps what an operator relies on: nothing public, unpinned or lost, and no secret in it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from plan.errors import Misconfigured
from runtime.embedded import DYNAMIC_CONFIG
from runtime.home import Home
from runtime.seals import keyring
from runtime.settings import PREFIX, Settings
from starter.gateway.serving import PORT
from tests.deploy.files import COMPOSE, ROOT, Service, Setting, compose, instructions, yaml

PINNED = re.compile(r"[a-z]+(/[a-z-]+)?:\d+\.\d+(\.\d+)?(-[a-z-]+)?")
"""A version to the last number, and no registry's host before it."""
SERVICES = compose().services
LONG_RUNNING = [name for name, service in SERVICES.items() if service.restart != "no"]
ONE_SHOTS = [name for name, service in SERVICES.items() if service.restart == "no" and not service.profiles]
OURS = [name for name, service in SERVICES.items() if service.image.startswith("tocsin:")]


def test_there_is_all_that_an_installation_needs() -> None:
    assert LONG_RUNNING == ["postgres", "temporal", "ui", "worker", "gateway"]
    assert ONE_SHOTS == ["schema", "records", "prepare"]
    assert SERVICES["worker"].deploy.replicas == 2


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_what_runs_says_how_it_is(name: str) -> None:
    service = SERVICES[name]
    assert service.restart == "unless-stopped"
    assert service.build or (service.healthcheck and service.healthcheck.test)
    if service.build:
        assert len(instructions("HEALTHCHECK")) == 1
        assert service.healthcheck is None


@pytest.mark.parametrize("name", ONE_SHOTS)
def test_what_runs_once_is_waited_for_to_its_good_end(name: str) -> None:
    waiting = [service.depends_on[name].condition for service in SERVICES.values() if name in service.depends_on]
    assert set(waiting) == {"service_completed_successfully"}
    health = SERVICES[name].healthcheck
    assert health is None or health.disable


def test_nothing_starts_before_what_it_stands_on_is_ready() -> None:
    order = {name: {other: needs.condition for other, needs in SERVICES[name].depends_on.items()} for name in SERVICES}
    healthy, completed = "service_healthy", "service_completed_successfully"
    assert order == {
        "postgres": {},
        "schema": {"postgres": healthy},
        "temporal": {"postgres": healthy, "schema": completed},
        "records": {"postgres": healthy},
        "prepare": {"temporal": healthy, "records": completed},
        "ui": {"temporal": healthy},
        "worker": {"prepare": completed},
        "gateway": {"prepare": completed},
        "tocsin": {},
    }


def test_only_this_machine_can_connect_and_never_to_the_database() -> None:
    published = {name: service.ports for name, service in SERVICES.items() if service.ports}
    assert published == {
        "temporal": ["127.0.0.1:7233:7233"],
        "ui": ["127.0.0.1:8080:8080"],
        "gateway": ["127.0.0.1:8520:8520"],
    }
    assert compose().networks["database"].internal
    assert {name for name, service in SERVICES.items() if "database" in service.networks} == {
        "postgres",
        "schema",
        "temporal",
    }
    assert compose().networks["records"].internal
    assert {name for name, service in SERVICES.items() if "records" in service.networks} == {"postgres", *OURS}


def test_every_image_is_pinned_and_the_schema_is_the_servers() -> None:
    images = [service.image for service in SERVICES.values()] + [line.split()[0] for line in instructions("FROM")]
    assert [image for image in images if not PINNED.fullmatch(image)] == []
    assert SERVICES["schema"].image.partition(":")[2] == SERVICES["temporal"].image.partition(":")[2]


def test_our_image_is_built_here_under_the_projects_version() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert {SERVICES[name].image for name in OURS} == {f"tocsin:{_version(pyproject)}"}
    assert {SERVICES[name].pull_policy for name in OURS} == {"never"}
    assert [name for name in OURS if SERVICES[name].build] == ["worker"]


def _version(pyproject: str) -> str:
    found = re.search(r'^version = "(.+)"$', pyproject, re.MULTILINE)
    assert found
    return found[1]


def test_no_secret_stands_in_the_files() -> None:
    for service in SERVICES.values():
        for variable, value in service.environment.items():
            if re.search("PASSW|PWD|KEY|SECRET|TOKEN", variable):
                assert re.match(r"\$\{(POSTGRES|RECORDS|ERASER)_PASSWORD:\?", value)
            assert not re.search(r"://[^:/@]+:[^$@]+@", value), "an address with a password in it"
    assert all(secret.file.startswith("${TOCSIN_SECRETS:?") for secret in compose().secrets.values())
    example = (ROOT / "deploy/env.example").read_text(encoding="utf-8")
    assert re.search(r"^POSTGRES_PASSWORD=$", example, re.MULTILINE)
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {".env", "/deploy/secrets/"} <= set(ignored)


def test_what_must_be_set_stands_in_the_example_and_nothing_else() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text(encoding="utf-8")))
    example = (ROOT / "deploy/env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^(\w+)=", example, re.MULTILINE)) == required


@pytest.mark.parametrize("name", ["worker", "gateway", "tocsin"])
def test_the_keys_lie_where_the_program_looks_for_its_own(name: str) -> None:
    home = _home()
    assert {secret.target for secret in SERVICES[name].secrets} == {str(home.keys), str(home.person_key)}
    assert f"home:{home.path}" in SERVICES[name].volumes


def test_keys_made_as_the_guide_says_are_read_and_kept_from_others(tmp_path: Path) -> None:
    guide = (ROOT / "deploy/README.md").read_text(encoding="utf-8")
    assert '(umask 077; echo "k1:$(openssl rand -hex 32)" > deploy/secrets/door.keys)' in guide
    assert "(umask 077; openssl rand -hex 32 > deploy/secrets/person.key)" in guide
    home = Home(tmp_path)
    for path, made in ((home.keys, f"k1:{'a1' * 32}\n"), (home.person_key, f"{'b2' * 32}\n")):
        path.write_text(made, encoding="ascii")
        path.chmod(0o400)
    keys = keyring(Settings(home=tmp_path, door_keys=None, person_key=None))
    assert keys.sign("A-1", {}, "2026-11-24T01:12:00.000000Z", "cli")["key"] == "k1"
    home.keys.chmod(0o444)
    with pytest.raises(Misconfigured, match="chmod 600"):
        keyring(Settings(home=tmp_path, door_keys=None, person_key=None))


def _home() -> Home:
    found = re.search(r"TOCSIN_HOME=(\S+)", " ".join(instructions("ENV")))
    assert found
    return Home(Path(found[1]))


def test_every_setting_of_ours_is_one_the_program_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in (SERVICES["worker"].environment | SERVICES["gateway"].environment).items():
        if variable.startswith(PREFIX):
            assert variable.removeprefix(PREFIX).lower() in Settings.model_fields
            monkeypatch.setenv(variable, re.sub(r"\$\{\w+:-(.*)\}", r"\1", value))
    Settings()


def test_the_gateway_serves_where_it_is_published_and_asked() -> None:
    gateway = SERVICES["gateway"]
    assert gateway.command == ["tocsin", "gateway", "--host", "0.0.0.0", "--port", str(PORT)]  # noqa: S104
    assert gateway.ports == [f"127.0.0.1:{PORT}:{PORT}"]
    assert gateway.healthcheck
    assert f"http://127.0.0.1:{PORT}/readyz" in gateway.healthcheck.test[-1]
    assert gateway.environment["TOCSIN_PUBLIC_URL"]  # without it no other address than a loopback one is served


@pytest.mark.parametrize("name", ["worker", "gateway"])
def test_what_stops_is_given_the_time_it_takes(name: str) -> None:
    worker, wait = SERVICES[name], TypeAdapter(timedelta)
    needed = timedelta(seconds=float(worker.environment["TOCSIN_GRACEFUL_SHUTDOWN"]))
    assert worker.stop_grace_period
    assert wait.validate_python(f"PT{worker.stop_grace_period.upper()}") > needed + timedelta(seconds=10)


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_fills_the_disk_or_takes_the_machine(name: str) -> None:
    service = SERVICES[name]
    assert service.logging.driver == "json-file"
    assert set(service.logging.options) == {"max-size", "max-file"}
    assert service.deploy.resources.limits.memory
    assert service.security_opt == ["no-new-privileges:true"]


def test_what_is_kept_lies_in_named_volumes() -> None:
    assert set(compose().volumes) == {"database", "home"}
    assert SERVICES["postgres"].volumes == ["database:/var/lib/postgresql/data"]
    assert all(_is_named_or_read_only(service) for service in SERVICES.values())
    assert instructions("VOLUME") == []


def _is_named_or_read_only(service: Service) -> bool:
    """An anonymous volume is lost with its container; a folder of the host is for reading."""
    named = compose().volumes
    return all(
        volume.partition(":")[0] in named if isinstance(volume, str) else volume.read_only for volume in service.volumes
    )


def test_the_files_that_are_mounted_exist() -> None:
    mounts = [volume for service in SERVICES.values() for volume in service.volumes if not isinstance(volume, str)]
    own = [mount.source for mount in mounts if mount.source.startswith("./")]
    assert len(own) == 2
    assert [source for source in own if not (ROOT / source).is_file()] == []


def test_the_server_has_eight_shards_for_ever() -> None:
    assert SERVICES["temporal"].environment["NUM_HISTORY_SHARDS"] == "8"


def test_the_server_allows_as_many_facts_at_once_as_the_embedded_one() -> None:
    mounted = {v.target for v in SERVICES["temporal"].volumes if not isinstance(v, str)}
    assert SERVICES["temporal"].environment["DYNAMIC_CONFIG_FILE_PATH"] in mounted
    read = TypeAdapter(dict[str, list[Setting]]).validate_python(yaml(ROOT / "deploy/temporal/dynamicconfig.yaml"))
    assert {name: [str(one.value) for one in values] for name, values in read.items()} == {
        name: [value] for name, value in DYNAMIC_CONFIG.items()
    }
