"""`tocsin erase`: erase the confidential words of a closed incident, with its record whole (PIPL; R62)."""

import click
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from plan.errors import Refused, Unreachable
from runtime.documents import current_organisation
from runtime.leaving import run
from runtime.names import workflow_id
from runtime.records.erasing import erase
from runtime.settings import Settings
from starter.client import connect
from starter.kept import in_store
from starter.options import Asked, Command, asked
from starter.output import say, say_error, say_json
from starter.words import either


@click.command(cls=Command)
@click.argument("incident")
@click.option("--reason", required=True, help="Why, on what ground; it is kept for good, so name no customer.")
def command(incident: str, reason: str) -> int:
    """删除个人信息 · Erase every confidential word of INCIDENT from the records; the chain still verifies.

    For operators, once the incident is closed. Nothing brings the words back. Temporal keeps its own copy until its
    retention is over.
    """
    return run(_erase(incident, reason, asked()))


async def _erase(incident: str, reason: str, how: Asked) -> int:
    settings, by = Settings(), how.person()
    if by not in current_organisation(settings).operators:
        raise Refused(f"{by} may not erase: operators of the organisation may. Add --by OPERATOR.", rule="R62")
    if await _is_open(await connect(), incident):
        raise Refused(f"{incident} is open: its words are still needed. Close it first.", rule="R62")
    to_erase = settings.model_copy(update={"records": settings.records_eraser or settings.records})
    done = await in_store(to_erase, lambda store: erase(store, incident, by=by, reason=reason))
    if how.as_json:
        say_json(done.model_dump(mode="json"))
    else:
        words = f"{incident}: {done.words} words erased, on record as erasure {done.number}."
        say(either(how.lang, f"{incident}：已删除 {done.words} 项，删除记录第 {done.number} 号。", words))
    say_error(
        either(how.lang, "Temporal 中的副本在保留期满后消失。", "Temporal's own copy goes when its retention is over.")
    )
    return 0


async def _is_open(client: Client, incident: str) -> bool:
    try:
        found = await client.get_workflow_handle(workflow_id(incident)).describe()
    except RPCError as failed:
        if failed.status is RPCStatusCode.NOT_FOUND:
            return False
        raise Unreachable(
            f"Temporal did not say whether {incident} is closed: {failed.message}. Try again."
        ) from failed
    return found.status is WorkflowExecutionStatus.RUNNING
