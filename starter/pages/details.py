"""The plain values of an entry of the record, in words, zh first and en. What is sealed stays sealed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from starter.kinds import KINDS
from starter.pages.times import clock_time
from starter.words import CRITERIA, FEEDS, REMEDIES, Lang, Pair, either, word

FIELDS: Final[dict[str, Pair]] = {
    "from": ("原", "from"),
    "to": ("现", "to"),
    "headcount": ("人数", "people"),
    "known_at": ("知悉", "known at"),
    "anchor": ("知悉", "known at"),
    "due_at": ("时限", "due"),
    "expected_at": ("预计", "expected"),
    "owed_by": ("责任", "owed by"),
    "unit": ("机构", "unit"),
    "person": ("责任人", "person"),
    "to_unit": ("报", "to"),
    "from_unit": ("自", "from"),
    "category": ("类别", "category"),
    "owner": ("责任人", "owner"),
    "action_id": ("事项", "action"),
    "action_owner": ("责任人", "owner"),
    "action_due_on": ("至", "until"),
    "told_instead": ("改告知", "told instead"),
    "until": ("至", "until"),
    "code": ("代码", "code"),
    "attempts": ("次数", "attempts"),
    "message_id": ("回执号", "message id"),
    "recipients": ("没回应的有", "not answered by"),
    "authority": ("部门", "authority"),
    "reference": ("编号", "reference"),
    "old_version": ("原版本", "old version"),
    "new_version": ("新版本", "new version"),
    "viewer": ("查看人", "viewer"),
    "complained_at": ("投诉", "complained at"),
    "system": ("来源", "from"),
}
"""Names of values that are not clear by themselves; an outlet's or insurer's id is."""

VALUES: Final[dict[str, Pair]] = {
    "calmed": ("已安抚", "calmed"),
    "not_persuaded": ("未说服", "not persuaded"),
    "failed": ("安抚无效", "calming failed"),
    "not_reachable": ("联系不上", "not reachable"),
    "left": ("已离开", "left"),
    "moved": ("已转移", "moved"),
    "dispersed": ("已散去", "dispersed"),
    "initial": ("初报", "initial"),
    "follow_up": ("续报", "follow-up"),
    "final": ("终报", "final"),
    "phone": ("电话", "by phone"),
    "paper": ("书面", "on paper"),
    "hotline": ("客服热线", "hotline"),
    "online": ("网络", "online"),
    "media": ("媒体", "media"),
    "outlet": ("网点", "at the outlet"),
    "regulator": ("监管转办", "passed on by the regulator"),
    "insurer": ("保险公司", "insurer"),
    "work_group": ("工作组", "work group"),
    "leadership_group": ("领导小组", "leadership group"),
    **REMEDIES,
    **FEEDS,
}
_CODED = ("outcome", "report", "via", "party", "remedy", "channel", "feeds")
_BARE = ("outlet", "insurer", "reason", "why")
_CRITERIA_FLAGS: Final[dict[str, Pair]] = {
    "government": ("政府介入", "government intervened"),
    "regulator": ("监管介入", "regulator intervened"),
    "media": ("媒体介入", "media"),
    "disrupts_outlet": CRITERIA["disrupts_outlet"],
    "property_loss": ("财产损失", "property loss"),
    "reputation_loss": ("名誉损失", "reputation loss"),
    "social_impact": CRITERIA["social_impact"],
}
_LEFT_OUT = frozenset(
    {"incident_id", "reported_by", "subject", "drill", "number", "by_fact", "at", "fact_id", "digest"}
)


def details(data: Mapping[str, JsonValue], lang: Lang) -> list[str]:
    """Each value that says something to a person, in the entry's order."""
    return [said for name, value in data.items() if (said := _detail(name, value, lang))]


def _detail(name: str, value: JsonValue, lang: Lang) -> str:
    if name in _LEFT_OUT or value in (None, False, "", "system"):
        return ""
    if isinstance(value, dict):
        return " ".join(details(value, lang)) if "sealed" not in value else ""
    if isinstance(value, list):
        return _listed(name, value, lang)
    if value is True:
        return word(_CRITERIA_FLAGS, name, lang)
    if name == "kind":
        return word(KINDS, str(value), lang)
    said = word(VALUES, str(value), lang) if name in _CODED else _instant(str(value))
    return said if name in (*_CODED, *_BARE) else f"{word(FIELDS, name, lang)} {said}"


def _listed(name: str, values: list[JsonValue], lang: Lang) -> str:
    plain = [str(value) for value in values if not isinstance(value, dict | list)]
    if name == "criteria":
        return either(lang, "、", ", ").join(word(CRITERIA, each, lang) for each in plain)
    return f"{word(FIELDS, name, lang)} {', '.join(plain)}" if plain else ""


def _instant(text: str) -> str:
    """A written instant as Shanghai time; any other text as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return clock_time(at) if at.tzinfo is not None and "T" in text else text
