"""`tocsin alert`: raise, lift and list heightened alerts (R7, R32)."""

import click
from temporalio.client import Client
from temporalio.service import RPCError

from plan.alert import Alert
from plan.errors import Unreachable
from plan.receipts import Receipt
from runtime.alerting import tell_alert
from runtime.leaving import run
from runtime.names import ALERT, VIEW
from runtime.seals import keyring
from runtime.settings import Settings
from starter.client import connect
from starter.options import Asked, Command, Group, asked
from starter.output import say, say_error, say_json
from starter.words import either

DOOR = "cli"
MOST = 500


@click.group(cls=Group)
def command() -> None:
    """提升警戒 · Heightened alerts: outlets explain in advance, signs are raised earlier."""


@command.command("raise", cls=Command)
@click.option("--province", required=True, help="省 · The province.")
@click.option("--insurer", required=True, help="保险公司 · The insurer.")
@click.option("--until", required=True, metavar="DATE", help="Last day, such as 2026-12-31 (Asia/Shanghai).")
@click.option("--reason", required=True, help="Why; shown to people of the organisation, never in a notice.")
def raise_(province: str, insurer: str, until: str, reason: str) -> int:
    """提升警戒 · Raise an alert, or move the last day of one."""
    how = asked()
    fact = {"kind": "alert_raised", "by": how.person(), "until": until, "reason": reason}
    return run(_tell(province, insurer, fact, how))


@command.command(cls=Command)
@click.option("--province", required=True, help="省 · The province.")
@click.option("--insurer", required=True, help="保险公司 · The insurer.")
@click.option("--reason", required=True, help="Why.")
def lift(province: str, insurer: str, reason: str) -> int:
    """解除警戒 · Lift an alert before its last day."""
    how = asked()
    return run(_tell(province, insurer, {"kind": "alert_lifted", "by": how.person(), "reason": reason}, how))


@command.command("list", cls=Command)
def list_() -> int:
    """列出警戒 · List the alerts in force."""
    return run(_list(asked()))


async def _tell(province: str, insurer: str, fact: dict[str, str], how: Asked) -> int:
    client, keys = await connect(), keyring(Settings())
    receipt = await tell_alert(client, keys, province=province, insurer=insurer, fact=fact, door=DOOR)
    if how.as_json:
        say_json(receipt.model_dump(mode="json"))
    else:
        say(_answer(receipt, how))
    if receipt.accepted:
        return 0
    return 2 if receipt.rule == "malformed" else 1


def _answer(receipt: Receipt, how: Asked) -> str:
    if receipt.accepted:
        return either(how.lang, "已登记。", "Done.")
    why = either(how.lang, receipt.reason_zh or receipt.reason or "", receipt.reason or "")
    return f"{either(how.lang, '未登记', 'Refused')}（{receipt.rule}）：{why}"


async def _list(how: Asked) -> int:
    found = await in_force(await connect())
    if how.as_json:
        say_json({"alerts": [alert.model_dump(mode="json") for alert in found]})
        return 0
    for alert in found:
        last = alert.said[-1].by if alert.said else "-"
        say(f"{alert.province}  {alert.insurer}  {either(how.lang, '至', 'until')} {alert.until}  ({last})")
    if not found:
        say_error(either(how.lang, "当前没有警戒。", "No alert is in force."))
    return 0


async def in_force(client: Client) -> list[Alert]:
    """Every alert that runs. Errors: Unreachable where Temporal or every worker is."""
    query = f"WorkflowType = '{ALERT}' AND ExecutionStatus = 'Running'"
    try:
        runs = [run async for run in client.list_workflows(query, limit=MOST)]
        views = [await client.get_workflow_handle(each.id).query(VIEW, result_type=dict) for each in runs]
    except RPCError as failed:
        raise Unreachable(
            "The alerts cannot be listed: Temporal or every worker is out of reach. Start them and try again."
        ) from failed
    found = [Alert.model_validate(view) for view in views if view["in_force"]]  # the list lags behind what has ended
    return sorted(found, key=lambda alert: (alert.province, alert.insurer))
