"""A drill's score sheet on one page, and the drills, a line each (R11, R31).

First whether it passed, then what was missed: that is what one learns from. Times are Asia/Shanghai.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from plan.drill import DrillState, Why
from plan.drill_scenario import Standard
from plan.drill_sheet import Answered, Judged, Kind, Missed, Sheet, Timing
from runtime.drilling import ListedDrill
from starter.kinds import KINDS
from starter.pages.times import clock_time, wait
from starter.words import CLOCK_STATES, MARKS, Lang, Pair, clock_word, duty_word, either, word

STATES: Final[dict[str, Pair]] = {
    DrillState.PREPARING: ("准备中", "preparing"),
    DrillState.REFUSED: ("未被接受", "refused"),
    DrillState.PLAYING: ("进行中", "playing"),
    DrillState.ENDING: ("正在收尾", "ending"),
    DrillState.OVER: ("已结束", "over"),
}
WHY: Final[dict[str, Pair]] = {
    Why.PLAYED: ("演练脚本走完", "the scenario's end was reached"),
    Why.CLOSED: ("事件已关闭", "its incidents were closed"),
    Why.STOPPED: ("人工停止", "it was stopped"),
}
STANDARDS: Final[dict[str, Pair]] = {
    Standard.ON_TIME: ("报告、意见、监管汇报按时", "reports, opinion and regulator in time"),
    Standard.ON_SCENE: ("应到人员按时到场", "on the scene in time"),
    Standard.ANSWERED: ("通知有人回应", "notices were answered"),
    Standard.DONE: ("该做的都做了", "what was to be done was done"),
    Standard.BY_THE_RULES: ("没有触碰七项禁止", "nobody tried what nobody may do"),
    Standard.DELIVERED: ("通知都已送达", "everybody could be told"),
}
MISSED: Final[dict[str, Pair]] = {
    Kind.CLOCK: ("到时未完成", "not done when due"),
    Kind.EXPECTED: ("脚本要求", "expected by the scenario"),
    Kind.PROMPT: ("待办未办", "asked for, not done"),
    Kind.UNANSWERED: ("催了没人回应", "never answered"),
}
_STYLES: Final = {"missed": "bold red", "met_late": "yellow", "met": "green"}


def drill_page(view: Mapping[str, Any], lang: Lang, now: datetime) -> Iterator[RenderableType]:
    """The sheet where there is one, else how far the drill has come."""
    yield _heading(view, lang)
    if view["refusal"]:
        refusal = view["refusal"]
        yield Text(either(lang, refusal["reason_zh"] or refusal["reason"], refusal["reason"]), style="bold red")
        return
    yield from _facts(view, lang, now)
    if view["score"] is None:
        yield from _so_far(view, lang)
        return
    sheet = Sheet.model_validate(view["score"])
    yield _verdict(sheet, lang)
    yield _standards(sheet.standards, lang)
    yield from _missed(sheet.missed, lang, now)
    yield from _timings(either(lang, "报告", "Reports"), sheet.reports, lang, now)
    yield from _timings(either(lang, "到场", "On the scene"), sheet.arrivals, lang, now)
    yield from _timings(either(lang, "其他时限", "Other clocks"), sheet.others, lang, now)
    yield from _answers(sheet.answers, lang, now)
    yield from _refused(sheet, lang, now)
    yield from _not_told(sheet, lang)


def drills_page(found: Sequence[ListedDrill], lang: Lang, now: datetime) -> Iterator[RenderableType]:
    if not found:
        yield Text(either(lang, "还没有演练；执行 tocsin drill start。", "No drill yet: tocsin drill start."))
        return
    heads = (
        ("演练", "drill"),
        ("脚本", "scenario"),
        ("网点", "outlet"),
        ("通知", "recipients"),
        ("开始", "begun"),
        ("状态", "state"),
        ("结果", "result"),
    )
    table = _table(heads, lang)
    for each in found:
        table.add_row(
            Text(each.drill_id),
            Text(each.scenario or "-"),
            Text(each.outlet or "-"),
            Text(_recipients(each.recipients, lang)),
            Text(clock_time(each.started_at, now)),
            Text(word(STATES, each.state, lang) if each.state else either(lang, "被强行终止", "ended by force")),
            _result(each, lang),
        )
    yield table


def _table(heads: Sequence[Pair], lang: Lang) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(either(lang, *head), no_wrap=True)
    return table


def _result(each: ListedDrill, lang: Lang) -> Text:
    if each.passed is None:
        return Text(each.rule or "-")
    said = either(lang, *(("✓ 通过", "✓ passed") if each.passed else ("✗ 未通过", "✗ not passed")))
    points = "" if each.points is None else f"  {each.points}"
    return Text(f"{said}{points}", style="green" if each.passed else "red")


def _recipients(recipients: str | None, lang: Lang) -> str:
    names: dict[str, Pair] = {"drill": ("演练席", "drill desk"), "real": ("真实人员", "real people")}
    return word(names, recipients, lang)


def _heading(view: Mapping[str, Any], lang: Lang) -> Text:
    line = Text(either(lang, "【演练】", "[DRILL] "), style="bold magenta")
    title = view["title"][lang] if view["title"] else view["scenario"] or "-"
    line.append(f"{title}", style="bold")
    line.append(f"  {view['drill_id']}  {view['outlet'] or '-'}  {word(STATES, view['state'], lang)}")
    return line


def _facts(view: Mapping[str, Any], lang: Lang, now: datetime) -> Iterator[Text]:
    begun, ended = _instant(view["started_at"]), _instant(view["ended_at"])
    insurers = either(lang, *(("含保险公司", "insurers too") if view["insurers"] else ("不含保险公司", "no insurers")))
    to = _recipients(view["recipients"], lang) + (f" {view['desk']}" if view["desk"] else "")
    yield Text(
        f"{either(lang, '开始', 'begun')} {clock_time(begun, now)}  {either(lang, '结束', 'ended')} "
        f"{clock_time(ended, now)}  {word(WHY, view['why'], lang) if view['why'] else ''}"
    )
    yield Text(f"{either(lang, '通知', 'told')} {to}，{insurers}  {either(lang, '发起', 'by')} {view['by'] or '-'}")
    yield Text(f"{either(lang, '事件', 'incidents')} {', '.join(view['incidents']) or '-'}")


def _so_far(view: Mapping[str, Any], lang: Lang) -> Iterator[Text]:
    if view["state"] == DrillState.OVER:
        yield Text(either(lang, "没有评分：事件没能正常结束。", "No score: its incidents did not come to an end."))
        return
    ends = clock_time(_instant(view["ends_at"]), None) if view["ends_at"] else "-"
    zh = f"已演 {view['played']}/{view['steps']} 步，{ends} 结束后评分。"
    en = f"{view['played']} of {view['steps']} steps played; scored after it ends, {ends}."
    yield Text(either(lang, zh, en))


def _verdict(sheet: Sheet, lang: Lang) -> Text:
    points = "-" if sheet.points is None else str(sheet.points)
    if sheet.passed:
        return Text(either(lang, f"✓ 通过  {points} 分", f"✓ passed  {points} points"), style="bold green")
    return Text(either(lang, f"✗ 未通过  {points} 分", f"✗ not passed  {points} points"), style="bold red")


def _standards(judged: Sequence[Judged], lang: Lang) -> Table:
    table = _table((("标准", "standard"), ("", ""), ("", "")), lang)
    for each in judged:
        how_many = f"{each.kept}/{each.of}" if each.of else "-"
        aside = "" if each.counts else either(lang, "不计入", "does not count")
        mark = Text("✓" if each.passed else "✗", style="green" if each.passed else "bold red")
        table.add_row(Text(word(STANDARDS, each.standard, lang)), mark, Text(f"{how_many}  {aside}".rstrip()))
    return table


def _missed(missed: Sequence[Missed], lang: Lang, now: datetime) -> Iterator[RenderableType]:
    yield Text(either(lang, "漏了什么", "Missed"), style="bold")
    if not missed:
        yield Text(f"  {either(lang, '没有', 'nothing')}", style="green")
    for each in missed:
        due = f"  {either(lang, '应在', 'due')} {clock_time(each.due_at, now)}" if each.due_at else ""
        late = f"  {either(lang, '实际', 'done')} {clock_time(each.late_at, now)}" if each.late_at else ""
        by = f"  {', '.join(each.by)}" if each.by else ""
        rule = f"  {each.rule}" if each.rule else ""
        kind = word(MISSED, each.kind, lang)
        yield Text(f"  ✗ {_named(each, lang)}  {kind}{due}{late}{by}{rule}", style="red")


def _named(missed: Missed, lang: Lang) -> str:
    match missed.kind:
        case Kind.CLOCK:
            return clock_word(missed.what, lang)
        case Kind.EXPECTED:
            return word(KINDS, missed.what, lang)
        case Kind.PROMPT | Kind.UNANSWERED:
            return duty_word(missed.what, lang)


def _timings(title: str, timings: Sequence[Timing], lang: Lang, now: datetime) -> Iterator[RenderableType]:
    if not timings:
        return
    yield Text(title, style="bold")
    heads = (
        ("", ""),
        ("责任", "owed by"),
        ("开始", "from"),
        ("到时", "due"),
        ("完成", "done"),
        ("用时", "took"),
        ("", ""),
    )
    table = _table(heads, lang)
    for each in timings:
        state = word(CLOCK_STATES, each.state, lang)
        state = either(lang, "未到时", "not due") if each.state == "cancelled" else state
        table.add_row(
            Text(f"  {clock_word(each.clock, lang)}"),
            Text(each.owed_by or "-"),
            Text(clock_time(each.starts_at, now)),
            Text(clock_time(each.due_at, now)),
            Text(clock_time(each.met_at, now)),
            Text(wait(each.took, lang) if each.took is not None else "-"),
            Text(f"{MARKS.get(each.state, '')} {state}", style=_STYLES.get(each.state, "")),
        )
    yield table


def _answers(answers: Sequence[Answered], lang: Lang, now: datetime) -> Iterator[RenderableType]:
    if not answers:
        return
    yield Text(either(lang, "谁回应了", "Who answered"), style="bold")
    heads = (
        ("", ""),
        ("条", "notices"),
        ("通知", "told"),
        ("收到", "received"),
        ("行动", "acted"),
        ("等了", "waited"),
        ("", ""),
    )
    table = _table(heads, lang)
    for each in answers:
        never = each.waited is None
        silent = either(lang, "✗ 一直没回应" if each.asked else "无需回应", "✗ never" if each.asked else "not asked to")
        table.add_row(
            Text(f"  {each.person}"),
            Text(str(each.notices)),
            Text(clock_time(each.told_at, now)),
            Text(clock_time(each.answered_at, now)),
            Text(clock_time(each.acted_at, now)),
            Text(wait(each.waited, lang) if each.waited is not None else "-"),
            Text(silent if never else "", style="bold red" if never and each.asked else "dim"),
        )
    yield table


def _refused(sheet: Sheet, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    if sheet.attempts:
        yield Text(either(lang, "被拒绝的登记", "Refused"), style="bold")
    for each in sheet.attempts:
        yield Text(f"  {clock_time(each.at, now)}  {word(KINDS, each.kind, lang)}  {each.by or '-'}  {each.rule or ''}")


def _not_told(sheet: Sheet, lang: Lang) -> Iterator[RenderableType]:
    if sheet.not_told:
        yield Text(either(lang, "没送到的通知", "Not delivered"), style="bold")
    for each in sheet.not_told:
        yield Text(f"  {each.recipient}  {duty_word(each.notice_id.partition('~')[0], lang)}  {each.incident_id}")
    for name in sheet.unseen:
        yield Text(f"  {name}  {either(lang, '被强行终止，未计入', 'ended by force, not scored')}", style="red")


def _instant(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
