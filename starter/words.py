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
    "anchor_moved": ("知悉时间提前", "known earlier than thought"),
    "breach_lifted": ("逾期记录解除", "breach lifted"),
    "on_the_way": ("已出发", "on the way"),
    "unknown_place": ("机构中没有的网点或保险公司", "place unknown to the organisation"),
    "undelivered": ("通知无法送达", "notice not delivered"),
    "rerouted": ("责任人变更", "rerouted"),
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


def duty_word(duty: str, lang: Lang) -> str:
    """`warn.outlet_report.1` in words: what kind of notice, about what."""
    what, _, occasion = duty.partition(".")
    name = occasion.partition(".")[0]
    about = word(OCCASIONS, name, lang) if name in OCCASIONS else clock_word(occasion or name, lang)
    kind = word(DUTIES, what, lang)
    return f"{kind}·{about}" if lang == "zh" else f"{kind}: {about}"
