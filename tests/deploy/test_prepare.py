"""The one-shot that makes a namespace ready, against a real server."""

from datetime import timedelta
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client

from deploy.prepare import make_ready, make_schedules
from plan.errors import Unreachable
from runtime.documents import SAMPLE
from runtime.embedded import RETENTION
from runtime.schedules import FIXED
from runtime.search_attributes import ALL
from runtime.settings import Settings


@pytest.fixture
def namespace(client: Client, monkeypatch: pytest.MonkeyPatch) -> str:
    """One that is not there yet, as the environment names it to a container."""
    name = f"new-{uuid4().hex[:8]}"
    monkeypatch.setenv("TEMPORAL_ADDRESS", client.service_client.config.target_host)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", name)
    return name


@pytest.mark.server
async def test_a_new_namespace_has_the_retention_and_every_search_attribute(client: Client, namespace: str) -> None:
    await make_ready(Settings())
    there = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    assert dict(there.custom_attributes) == {
        key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in ALL
    }
    assert await _retention(client, namespace) == RETENTION == timedelta(days=90)


@pytest.mark.server
async def test_again_it_lengthens_a_retention_and_never_shortens_one(client: Client, namespace: str) -> None:
    await make_ready(Settings())
    for chosen, kept in ((timedelta(days=1), RETENTION), (timedelta(days=400), timedelta(days=400))):
        config = NamespaceConfig(workflow_execution_retention_ttl=Duration(seconds=int(chosen.total_seconds())))
        await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=namespace, config=config))
        await make_ready(Settings())
        assert await _retention(client, namespace) == kept


@pytest.mark.server
@pytest.mark.rule("R13")
async def test_the_watchdog_is_planned_and_rounds_for_an_organisation_of_ones_own(
    namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = await make_ready(Settings())
    assert ready.namespace == namespace
    fixed = [each.id for each in FIXED]
    assert await make_schedules(ready, Settings()) == fixed, "the sample is nobody's organisation"
    monkeypatch.setenv("TOCSIN_ORGANISATION", str(SAMPLE))
    assert "meeting-gd" in await make_schedules(ready, Settings())
    assert await make_schedules(ready, Settings()) == []


async def _retention(client: Client, namespace: str) -> timedelta:
    there = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    return there.config.workflow_execution_retention_ttl.ToTimedelta()


async def test_a_server_that_never_comes_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with pytest.raises(Unreachable):
        await make_ready(Settings(), patience=timedelta(0))
