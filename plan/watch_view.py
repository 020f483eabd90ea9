"""What a watch shows: whom it counts now, what it goes by, what it has said (JSON values), none of it personal.

The live details are for operators in the Temporal UI: Chinese, bullets, ids only.
"""

from datetime import datetime, timedelta
from typing import assert_never

from pydantic import JsonValue, TypeAdapter

from plan.crowd import Crowd
from plan.details import local
from plan.line_watch import LineWatch
from plan.outlet_watch import OutletWatch
from plan.repeats import PersonWatch
from plan.values import Kept
from plan.watch import Watched

Json = dict[str, JsonValue]
SHOWN = 20
"""The last of each list."""


def watch_view(watch: Watched, now: datetime) -> Json:
    """What it knows as of `now`, or of the newest it has heard of where that is later."""
    now = max(now, watch.latest) if watch.latest else now
    said: Json = {"kind": watch.kind, "drill": watch.drill, "as_of": now.isoformat(timespec="seconds")}
    said["rules"] = watch.rules.model_dump(mode="json") if watch.rules else None
    match watch:
        case OutletWatch():
            said |= _outlet(watch, now)
        case LineWatch():
            said |= _line(watch, now)
        case PersonWatch():
            said |= _person(watch)
        case _:
            assert_never(watch)
    return {**said, "owed": len(watch.owed)}


def watch_details(watch: Watched, now: datetime) -> str:
    """What the Temporal UI shows of it."""
    now = max(now, watch.latest) if watch.latest else now
    mark = "【演练】" if watch.drill else ""
    match watch:
        case OutletWatch():
            lines = _outlet_lines(watch, now)
        case LineWatch():
            lines = _line_lines(watch, now)
        case PersonWatch():
            lines = ["**再次投诉** · 同一客户、同一保单", "", f"- 在看 {len(watch.complaints)} 件"]
            lines += [f"- {name} 是第 {number} 次" for name, number in watch.repeats.items()]
        case _:
            assert_never(watch)
    owed = [f"- 待告知 {len(watch.owed)} 项"] if watch.owed else []
    return mark + "\n".join([*lines, *owed])


def _outlet(watch: OutletWatch, now: datetime) -> Json:
    short, long = watch.crowds(now)
    return {
        "outlet": watch.outlet,
        "complaints": len(watch.sightings),
        "short": [_crowd(each) for each in short[:SHOWN]],
        "long": [_crowd(each) for each in long[:SHOWN]],
        "groups": [
            {
                "group_id": group.group_id,
                "opened_at": group.opened_at.isoformat(),
                "over_at": watch.over[group.group_id].isoformat() if group.group_id in watch.over else None,
                "people": group.people,
                "members": len(group.members),
                "received": sum(1 for number in group.members.values() if number),
            }
            for group in watch.groups[-SHOWN:]
        ],
        "raised": [_plain(each) for each in watch.raised[-SHOWN:]],
        "not_taken": [_plain(each) for each in watch.not_taken],
    }


def _crowd(found: Crowd) -> Json:
    return {
        "people": found.people,
        "persons": len(found.persons),
        "nameless": found.nameless,
        "heightened": found.heightened,
        "by": list(found.links),
        "incidents": list(found.incidents),
        "first_at": found.first_at.isoformat(),
        "last_at": found.last_at.isoformat(),
    }


def _line(watch: LineWatch, now: datetime) -> Json:
    found = watch.clusters(watch.rules, now) if watch.rules else []
    return {
        "insurer": watch.insurer,
        "product_line": watch.product_line,
        "complaints": len(watch.heard),
        "clusters": [
            {**_plain(each), "reaches": watch.rules is not None and each.reaches(watch.rules)} for each in found
        ],
        "raised": {scope: until.isoformat() for scope, until in watch.raised.items()},
    }


def _person(watch: PersonWatch) -> Json:
    return {
        "person": watch.person,
        "complaints": {
            name: {
                "filed_at": each.filed_at.isoformat(),
                "resolved_at": each.resolved_at.isoformat() if each.resolved_at else None,
            }
            for name, each in watch.complaints.items()
        },
        "repeats": dict(watch.repeats),
    }


def _outlet_lines(watch: OutletWatch, now: datetime) -> list[str]:
    short, long = watch.crowds(now)
    rules = watch.rules
    lines = [f"**网点观察** · {watch.outlet} · {len(watch.sightings)} 件投诉"]
    if rules is None:
        return lines
    lines += ["", f"**近 {_span(rules.watch.short)}**（满 {rules.group_of} 人并为群体性事件）", ""]
    lines += [f"- {each.people} 人：{'、'.join(each.incidents[-8:])}" for each in short[:5]] or ["- 无"]
    lines += ["", f"**近 {_span(rules.watch.long)}**", ""]
    lines += [f"- {each.people} 人，{len(each.incidents)} 件" for each in long[:5]] or ["- 无"]
    if watch.groups:
        lines += ["", "**群体性事件**", ""]
        lines += [
            f"- {group.group_id}：{len(group.members)} 件{'，已结束' if group.group_id in watch.over else ''}"
            for group in watch.groups[-5:]
        ]
    return lines


def _line_lines(watch: LineWatch, now: datetime) -> list[str]:
    lines = [f"**险种观察** · {watch.insurer} · {watch.product_line or '全部'} · {len(watch.heard)} 件投诉"]
    for each in watch.clusters(watch.rules, now) if watch.rules else ():
        usual = "还不知道" if each.usual is None else f"{each.usual:.1f} 人"
        lines.append(f"- {each.province or '省份未知'}：{each.people} 人，往常 {usual}")
    return [*lines, *(f"- 已提请预警 {scope}，至 {local(until)}" for scope, until in watch.raised.items())]


def _span(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return f"{hours // 24} 天" if hours % 24 == 0 else f"{hours} 小时"


_JSON: TypeAdapter[Json] = TypeAdapter(Json)


def _plain(each: Kept) -> Json:
    return _JSON.validate_python(each.model_dump(mode="json"))
