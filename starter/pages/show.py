"""One incident on one page, to be grasped at three in the morning: first what it is, then what is owed next.

Never colour alone: each state has its word and its mark. Personal data is shown only where the view holds it unmasked.
"""

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from plan.after import ACCOUNTABILITY
from plan.outstanding import ACTION, UNANSWERED
from starter.kinds import KINDS
from starter.pages.after import actions, who_answers
from starter.pages.seen import Seen, SeenClock, SeenNotice, SeenOwed
from starter.pages.times import clock_time, left
from starter.words import (
    CLOCK_STATES,
    CRITERIA,
    FORMS,
    MARKS,
    NOTICE_STATES,
    POLICY_CLASSES,
    RECORD,
    REMEDIES,
    ROUTES,
    SEVERITIES,
    STAGES,
    Lang,
    clock_word,
    duty_word,
    either,
    lack_word,
    word,
)

_STYLES = {"missed": "bold red", "met_late": "yellow", "met": "green", "running": "bold"}
_LAST_NOTICES = 12
_LAST_REFUSALS = 5
_LAST_COUNTS = 4


def show_page(seen: Seen, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    """The page, from the most to the least pressing."""
    yield _what_it_is(seen, lang)
    yield from _owed(seen, lang, now)
    yield from _facts(seen, lang, now)
    yield from _clocks(seen, lang, now)
    yield from _policies(seen, lang)
    yield from actions(seen, lang, now)
    yield from who_answers(seen, lang, now)
    yield from _notices(seen, lang, now)
    yield from _refusals(seen, lang, now)
    if seen.head:
        yield Text(f"{either(lang, '记录', 'record')} {seen.sequence}  {seen.head}", style="dim")


def _what_it_is(seen: Seen, lang: Lang) -> Text:
    """`C-… 危机事件(五人以上) 受理中 gd-gz-th-0001 anhe-life`"""
    line = Text()
    if seen.drill:
        line.append(either(lang, "【演练】", "[DRILL] "), style="bold magenta")
    line.append(seen.incident_id, style="bold")
    crisis = seen.severity == "crisis"
    said = word(SEVERITIES, seen.severity, lang)
    if seen.form == "group_event":
        said += f" · {word(FORMS, seen.form, lang)}"
    if seen.criteria:
        said += f" ({either(lang, '、', ', ').join(word(CRITERIA, each, lang) for each in seen.criteria)})"
    line.append(f"  {said}", style="bold red" if crisis else "")
    line.append(f"  {word(STAGES, seen.stage, lang)}")
    for place in (seen.scene or seen.outlet, *(seen.insurers or ((seen.insurer,) if seen.insurer else ()))):
        line.append(f"  {place or '-'}")
    if seen.imported:
        line.append(either(lang, "  历史件", "  imported history"))
    return line


def _owed(seen: Seen, lang: Lang, now: datetime) -> Iterator[Text]:
    if not seen.outstanding:
        yield Text(either(lang, "目前没有待办。", "Nothing is owed now."), style="green")
        return
    for place, owed in enumerate(seen.outstanding):
        yield _one_owed(owed, lang, now, first=place == 0)


def _one_owed(owed: SeenOwed, lang: Lang, now: datetime, *, first: bool) -> Text:
    name = _owed_word(owed, lang)
    by = ", ".join(owed.by) or "-"
    head = either(lang, "待办" if first else "  其后", "next" if first else "then")
    who = either(lang, "一直没回应", "never answered by") if owed.state == UNANSWERED else either(lang, "责任", "by")
    line = Text(f"{head}: {name}  {who} {by}", "bold red" if owed.state == UNANSWERED else "")
    if owed.due_at is not None:
        until = clock_time(owed.due_at, now)
        line.append(f"  {either(lang, f'{until} 前', f'until {until}')}  {left(owed.due_at, now, lang)}")
        if owed.due_at < now:
            line.stylize("bold red")
        elif first:
            line.stylize("bold")
    if owed.lacks:
        said = either(lang, "、", ", ").join(lack_word(each, lang) for each in owed.lacks)
        decide = owed.what.startswith(ACCOUNTABILITY)
        line.append(f"  {either(lang, '待认定' if decide else '还缺', 'to decide' if decide else 'lacks')} {said}")
    if owed.rule:
        line.append(f"  {owed.rule}", style="dim")
    return line


def _owed_word(owed: SeenOwed, lang: Lang) -> str:
    if owed.state == ACTION:
        return f"{either(lang, '事项', 'action')} {owed.what.removeprefix(f'{ACTION}.')}"
    return clock_word(owed.what, lang) if owed.due_at else duty_word(owed.what, lang)


def _facts(seen: Seen, lang: Lang, now: datetime) -> Iterator[Text]:
    parts = [
        (either(lang, "受理", "filed"), clock_time(seen.filed_at, now) if seen.filed_at else None),
        (either(lang, "知悉", "known at"), clock_time(seen.known_at, now) if seen.known_at else None),
        (either(lang, "现场人数(含投诉人)", "people"), _people(seen, now)),
        (either(lang, "再次投诉", "repeats"), f"{seen.repeat_of} ({seen.repeats})" if seen.repeat_of else None),
        (either(lang, "聚集苗头", "signs of a group"), either(lang, "有", "seen") if seen.group_signs else None),
        (either(lang, "并入", "in group event"), seen.group_id),
        (either(lang, "成员", "members"), ", ".join(m.incident_id for m in seen.members if not m.left_at) or None),
    ]
    yield Text("  ".join(f"{name} {said}" for name, said in parts if said))
    if seen.decision:
        remedy = word(REMEDIES, seen.decision.remedy, lang)
        text = "  ".join(part for part in (seen.decision.decision, seen.decision.amount) if part)
        yield Text(f"{either(lang, '处理决定(保险公司)', 'decision (insurer)')}: {remedy}  {text}")
    if seen.customer:
        known = (seen.customer.name, seen.customer.phone, *seen.customer.policy_numbers, seen.customer.reason)
        said = "  ".join(part for part in known if part)
        fields = ", ".join(word(RECORD, each, lang) for each in seen.customer.missing)
        missing = f"  {either(lang, '缺', 'missing')}: {fields}" if fields else ""
        yield Text(f"{either(lang, '客户', 'customer')}: {said or '-'}{missing}")


def _people(seen: Seen, now: datetime) -> str | None:
    """`6 (09:40 4, 09:48 6)`: how many, and the last counts of heads."""
    counts = ", ".join(f"{clock_time(each.at, now)} {each.headcount}" for each in seen.headcounts[-_LAST_COUNTS:])
    if not seen.people_count:
        return None
    return f"{seen.people_count} ({counts})" if counts else str(seen.people_count)


def _clocks(seen: Seen, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    if not seen.clocks:
        return
    yield Text()
    yield Text(either(lang, "时限", "clocks"), style="bold")
    table = _table()
    for clock in seen.clocks:
        table.add_row(*_clock(clock, lang, now))
    yield table


def _clock(clock: SeenClock, lang: Lang, now: datetime) -> list[Text]:
    due = clock_time(clock.due_at, now)
    said = either(lang, f"{due} 前", f"until {due}")
    if clock.state == "running" and clock.due_at is not None:
        said += f"  {left(clock.due_at, now, lang)}"
    elif clock.met_at is not None:
        said += f"  {either(lang, '完成', 'done')} {clock_time(clock.met_at, now)}"
    told = clock.outlet_first_told_at
    heard = either(lang, "首次通知", "first told") + f" {clock_time(told, now)}" if told else ""
    return [
        Text(f"  {MARKS.get(clock.state, '?')} {word(CLOCK_STATES, clock.state, lang)}", _STYLES.get(clock.state, "")),
        Text(clock_word(clock.id, lang)),
        Text(clock.owed_by or "-"),
        Text(said),
        Text(f"{clock.rule or ''}{either(lang, ' 制度时限', ' statutory') if clock.statutory else ''}", style="dim"),
        Text(heard, style="dim"),
    ]


def _policies(seen: Seen, lang: Lang) -> Iterator[RenderableType]:
    for policy in seen.policies:
        said = word(POLICY_CLASSES, policy.found, lang) if policy.found else ""
        possible = "/".join(word(POLICY_CLASSES, each, lang) for each in policy.possible)
        way = word(ROUTES, policy.route, lang) if policy.route else ""
        parts = (
            either(lang, "保单", "policy"),
            policy.policy_number or "-",
            said,
            f"({possible})" if possible else "",
            way,
        )
        yield Text("  ".join(part for part in parts if part))


def _notices(seen: Seen, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    """Whatever has not arrived, and the last ones: to whom, what, over what, how it stands, the channel's own code."""
    if not seen.notices:
        return
    last = seen.notices[-_LAST_NOTICES:]
    shown = [notice for notice in seen.notices if not notice.arrived or notice in last]
    yield Text()
    of_all = either(lang, f" ({len(shown)} 条，共 {len(seen.notices)} 条)", f" ({len(shown)} of {len(seen.notices)})")
    yield Text(either(lang, "通知", "notices") + (of_all if len(shown) < len(seen.notices) else ""), style="bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for head in _NOTICE_HEADS:
        table.add_column(either(lang, *head), no_wrap=True)
    for notice in shown:
        table.add_row(*_notice(notice, lang, now))
    yield table


_NOTICE_HEADS = (
    ("  状态", "  state"),
    ("内容", "what"),
    ("接收人", "recipient"),
    ("渠道", "channel"),
    ("时间", "when"),
    ("代码", "code"),
    ("次数", "attempts"),
)


def _notice(notice: SeenNotice, lang: Lang, now: datetime) -> list[Text]:
    marks = {"delivered": "✓", "acknowledged": "✓✓", "failed": "✗", "pending": "…", "held": "…"}
    style = "bold red" if notice.state == "failed" else ""
    again = either(lang, f" 重发 {notice.resent}", f" resent {notice.resent}") if notice.resent else ""
    return [
        Text(f"  {marks.get(notice.state, '?')} {word(NOTICE_STATES, notice.state, lang)}", style),
        Text(duty_word(notice.duty, lang)),
        Text(notice.recipient),
        Text(notice.over or "-"),
        Text(_notice_time(notice, lang, now)),
        Text((notice.last.code if notice.last else "") or "-"),
        Text(f"{notice.attempts}{again}"),
    ]


def _notice_time(notice: SeenNotice, lang: Lang, now: datetime) -> str:
    """When it was sent or tried last; of one that is held until when, of one on its way since when."""
    if notice.held_until is not None:
        until = clock_time(notice.held_until, now)
        return either(lang, f"至 {until}", f"until {until}")
    if notice.state == "pending":
        since = clock_time(notice.created_at, now)
        return either(lang, f"{since} 起", f"since {since}")
    return clock_time(notice.sent_at or (notice.last.at if notice.last else None), now)


def _refusals(seen: Seen, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    if not seen.refusals:
        return
    yield Text()
    yield Text(either(lang, "未被接受", "refused"), style="bold")
    for refusal in seen.refusals[-_LAST_REFUSALS:]:
        rule = f" ({refusal.rule})" if refusal.rule else ""
        what = word(KINDS, refusal.kind, lang)
        reason = (refusal.reason_zh if lang == "zh" else None) or refusal.reason
        yield Text(f"  ✗ {clock_time(refusal.at, now)}  {what}  {refusal.by or '-'}{rule}  {reason or ''}")


def _table() -> Table:
    return Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
