"""Makes Temporal's namespace ready for Tocsin: it is there, it keeps closed incidents, it has search attributes and
schedules. And the tables of the records, where TOCSIN_RECORDS names a database.

Runs once before the workers, in their image and with their settings, so that the list of search attributes is the
program's own. Safe to repeat: a longer retention that somebody chose stays, for a shorter one would delete incidents;
schedules that are there stay as they are. Rounds are planned for an organisation of one's own only, not for the sample.
Exit codes: 0 ready, 2 misconfigured (another type of attribute, no permission), 3 no answer within `PATIENCE`.
"""

import asyncio
import sys
from datetime import timedelta
from typing import Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from plan.errors import Misconfigured, TocsinError, Unreachable
from runtime.documents import applied_organisation
from runtime.embedded import RETENTION
from runtime.leaving import leave, run
from runtime.records.engine import engine_of, reached, store_url
from runtime.records.migrating import upgrade
from runtime.schedules import FIXED, ensure, everything_planned
from runtime.search_attributes import ALL
from runtime.settings import Settings
from runtime.temporal import connect, prepare

PATIENCE: Final = timedelta(minutes=2)
"""A new server answers before it knows its namespaces, and knows a new namespace only some seconds later."""
LOOK_AGAIN: Final = timedelta(seconds=1)
NOT_YET: Final = frozenset({RPCStatusCode.NOT_FOUND, RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED})


async def make_ready(settings: Settings, *, patience: timedelta = PATIENCE) -> Client:
    """Try until the namespace is ready, or `patience` has passed; then the last reason comes out."""
    clock = asyncio.get_running_loop().time
    last = clock() + patience.total_seconds()
    while True:
        try:
            return await _attempt(settings)
        except (TocsinError, RPCError) as failed:
            if not _worth_another(failed) or clock() > last:
                raise
        await asyncio.sleep(LOOK_AGAIN.total_seconds())


async def _attempt(settings: Settings) -> Client:
    await asyncio.to_thread(make_tables, settings)
    client = await connect(settings)
    await _keep_closed_incidents(client)
    await prepare(client)
    return client


async def _keep_closed_incidents(client: Client) -> None:
    """The namespace is there and keeps closed incidents for `RETENTION` at least."""
    service, retention = client.workflow_service, Duration()
    retention.FromTimedelta(RETENTION)
    try:
        await service.register_namespace(
            RegisterNamespaceRequest(
                namespace=client.namespace,
                description="Tocsin: complaints, crises and their clocks",
                workflow_execution_retention_period=retention,
            )
        )
    except RPCError as failed:
        if failed.status != RPCStatusCode.ALREADY_EXISTS:
            raise
        there = await service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
        if there.config.workflow_execution_retention_ttl.ToTimedelta() < RETENTION:
            longer = NamespaceConfig(workflow_execution_retention_ttl=retention)
            await service.update_namespace(UpdateNamespaceRequest(namespace=client.namespace, config=longer))


async def make_schedules(client: Client, settings: Settings) -> list[str]:
    """The watchdog; and, where the installation has an organisation of its own, the rounds of its rhythm."""
    own = settings.organisation is not None or applied_organisation(settings) is not None
    return await ensure(client, *(everything_planned(settings) if own else FIXED))


def make_tables(settings: Settings) -> None:
    """The records' tables, up to date, where a database is named for them. Errors: Unreachable, Misconfigured."""
    if settings.records is not None:
        engine = engine_of(store_url(settings))
        with reached(engine):
            upgrade(engine)
        engine.dispose()


def _worth_another(failed: TocsinError | RPCError) -> bool:
    """Whether waiting may help: the server is not up yet, or does not know the new namespace yet."""
    cause = failed.__cause__ if isinstance(failed, Misconfigured) else failed
    return isinstance(cause, Unreachable) or (isinstance(cause, RPCError) and cause.status in NOT_YET)


async def _main() -> int:
    settings = Settings()
    client = await make_ready(settings)
    made = await make_schedules(client, settings)
    days = RETENTION.days
    _say(
        f"Namespace {client.namespace} is ready: closed incidents stay {days} days, {len(ALL)} search attributes, "
        f"{len(made)} new schedules. `tocsin schedules apply` plans the rounds once your organisation is applied."
    )
    return 0


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    try:
        code = run(_main())
    except TocsinError as failed:
        _say(str(failed))
        code = failed.exit_code
    except RPCError as failed:
        _say(f"Temporal refused to prepare the namespace ({failed.status.name}: {failed.message}). Check its log.")
        code = Unreachable.exit_code
    leave(code)
