"""How everything connects to Temporal: the data converter, the worker's plugin, the connection, the search attributes.

Where Temporal is comes from the SDK's own environment configuration (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`,
`TEMPORAL_PROFILE`, TLS and API-key variables), the one the `temporal` command reads. A client needs the data converter
and nothing else; the rest is the worker's, so that a client connected by somebody else serves as well.
Errors: Unreachable where Temporal does not answer, Misconfigured where the configuration or the cluster is not usable.
"""

import dataclasses
import logging
from functools import cache
from typing import Any, Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from plan.errors import Misconfigured, Unreachable
from runtime.codec import CompressionCodec
from runtime.happened import Hint
from runtime.interceptors import MessageInterceptor
from runtime.leaving import settle_at_exit
from runtime.seals import keyring
from runtime.search_attributes import ALL
from runtime.settings import Settings

DEFAULT_ADDRESS: Final = "localhost:7233"
PURE_MODULES: Final = (
    "activities.names",
    "plan",
    "rfc8785",
    "runtime.names",
    "runtime.search_attributes",
    "workflows",
)
"""What holds no state, the workflows themselves included: loaded once, for every incident anew costs 10 ms of CPU.

A clock or dice in them, which the sandbox would catch at run time, ruff forbids (plan/ruff.toml, workflows/ruff.toml).
"""

data_converter: Final[DataConverter] = dataclasses.replace(pydantic_data_converter, payload_codec=CompressionCodec())


class TocsinPlugin(SimplePlugin):
    """Its own class, for the SDK warns where client and worker bring plugins of the same class."""


def plugin(settings: Settings, *, hint: Hint | None = None) -> SimplePlugin:
    """What a worker, and a replayer, needs beside its workflows. The worker adds it; a client must not.

    `hint` is told when an incident's record has gone on.
    """
    return TocsinPlugin(
        "tocsin",
        data_converter=data_converter,
        interceptors=[MessageInterceptor(keyring(settings), hint)],
        workflow_runner=SandboxedWorkflowRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules(*PURE_MODULES)
        ),
    )


async def connect(settings: Settings | None = None, *, address: str | None = None) -> Client:
    """Connect as the environment says; `address` (HOST:PORT) overrides where to."""
    try:
        config = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as failed:
        raise Misconfigured(f"Temporal's configuration cannot be read: {failed}; see TEMPORAL_PROFILE") from failed
    config["target_host"] = address or config.get("target_host") or DEFAULT_ADDRESS
    return await _connected(dict(config), settings or Settings())


async def connect_embedded(address: str, settings: Settings | None = None) -> Client:
    """Connect to a server of our own on this machine: no profile, no TLS, its only namespace."""
    return await _connected({"target_host": address, "namespace": "default"}, settings or Settings())


async def _connected(config: dict[str, Any], settings: Settings) -> Client:
    settle_at_exit()
    try:
        return await Client.connect(
            **config, data_converter=data_converter, runtime=_runtime(settings.log_level, settings.metrics)
        )
    except (RuntimeError, RPCError) as failed:
        raise Unreachable(
            f"Temporal does not answer at {config['target_host']}. "
            "Start it (`tocsin up` runs everything on this machine), or set TEMPORAL_ADDRESS."
        ) from failed


@cache
def _runtime(log_level: str, metrics: str | None) -> Runtime:
    """One per process, with the SDK's metrics where they are asked for.

    A wedged incident shows in them as `temporal_workflow_task_execution_failed_total`. The SDK's core writes its log to
    stdout by itself, where our data goes; so it is forwarded.
    """
    core_level = "WARN" if log_level in ("debug", "info") else "ERROR"
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(
                filter=TelemetryFilter(core_level=core_level, other_level="ERROR"),
                forwarding=LogForwardingConfig(logger=logging.getLogger("temporalio.core")),
            ),
            metrics=PrometheusConfig(
                bind_address=metrics, durations_as_seconds=True, unit_suffix=True, counters_total_suffix=True
            )
            if metrics
            else None,
        )
    )


async def prepare(client: Client) -> None:
    """Register the search attributes where they are missing; safe to repeat, also at the same time."""
    missing = await _missing(client)
    try:
        if missing:
            request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
            await client.operator_service.add_search_attributes(request)
    except RPCError as failed:
        if failed.status != RPCStatusCode.ALREADY_EXISTS or await _missing(client):
            raise _unprepared(client, failed) from failed


async def _missing(client: Client) -> dict[str, IndexedValueType.ValueType]:
    """Our search attributes that the namespace does not have. Misconfigured where it has one of another type."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        there = dict((await client.operator_service.list_search_attributes(request)).custom_attributes)
    except RPCError as failed:
        raise _unprepared(client, failed) from failed
    wanted = {key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in ALL}
    if other := [name for name, kind in wanted.items() if there.get(name, kind) != kind]:
        raise Misconfigured(
            f"Temporal's namespace {client.namespace} has {', '.join(other)} as another type; "
            "remove them (temporal operator search-attribute remove), or use another namespace."
        )
    return {name: kind for name, kind in wanted.items() if name not in there}


def _unprepared(client: Client, failed: RPCError) -> Unreachable | Misconfigured:
    if failed.status in (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED):
        return Unreachable("Temporal does not answer; the search attributes are not registered. Try again.")
    return Misconfigured(
        f"Temporal's namespace {client.namespace} refuses search attributes ({failed.status.name}: {failed.message}); "
        f"let an administrator register {', '.join(key.name for key in ALL)} with the types docs/reference.md gives."
    )
