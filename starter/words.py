"""The words for people, zh first and en (the field's own terms; the codes stay as they are in `--json`).

A word that is missing here falls back to its code, so that a new clock or kind shows itself instead of failing.
"""

from typing import Final, Literal

from plan.terms import CLOCK_STATES, CLOCKS, SEVERITIES, STAGES, Pair

__all__ = ["CLOCKS", "CLOCK_STATES", "SEVERITIES", "STAGES", "Pair"]

Lang = Literal["zh", "en"]

FORMS: Final[dict[str, Pair]] = {"single": ("单件", "single"), "group_event": ("群体性事件", "group event")}

MARKS: Final[dict[str, str]] = {
    "running": "…",
    "met": "✓",
    "met_late": "✓!",
    "missed": "✗",
    "carried": "→",
    "cancelled": "-",
}
LEVELS: Final[dict[str, Pair]] = {
    "hq": ("总部", "headquarters"),
    "province": ("省级", "province"),
    "city": ("市级", "city"),
    "county": ("县级", "county"),
    "outlet": ("网点", "outlet"),
}
CRITERIA: Final[dict[str, Pair]] = {
    "group_of_five": ("五人以上", "five or more people"),
    "authority_or_media": ("政府、监管或媒体介入", "authority or media intervened"),
    "disrupts_outlet": ("影响网点经营", "disrupts the outlet"),
    "major_loss": ("可能重大损失", "major loss possible"),
    "social_impact": ("可能重大社会影响", "social impact possible"),
    "declared": ("认定为危机事件", "crisis declared"),
}
ROLES: Final[dict[str, Pair]] = {
    "outlet_lead": ("网点负责人", "outlet lead"),
    "outlet_contact": ("网点专责联系人", "outlet's contact"),
    "work_group": ("工作组", "work group"),
    "leadership_group": ("领导小组", "leadership group"),
    "unit_contact": ("专责联系人", "designated contact"),
    "insurer": ("保险公司责任人", "insurer's contact"),
    "operator": ("系统管理员", "operator"),
    "system": ("系统", "system"),
}
NOTICE_STATES: Final[dict[str, Pair]] = {
    "pending": ("发送中", "pending"),
    "held": ("暂存", "held"),
    "delivered": ("已送达", "delivered"),
    "failed": ("未送达", "not delivered"),
    "acknowledged": ("已收到", "acknowledged"),
}
POLICY_CLASSES: Final[dict[str, Pair]] = {
    "normal": ("正常件", "normal"),
    "flawed": ("瑕疵件", "flawed"),
    "problem": ("问题件", "problem"),
    "undetermined": ("待定", "undetermined"),
}
ROUTES: Final[dict[str, Pair]] = {
    "explain": ("解释安抚", "explain"),
    "assist_with_insurer": ("协助与保险公司沟通", "assist with the insurer"),
    "ex_gratia_request": ("联系通融办理", "ask for ex gratia handling"),
}
RECORD: Final[dict[str, Pair]] = {
    "name": ("姓名", "name"),
    "phone": ("电话", "phone"),
    "policy_numbers": ("保单号", "policy number"),
    "reason": ("投诉事由", "reason"),
}
"""The four fields of a customer's record (R35)."""
REMEDIES: Final[dict[str, Pair]] = {
    "explanation": ("解释说明", "explanation"),
    "assistance": ("协助", "assistance"),
    "ex_gratia": ("通融办理", "ex gratia"),
    "other": ("其他", "other"),
}
ROUNDS: Final[dict[str, Pair]] = {
    "meeting": ("三方例会", "tripartite meeting"),
    "screening": ("风险排查", "risk screening"),
    "training": ("培训", "training"),
    "readiness": ("应急准备", "readiness"),
    "drill": ("演练", "drill"),
}
FEEDS: Final[dict[str, Pair]] = {
    "screening_standard": ("排查标准", "screening standard"),
    "mechanism": ("处理机制", "mechanism"),
    "other": ("其他", "other"),
}
RESULTS: Final[dict[str, Pair]] = {"ok": ("未见问题", "ok"), "findings": ("有问题", "findings")}
WATCHED: Final[dict[str, Pair]] = {
    "signs": ("聚集苗头", "signs of a group"),
    "crisis": ("危机事件", "crisis"),
    "repeat": ("再次投诉", "repeat complaint"),
    "action": ("有未完成事项", "open action"),
    "findings": ("上次排查有问题", "findings last time"),
}
"""Why an outlet is on the watch-list."""
READY: Final[dict[str, Pair]] = {
    "hotline_posted": ("投诉电话已公示", "hotline posted"),
    "persons_named": ("责任人已明确", "responsible persons named"),
    "police_number_at_hand": ("派出所电话在手边", "police number at hand"),
    "script_at_hand": ("统一话术在手边", "agreed script at hand"),
    "recordings_kept": ("录音录像会保存", "recordings can be kept"),
}
"""What the shipped rhythm has outlets confirm."""
OUTCOMES: Final[dict[str, Pair]] = {
    "running": ("进行中", "running"),
    "completed": ("✓ 完成", "✓ completed"),
    "failed": ("✗ 失败", "✗ failed"),
    "timed_out": ("✗ 超时", "✗ timed out"),
    "terminated": ("✗ 被终止", "✗ terminated"),
    "canceled": ("✗ 已取消", "✗ cancelled"),
    "gone": ("已过保留期", "kept no longer"),
}
"""What became of a round (Temporal's states)."""
PARTS: Final[dict[str, Pair]] = {
    "course": ("经过", "the course"),
    "handling": ("处理", "the handling"),
    "trend": ("现状", "how it stands"),
    "next_steps": ("后续", "what is left to do"),
    "cause": ("原因", "the cause"),
    "lessons": ("教训", "the lessons"),
    "accountability": ("追责", "who answers"),
}
"""What a final report has."""
CATEGORIES: Final[dict[int, Pair]] = {
    1: ("一类：不执行规定", "1: rules not kept"),
    2: ("二类：报告或处置不及时", "2: late report or action"),
    3: ("三类：违反现场规定", "3: conduct on the scene"),
}
"""The kinds of accountability (R61-R63)."""
DUTIES: Final[dict[str, Pair]] = {
    "tell": ("告知", "tell"),
    "warn": ("提醒", "warn"),
    "breach": ("逾期通报", "breach"),
    "prompt": ("待办", "prompt"),
    "repeat": ("催办", "repeat"),
}
OCCASIONS: Final[dict[str, Pair]] = {
    "filed": ("新投诉", "filed"),
    "not_persuaded": ("未说服", "not persuaded"),
    "calming_failed": ("安抚无效", "calming failed"),
    "group_signs": ("聚集苗头", "signs of a group"),
    "crisis": ("危机事件", "crisis"),
    "group_event": ("群体性事件", "group event"),
    "media": ("媒体", "media"),
    "report": ("报告", "report"),
    "opinion": ("处理意见", "handling opinion"),
    "handed_over": ("转交保险公司", "handed to the insurer"),
    "decided": ("处理决定", "decision"),
    "stood_down": ("解除危机", "stood down"),
    "resolved": ("办结", "resolved"),
    "customer_record": ("登记客户信息", "customer's record"),
    "police": ("联系公安", "contact the police"),
    "assignment": ("确定网点", "assign an outlet"),
    "follow_up": ("续报", "follow-up report"),
    "decision_relay": ("反馈客户", "relay the decision"),
    "regulator": ("向监管部门汇报", "inform the regulator"),
    "intervention": ("监管是否介入", "did the regulator intervene"),
    "final_report": ("终报", "final report"),
    "lessons": ("教训落到人", "actions out of the lessons"),
    "accountability": ("责任认定", "who answers"),
    "anchor_moved": ("知悉时间提前", "known earlier than thought"),
    "breach_lifted": ("逾期记录解除", "breach lifted"),
    "on_the_way": ("已出发", "on the way"),
    "unknown_place": ("机构中没有的网点或保险公司", "place unknown to the organisation"),
    "undelivered": ("通知无法送达", "notice not delivered"),
    "unanswered": ("无人回应", "nobody answered"),
    "rerouted": ("责任人变更", "rerouted"),
    "repeat": ("再次投诉", "repeat complaint"),
    "declare": ("是否属于危机", "is it a crisis"),
    "reopen": ("是否重开上一件", "re-open the earlier one"),
}
"""What a notice is about, where it is not a clock."""


def word(table: dict[str, Pair], code: str | None, lang: Lang) -> str:
    """The word of a code; the code itself where there is none, a dash for nothing."""
    if code is None:
        return "-"
    pair = table.get(code)
    return code if pair is None else pair[0 if lang == "zh" else 1]


def either(lang: Lang, zh: str, en: str) -> str:
    return zh if lang == "zh" else en


def clock_word(clock_id: str, lang: Lang) -> str:
    """`relay.county` or `outlet_report.2` in words."""
    name, _, rest = clock_id.partition(".")
    said = word(CLOCKS, name, lang)
    if not rest:
        return said
    return f"{said} ({word(LEVELS, rest, lang)})" if rest in LEVELS else f"{said} {rest}"


def matter_word(about: str, lang: Lang) -> str:
    """`outlet_report`, `conduct.2`, `mis_selling` or `refused.R57.5` in words."""
    what, _, rest = about.partition(".")
    match what:
        case "conduct":
            return f"{either(lang, '禁止行为', 'conduct')} {rest}"
        case "mis_selling":
            return either(lang, "销售误导属实", "proven mis-selling")
        case "refused":
            return f"{either(lang, '未获准的尝试', 'tried, not let through')} {rest}"
        case _:
            return clock_word(about, lang)


def lack_word(name: str, lang: Lang) -> str:
    """A part of the final report, or a matter to decide on, in words."""
    return word(PARTS, name, lang) if name in PARTS else matter_word(name, lang)


def duty_word(duty: str, lang: Lang) -> str:
    """`warn.outlet_report.1` in words: what kind of notice, about what."""
    what, _, occasion = duty.partition(".")
    name = occasion.partition(".")[0]
    about = word(OCCASIONS, name, lang) if name in OCCASIONS else clock_word(occasion or name, lang)
    kind = word(DUTIES, what, lang)
    return f"{kind}·{about}" if lang == "zh" else f"{kind}: {about}"
