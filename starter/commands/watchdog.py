"""`tocsin watchdog`: look from outside at every open incident, now; the schedule does it every five minutes."""

from datetime import timedelta
from uuid import uuid4

import click
from temporalio.client import Client, WorkflowFailureError

from plan.errors import Unreachable
from plan.watchdog import Looked, Trouble
from runtime.leaving import run
from runtime.names import WATCHDOG, WORKFLOWS_QUEUE
from starter.client import connect
from starter.options import Asked, Command, asked
from starter.output import say, say_json
from starter.words import Lang, either

PATIENCE = timedelta(seconds=90)

WORDS: dict[Trouble, tuple[str, str]] = {
    Trouble.STALLED: ("到时未动（请看工作进程）", "due and not evaluated (see to the workers)"),
    Trouble.FAILING: ("程序出错，反复重试（请修程序）", "its code fails again and again (mend the code)"),
    Trouble.BROKEN_OFF: ("未关闭就中断（被终止或重置）", "broke off without being closed (terminated, reset)"),
    Trouble.HANGING: ("通知卡住未了结", "a notice that never settles"),
}


@click.command(cls=Command)
def command() -> int:
    """看门狗 · Look at every open incident from outside, now.

    Finds what no incident can say of itself, and nudges what stands still; exit 1 where something is left that it
    cannot repair.
    """
    return run(_look(asked()))


async def _look(how: Asked) -> int:
    looked = await look(await connect())
    if how.as_json:
        say_json({**looked.model_dump(mode="json"), "well": looked.well})
    else:
        for line in lines(looked, how.lang):
            say(line)
    return 0 if looked.well else 1


async def look(client: Client) -> Looked:
    """One look. Errors: Unreachable where no worker takes it."""
    try:
        return await client.execute_workflow(
            WATCHDOG,
            id=f"watchdog-by-hand-{uuid4().hex[:12]}",
            task_queue=WORKFLOWS_QUEUE,
            execution_timeout=PATIENCE,
            result_type=Looked,
            static_summary="手动查看 · by hand",
        )
    except WorkflowFailureError as failed:
        raise Unreachable(
            "The watchdog did not come back: no worker answers, or Temporal's lists cannot be read. "
            "Start a worker (`tocsin up`, `tocsin worker`) and try again."
        ) from failed


def lines(looked: Looked, lang: Lang) -> list[str]:
    """What it saw, for people."""
    found = [either(lang, f"未结 {looked.open} 件。", f"{looked.open} open.")]
    if looked.nudged:
        names = ", ".join(looked.nudged)
        found.append(either(lang, f"已推动，恢复正常：{names}", f"Nudged, and went on: {names}"))
    for each in looked.findings:
        zh, en = WORDS[each.trouble]
        found.append(f"✗ {either(lang, zh, en)}: {', '.join(each.ids)}{' …' if each.more else ''}")
    return found if looked.findings else [*found, either(lang, "一切正常。", "All is well.")]
