"""`tocsin tell INCIDENT KIND`: state one fact and print its receipt (contract, section 4)."""

import click

from plan.errors import Malformed
from plan.facts import MODELS
from plan.receipts import Answer, Receipt
from runtime.leaving import run
from starter.client import connect, tell
from starter.options import Asked, Command, asked
from starter.output import say, say_error, say_json
from starter.pages.receipt import receipt_lines
from starter.reading import read_object
from starter.sets import fields_of
from starter.words import either


@click.command(cls=Command)
@click.argument("incident")
@click.argument("kind")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="JSON or text; a.b reaches inside.")
@click.option("--fact", "source", metavar="FILE", help="The fact's fields as a JSON object; - for standard input.")
def command(incident: str, kind: str, settings: tuple[str, ...], source: str | None) -> int:
    """登记一件事实 · State one fact about INCIDENT; prints the receipt.

    Exit code 1 when the plan refuses it. `pending` means durably received, judged later: ask again with the same
    fact_id for the verdict. `tocsin schema fact` lists the kinds and their fields.
    """
    how = asked()
    return run(tell_and_say(incident, _fact(kind, settings, source, how), how))


def _fact(kind: str, settings: tuple[str, ...], source: str | None, how: Asked) -> dict[str, object]:
    if kind not in MODELS:
        raise Malformed(f"{kind} is not a kind of fact. The kinds are: {', '.join(MODELS)}.")
    base = read_object(source) if source else {}
    if base.get("kind", kind) != kind:
        raise Malformed(
            f"The file states another kind than {kind}. Name the same in both, or leave it out of the file."
        )
    fields = fields_of(kind, settings, base)
    written = fields.get("by")
    return {**fields, "kind": kind, "by": how.person(written if isinstance(written, str) else None)}


async def tell_and_say(
    incident: str, fact: dict[str, object], how: Asked, *, door: str = "cli", then: tuple[str, str] | None = None
) -> int:
    """Tell it and print the receipt; `then` says, zh first, what follows from an accepted one."""
    receipt = await tell(await connect(), incident, fact, door=door)
    if how.as_json:
        say_json(receipt.model_dump(mode="json"))
    print_receipt(receipt, how)
    if then and receipt.accepted and not how.as_json:
        say(f"  {either(how.lang, *then)}")
    return 1 if is_refused(receipt) else 0


def print_receipt(receipt: Receipt, how: Asked) -> None:
    """Answers go to stdout, a no and a not-yet to stderr."""
    lines = receipt_lines(receipt, how.lang)
    if receipt.state is Answer.PENDING:
        zh = f"没有工作进程应答；已可靠收下，稍后用 --set fact_id={receipt.fact_id} 再问一次可得结论"
        en = f"No worker answered; it is durably kept. Ask again for the verdict: --set fact_id={receipt.fact_id}"
        lines.append(f"  {either(how.lang, zh, en)}")
    for line in lines:
        if is_refused(receipt) or receipt.state is Answer.PENDING:
            say_error(line)
        elif not how.as_json:
            say(line)


def is_refused(receipt: Receipt) -> bool:
    """Refused now, or told again after it was refused."""
    again = receipt.state is Answer.DUPLICATE and not receipt.accepted
    return receipt.state is Answer.REFUSED or (again and receipt.reason is not None)
