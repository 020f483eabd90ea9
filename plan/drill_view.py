"""What is shown of a drill: by the query and as its result, in the list, in the Temporal UI (R11). Nothing personal."""

from typing import Any

from plan.drill import Drill, DrillState
from plan.wording import CHINA


def drill_view(drill: Drill) -> dict[str, Any]:
    """For the query, and as the workflow's result."""
    asked, began = drill.asked, drill.starts_at is not None
    scenario = drill.found.scenario
    return {
        "drill_id": drill.drill_id,
        "state": str(drill.state),
        "scenario": asked.scenario if asked else None,
        "title": scenario.title.model_dump() if scenario else None,
        "outlet": asked.outlet if asked else None,
        "recipients": asked.recipients if asked else None,
        "insurers": asked.insurers if asked else None,
        "insurer": drill.found.insurer,
        "desk": drill.found.plan.desk,
        "speed": asked.speed if asked else None,
        "by": asked.by if asked else None,
        "refusal": drill.refusal.model_dump(mode="json") if drill.refusal else None,
        "started_at": drill.starts_at.isoformat() if drill.starts_at else None,
        "ends_at": drill.ends_at.isoformat() if began else None,
        "ended_at": drill.ended_at.isoformat() if drill.ended_at else None,
        "why": str(drill.why) if drill.why else None,
        "stopped": drill.stopped.model_dump(mode="json") if drill.stopped else None,
        "incidents": list(drill.everything),
        "steps": len(scenario.steps) if scenario else None,
        "played": drill.played,
        "happened": [each.model_dump(mode="json") for each in drill.happened],
        "score": drill.sheet.model_dump(mode="json") if drill.sheet else None,
    }


def drill_memo(drill: Drill) -> dict[str, Any]:
    """What a list shows of it without asking it: for Temporal's memo, hence nothing personal."""
    if drill.asked is None:
        return {}
    return {
        "scenario": drill.asked.scenario,
        "outlet": drill.asked.outlet,
        "recipients": drill.asked.recipients,
        "state": str(drill.state),
        **({"rule": drill.refusal.rule} if drill.refusal else {}),
        **({"passed": drill.sheet.passed, "points": drill.sheet.points} if drill.sheet else {}),
    }


def drill_details(drill: Drill) -> str:
    """For the Temporal UI: ids and numbers."""
    if drill.refusal is not None:
        return f"未开始 · not begun: {drill.refusal.reason}"
    if drill.asked is None or drill.found.scenario is None:
        return "—"
    lines = [f"【演练】**{drill.scenario.title.zh}** · {drill.order.outlet} · {drill.state}"]
    lines += [f"- {each}" for each in drill.everything]
    lines += [f"- {drill.played}/{len(drill.scenario.steps)}"]
    if drill.starts_at is not None and drill.state is DrillState.PLAYING:
        lines += [f"- 至 {drill.ends_at.astimezone(CHINA):%m-%d %H:%M}"]
    if drill.sheet is not None:
        passed = "通过 · passed" if drill.sheet.passed else "未通过 · not passed"
        lines += [f"- {passed}，{drill.sheet.points if drill.sheet.points is not None else '—'} 分"]
    return "\n".join(lines)
