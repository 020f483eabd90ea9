"""The Temporal server of the tests: one a process, with clocks that move only when a test says so.

    assert await env.fast_forward(handle, timedelta(minutes=59))

A fact that a test tells is stamped with `await env.get_current_time(handle)`, for that is the incident's time.
"""

from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from runtime.embedded import find_cli
from runtime.ports import free_port
from runtime.search_attributes import ALL
from runtime.temporal import data_converter, prepare

DYNAMIC_CONFIG = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.timerProcessorMaxTimeShift": '"1ms"',  # a skip takes 50 ms instead of a second
    "history.timerProcessorMaxPollRPS": "1000",  # and a third of that
    "history.transferProcessorMaxPollRPS": "1000",
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",  # reported after 5 as a rule, ever slower
    "history.workflowIdReuseMinimalInterval": '"0s"',  # no wait between a run and the next one
}


@pytest.fixture(scope="session")
async def env() -> AsyncGenerator[WorkflowEnvironment]:
    """A development server of Temporal with time skipping, on a free port."""
    async with await WorkflowEnvironment.start_time_skipping_v2(
        data_converter=data_converter,
        port=free_port(),
        dev_server_existing_path=str(find_cli()),
        dev_server_log_level="error",
        dev_server_startup_timeout=timedelta(seconds=60),
        dev_server_extra_args=[
            word for name, value in DYNAMIC_CONFIG.items() for word in ("--dynamic-config-value", f"{name}={value}")
        ],
        search_attributes=ALL,
    ) as environment:
        with environment.with_time_skipping_disabled():
            yield environment


@pytest.fixture(scope="module")
async def apart(env: WorkflowEnvironment) -> Client:
    """A client in a namespace of its own, for tests that bring another workflow in the incident's place."""
    return await namespace_apart(env)


async def namespace_apart(env: WorkflowEnvironment) -> Client:
    """A client in a new namespace of the tests' server."""
    retention = Duration(seconds=86_400)
    request = RegisterNamespaceRequest(
        namespace=f"apart-{uuid4().hex[:8]}", workflow_execution_retention_period=retention
    )
    # A connection unused for two minutes is closed by the server, perhaps just now: hence again.
    await env.client.workflow_service.register_namespace(request, retry=True)
    client = Client(
        env.client.service_client,
        namespace=request.namespace,
        data_converter=data_converter,
        interceptors=env.client.config()["interceptors"],
    )
    await prepare(client)
    return client


@pytest.fixture(scope="session")
def client(env: WorkflowEnvironment) -> Client:
    return env.client
