"""The command line `tocsin` (contract, section 1). A command's module is imported only when it runs."""

import importlib
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

import click

from runtime.leaving import leave
from starter.door import guarded
from starter.options import Group

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "up": ("up", "在本机启动整套系统 · Run the whole system on this machine."),
    "demo": ("demo", "演示一天的危机处置 · Play a day-long crisis in well under a minute."),
    "file": ("file", "受理一件投诉 · File a complaint."),
    "tell": ("tell", "登记一件事实 · State one fact and print its receipt."),
    "show": ("show", "查看事件 · Show what is known, owed and sent."),
    "timeline": ("timeline", "查看记录 · Show the record, entry by entry."),
    "notices": ("notices", "未送达的通知 · Notices that have not arrived, in all open incidents."),
    "resend": ("resend", "重发通知 · Send one notice again."),
    "reroute": ("reroute", "改发通知 · Send one notice to somebody else."),
    "acknowledge": ("acknowledge", "确认收到 · Say received with a personal link."),
    "list": ("listing", "列出事件 · List incidents, what is due first."),
    "watch": ("watch", "查看观察 · What the watches see of complaints told one by one."),
    "import": ("importing", "批量导入 · File every row of a CSV file."),
    "contacts": ("contacts", "网点联系电话 · Whom an outlet calls, printable."),
    "check": ("check", "校验机构与规则文件 · Check the organisation and the playbook."),
    "organisation": ("organisation", "机构版本 · Apply a version of the organisation."),
    "schema": ("schema", "JSON Schema · Print the schema of a file or message."),
    "audit": ("audit", "导出与核验记录 · Export and verify the record."),
    "drill": ("drill", "演练 · Begin a drill, see what it came to."),
    "figures": ("figures", "统计指标 · Figures of a period; what is overdue and open counts."),
    "erase": ("erase", "删除个人信息 · Erase a closed incident's confidential words from the records."),
    "alert": ("alert", "提升警戒 · Heightened alerts: raise, lift, list."),
    "watchdog": ("watchdog", "看门狗 · Look at every open incident from outside, now."),
    "schedules": ("schedules", "排期 · What comes round when; adjust it, begin a round now."),
    "register": ("register", "台账 · A unit's open actions, rounds, trainings; enter more."),
    "keys": ("keys", "系统密钥 · Keys of the systems that call: make, list, revoke."),
    "signin": ("signin", "登录链接 · A one-time link by which somebody signs in."),
    "subscriptions": ("subscriptions", "事件订阅 · Systems that are told of every change of state."),
    "gateway": ("gateway", "运行 HTTP 网关 · Serve the HTTP interface."),
    "worker": ("worker", "运行工作进程 · Run workflows and activities."),
}
"""Name, module in `starter.commands`, and the line that `--help` shows without importing it."""


class Tocsin(Group):
    """The commands, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"starter.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"there is no command {args[0]!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Tocsin, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def tocsin() -> None:
    """银保投诉与危机事件应急处置 · A contingency plan for insurance complaints, as software.

    退出码 · Exit codes: 0 done, 1 refused by the plan, 2 usage or malformed input, 3 Temporal or every worker
    unreachable, 4 no such incident.
    """


def run(arguments: Sequence[str]) -> int:
    """Invoke a command; a command answers with its exit code, or nothing for 0."""
    with tocsin.make_context("tocsin", list(arguments)) as context:
        code = tocsin.invoke(context)
    return code if isinstance(code, int) else 0


def main() -> None:
    """The console script."""
    if "_TOCSIN_COMPLETE" in os.environ:
        tocsin.main(prog_name="tocsin")
    leave(guarded(run, sys.argv[1:]))


if __name__ == "__main__":
    main()
