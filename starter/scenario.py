"""The two days that `tocsin demo` plays: a crowd with everything in time, and a night when nobody reports.

Steps stand at minutes after the filing, so that the day can begin at any hour. What must come of it stands beside them:
each step's answer, how the clocks end, and who must have been told what.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from starter.words import Pair


@dataclass(frozen=True)
class Step:
    """One fact, told so many minutes after the filing. `refused` is the rule by which the plan must refuse it."""

    minute: int
    by: str
    kind: str
    said: dict[str, Any] = field(default_factory=dict[str, Any])
    refused: str | None = None
    known_minute: int | None = None


@dataclass(frozen=True)
class Story:
    """`clocks` is each clock's state at the end, `told` the persons to whom a duty must have been delivered, once."""

    incident_id: str
    title: Pair
    complaint: dict[str, Any]
    steps: tuple[Step, ...]
    clocks: dict[str, str]
    told: dict[str, tuple[str, ...]]
    not_reached: tuple[str, ...] = ()


_LEAD, _COUNTY, _CITY, _PROVINCE = "gd-gz-th-0001.lead", "gd-gz-th.work", "gd-gz.work", "gd.work"
_NEXT_DAY = 23 * 60 + 48
"""A crowd is filed at 9:12 in the story this follows, and goes on at 9:00 the day after."""

CROWD: Final = Story(
    incident_id="DEMO-CROWD",
    title=("一、从聚集苗头到群体性事件，各项时限均按时", "1. From signs to a crowd, everything in time"),
    complaint={
        "channel": "outlet",
        "subject": "returns",
        "outlet": "gd-gz-th-0001",
        "insurer": "anhe-life",
        "reason": "收益与销售时所说不符",
        "reported_by": _LEAD,
    },
    steps=(
        Step(8, _LEAD, "calming_attempted", {"outcome": "failed"}),
        Step(19, _LEAD, "group_signs_seen", {"description": "有人在微信群里召集"}),
        Step(24, _COUNTY, "police_contacted"),
        Step(28, _LEAD, "circumstances_reported", {"headcount": 4}),
        Step(36, _LEAD, "circumstances_reported", {"headcount": 6}, known_minute=33),
        Step(46, _COUNTY, "arrived_on_scene", {"party": "work_group"}),
        Step(53, "anhe-life.gd-gz", "arrived_on_scene", {"party": "insurer"}),
        Step(60, "gd-gz-th.post", "arrived_on_scene", {"party": "leadership_group"}),
        Step(
            78, _LEAD, "report_submitted", {"report": "initial", "content": {"course": "六人在大堂，已带离，正在劝解"}}
        ),
        Step(89, _COUNTY, "report_submitted", {"to_unit": "gd-gz", "content": {"course": "已到场，六人情绪缓和"}}),
        Step(128, _CITY, "report_submitted", {"to_unit": "gd", "content": {"course": "县级已到场处置"}}),
        Step(138, _LEAD, "circumstances_reported", {"headcount": 2}),
        Step(
            205, _LEAD, "customer_recorded", {"name": "演示客户", "phone": "13800000000", "policy_numbers": ["DEMO-1"]}
        ),
        Step(206, _LEAD, "handed_to_insurer"),
        Step(288, _COUNTY, "report_submitted", {"report": "follow_up", "content": {"course": "人员已离开，继续跟进"}}),
        Step(498, _PROVINCE, "handling_opinion_submitted", {"opinion": "请保险公司逐件核实，省级派员督办"}),
        Step(528, _PROVINCE, "regulator_informed", {"authority": "省级监管部门"}),
        Step(_NEXT_DAY, "gd-gz-th.post", "stood_down", {"reason": "现场平息，未再聚集"}),
        Step(_NEXT_DAY + 5, _COUNTY, "resolved", refused="R20"),
        Step(
            _NEXT_DAY + 30,
            "anhe-life.gd-gz",
            "insurer_decided",
            {"decision": "逐件核实后答复", "remedy": "explanation"},
        ),
        Step(_NEXT_DAY + 40, _LEAD, "decision_relayed", {"how": "电话"}),
        Step(_NEXT_DAY + 60, _COUNTY, "resolved"),
        Step(_NEXT_DAY + 61, _COUNTY, "closed", refused="R58"),
        Step(_NEXT_DAY + 70, _COUNTY, "root_cause_recorded", {"root_cause": "产品说明不清", "lessons": "回访前置"}),
        Step(_NEXT_DAY + 75, _LEAD, "report_submitted", {"report": "final", "content": {"course": "已办结"}}),
        Step(_NEXT_DAY + 80, _COUNTY, "closed"),
    ),
    clocks={
        "outlet_report": "met",
        "province_opinion": "met",
        "regulator_report": "met",
        "relay.county": "met",
        "relay.city": "met",
        "insurer_on_scene": "met",
        "work_group_on_scene": "met",
        "leadership_on_scene": "met",
        "handover": "met",
        "insurer_answer": "met",
        "decision_relay": "met",
        "progress.1": "met",
        "progress.2": "cancelled",
    },
    told={
        "tell.calming_failed": (_LEAD, _COUNTY, "anhe-life.gd-gz"),
        "tell.group_signs": (_COUNTY, "anhe-life.gd-gz"),
        "prompt.police": (_COUNTY,),
        "tell.crisis": (_LEAD, _COUNTY, _CITY, _PROVINCE, "gd-gz-th.post", "gd-gz-th.bank", "gd.post", "gd.bank"),
        "tell.group_event": ("gd-gz-th.post", "gd-gz-th.bank"),
        "warn.outlet_report.1": (_LEAD,),
        "tell.opinion": ("hq.post", "hq.bank"),
        "tell.stood_down": (_LEAD, _COUNTY),
    },
)

_OUTLET = "gd-sz-ns-0001"
_CONTACT = f"{_OUTLET}.contact"
_LATE: Final[dict[str, Any]] = {"category": 2, "person": f"{_OUTLET}.lead"}

NIGHT: Final = Story(
    incident_id="DEMO-NIGHT",
    title=(
        "二、深夜无人报告：逾期如实记录，逐级通报",
        "2. Late at night nobody reports: recorded as it was, told upwards",
    ),
    complaint={
        "channel": "media",
        "subject": "sales_conduct",
        "outlet": _OUTLET,
        "insurer": "zhongtai-life",
        "reason": "网络媒体刊出投诉",
        "reported_by": "system:monitor",
        "circumstances": {"media": True},
    },
    steps=(
        Step(15, _CONTACT, "notice_acknowledged", {"notice_id": f"tell.crisis~{_CONTACT}"}),
        Step(105, _CONTACT, "report_submitted", {"report": "initial", "content": {"course": "已联系客户，正在核实"}}),
        Step(120, "gd-sz-ns.work", "report_submitted", {"to_unit": "gd-sz", "content": {"course": "网点逾期后补报"}}),
        Step(145, "gd-sz.work", "report_submitted", {"to_unit": "gd", "content": {"course": "市级已介入"}}),
        Step(700, "gd-sz.work", "statement_issued", {"text": "情况说明"}, refused="R57.5"),
        Step(1280, _PROVINCE, "handling_opinion_submitted", {"opinion": "统一口径，由领导小组对外答复"}),
        Step(1310, _PROVINCE, "regulator_informed", {"authority": "省级监管部门"}),
        Step(1330, "zhongtai-life.gd-sz", "insurer_decided", {"decision": "协助客户核实保单", "remedy": "assistance"}),
        Step(1340, _CONTACT, "decision_relayed", {"how": "电话"}),
        Step(1350, "gd-sz-ns.post", "stood_down", {"reason": "媒体已更新报道"}),
        Step(1355, "gd-sz-ns.post", "accountability_decided", _LATE, refused="R60"),
        Step(1360, "gd-sz-ns.work", "resolved"),
        Step(
            1365, "gd-sz-ns.post", "accountability_decided", {**_LATE, "decision": "批评教育", "outcome": "criticised"}
        ),
        Step(1370, "gd-sz-ns.work", "root_cause_recorded", {"root_cause": "夜间无人值守", "lessons": "增设值守"}),
        Step(1375, "gd-sz-ns.work", "closed"),
    ),
    clocks={
        "outlet_report": "met_late",
        "province_opinion": "met",
        "regulator_report": "met",
        "relay.county": "met",
        "relay.city": "met",
        "decision_relay": "met",
        "progress.1": "cancelled",
    },
    told={
        "tell.crisis": (_CONTACT, "gd-sz-ns.work", "gd-sz.work", _PROVINCE),
        "warn.outlet_report.1": (_CONTACT,),
        "breach.outlet_report": (_CONTACT, "gd-sz-ns.work", "gd-sz-ns.post", "gd-sz-ns.bank", "gd-sz.work"),
        "tell.opinion": ("hq.post", "hq.bank"),
    },
    not_reached=(f"{_OUTLET}.lead",),
)
STORIES: Final = (CROWD, NIGHT)
