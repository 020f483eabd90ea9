"""Days that are over but for what comes after: reported, stood down, decided, and still to be resolved at noon."""

from typing import Any

from plan.playbook import Playbook
from tests.plan.told import ANHE, COUNTY, LEAD, PROVINCE, RULES, T1, Day

POST, BANK, CONTACT = "gd-gz-th.post", "gd-gz-th.bank", f"{T1}.contact"
COURSE = {"course": "一句话。"}
REST = {"handling": "已解释", "trend": "平稳", "next_steps": "回访", "accountability": "已谈话"}
DUE = "at:D+30 18:00"
OLD: Playbook = RULES.model_copy(
    update={
        "final_report": (),
        "hand_over_actions": False,
        "notices": tuple(n for n in RULES.notices if n.duty not in ("prompt.lessons", "prompt.accountability")),
    }
)
"""As it was before: what an incident that is open already has frozen."""


def crisis(*, playbook: Playbook = RULES, **complaint: Any) -> Day:
    """Report and opinion in time, stood down, decided and relayed; nothing left but to resolve it at 12:00."""
    day = Day("10:00", playbook=playbook, circumstances={"disrupts_outlet": True}, **complaint)
    day.tell("10:20", LEAD, "report_submitted", content=COURSE)
    day.tell("10:30", COUNTY, "report_submitted", content=COURSE)
    day.tell("10:31", "gd-gz.work", "report_submitted", content=COURSE)
    return calmed(day)


def calmed(day: Day) -> Day:
    day.tell("11:30", PROVINCE, "handling_opinion_submitted", opinion="意见")
    day.tell("11:31", PROVINCE, "regulator_informed")
    day.tell("11:32", POST, "stood_down", reason="平息")
    day.tell("11:33", ANHE, "insurer_decided", decision="解释")
    day.tell("11:34", LEAD, "decision_relayed")
    return day


def late(**complaint: Any) -> Day:
    """The outlet reports ten minutes late; everything else in time."""
    day = Day("10:00", circumstances={"disrupts_outlet": True}, **complaint)
    day.tell("10:05", CONTACT, "notice_acknowledged", notice_id=f"tell.crisis~{CONTACT}")
    day.tell("11:10", LEAD, "report_submitted", content=COURSE)
    day.tell("11:20", COUNTY, "report_submitted", content=COURSE)
    day.tell("11:21", "gd-gz.work", "report_submitted", content=COURSE)
    return calmed(day)


def resolved(day: Day, when: str = "12:00") -> Day:
    assert day.tell(when, COUNTY, "resolved").accepted
    return day


def with_causes(day: Day, when: str = "12:10") -> Day:
    assert day.tell(when, COUNTY, "root_cause_recorded", root_cause="讲解不清", lessons="改进讲解").accepted
    return day


def opened(day: Day, when: str, **changed: Any) -> Any:
    fields = {"text": "修订讲解要点", "owner": LEAD, "due_at": DUE, "feeds": "screening_standard", **changed}
    return day.tell(when, COUNTY, "action_opened", **fields)


def acknowledged(day: Day, when: str, prompt: str, by: str = COUNTY) -> None:
    assert day.tell(when, by, "notice_acknowledged", notice_id=f"{prompt}~{by}").accepted
