"""Schemathesis reads the OpenAPI document and tries whatever it allows, and what it does not: it finds nothing.

Left out: that whatever fits the schema is accepted, for which outlets, insurers and persons there are is in no schema;
and, of many rows, that what does not fit it is refused, for each row has an answer of its own.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks  # pyright: ignore[reportUnknownVariableType]

from starter.gateway.parts import Parts
from starter.gateway.serving import Gateway
from tests.gateway.conftest import ALL, Shown, serving

pytestmark = [pytest.mark.server, pytest.mark.slow]
OPERATIONS: Final = [
    ("POST", "/v1/incidents"),
    ("GET", "/v1/incidents"),
    ("GET", "/v1/incidents/{incident_id}"),
    ("POST", "/v1/incidents/{incident_id}/facts"),
    ("GET", "/v1/incidents/{incident_id}/timeline"),
    ("GET", "/v1/incidents/{incident_id}/audit"),
    ("GET", "/v1/figures"),
    ("POST", "/v1/incidents/bulk"),
    ("POST", "/v1/events"),
    ("GET", "/v1/subscriptions"),
    ("POST", "/v1/subscriptions"),
    ("GET", "/v1/subscriptions/{subscription_id}"),
    ("DELETE", "/v1/subscriptions/{subscription_id}"),
    ("POST", "/v1/subscriptions/{subscription_id}/test"),
    ("POST", "/v1/subscriptions/{subscription_id}/secret"),
    ("POST", "/v1/subscriptions/{subscription_id}/resume"),
    ("POST", "/v1/notices/{token}/acknowledge"),
]
BARE: Final = [("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")]
"""Without a parameter or a body: there is nothing to get wrong."""
P, N = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
LEFT_OUT: Final = ("positive_data_acceptance",)
A_ROW_EACH: Final = ("negative_data_rejection",)
OF_ROWS: Final = ("/v1/incidents/bulk", "/v1/events")
EXAMPLES: Final = 40
"""Of each operation and mode: a few seconds in all."""


@pytest.fixture(scope="module")
async def tried(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Gateway]:
    """With a store of its own, and with time for much that is asked, without a key too."""
    own = {"home": tmp_path_factory.mktemp("tried"), "rate": 1_000_000, "rate_unknown": 1_000_000}
    async with serving(parts, settings=parts.settings.model_copy(update=own)) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [(*each, mode) for each in OPERATIONS for mode in (P, N)] + [(*each, P) for each in BARE],
)
async def test_schemathesis_finds_nothing(
    tried: Gateway, callers: Shown, method: str, path: str, mode: GenerationMode
) -> None:
    schema: Any = schemathesis.openapi.from_dict(tried.app.openapi())
    load_all_checks()
    left_out: list[Any] = [CHECKS.get_one(name) for name in LEFT_OUT + (A_ROW_EACH if path in OF_ROWS else ())]
    show = {"Authorization": callers.header(ALL)["authorization"]}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def nothing(case: Any) -> None:
        case.call_and_validate(base_url=tried.url, headers=show, excluded_checks=left_out)

    await asyncio.to_thread(nothing)


def test_every_operation_is_tried(gateway: Gateway) -> None:
    paths = gateway.app.openapi()["paths"]
    assert {(method.upper(), path) for path, methods in paths.items() for method in methods} == {*OPERATIONS, *BARE}
