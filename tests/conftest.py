"""What holds for every test. Nothing heavy: most run in microseconds, without a server."""

import re
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

RULE = re.compile(r"R\d{1,2}(\.\d)?")

pytest_plugins = ["tests.environment"]

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # how long an example takes says more of the machine's load than of the code


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A misspelt rule would count for nothing, so it is an error."""
    for item in items:
        for mark in item.iter_markers("rule"):
            if not mark.args or not all(isinstance(number, str) and RULE.fullmatch(number) for number in mark.args):
                raise pytest.UsageError(f'{item.nodeid}: write @pytest.mark.rule("R43"), not {mark.args}')


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """No test reads or writes the installation, or the Temporal profile, of whoever runs it."""
    with pytest.MonkeyPatch.context() as environment:
        empty = tmp_path_factory.mktemp("temporal") / "temporal.toml"
        empty.touch()
        environment.setenv("TEMPORAL_CONFIG_FILE", str(empty))
        environment.setenv("TOCSIN_HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_PROFILE", "TOCSIN_BY", "TOCSIN_LANG"):
            environment.delenv(name, raising=False)
        yield
