"""A heightened alert (R7, R32): for a province and an insurer, until a date. In force means that its workflow runs.

Raised by hand where media report much or peers have clustered complaints, or by a watch that counts them; while it
lasts outlets explain in advance, and the watches raise signs earlier. Who raises it again may move its end either way,
a watch only later. Days are Asia/Shanghai; an alert holds to the end of its last day.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final, Literal, cast

from pydantic import Field, TypeAdapter, ValidationError

from plan.bulletin import Audience, Bulletin, To
from plan.messages import INSTANT, Bad, OpenSeal
from plan.organisation import Level
from plan.receipts import Refusal
from plan.roster import Role, Roster
from plan.told import WITHIN
from plan.values import Day, Flag, FreeText, Inbound, Instant, Kept, Ref
from plan.wording import CHINA

ALL: Final = "all"
LONGEST: Final = timedelta(days=366)


class AlertRaised(Inbound):
    """`reason` is kept in the alert and shown to people of the organisation; it never goes into a notice."""

    kind: Literal["alert_raised"]
    by: Ref
    until: Day
    reason: FreeText


class AlertLifted(Inbound):
    kind: Literal["alert_lifted"]
    by: Ref
    reason: FreeText


AlertFact = Annotated[AlertRaised | AlertLifted, Field(discriminator="kind")]
_FACT: TypeAdapter[AlertFact] = TypeAdapter(AlertFact)


class AlertTold(Kept):
    """A fact as it reached the alert; `within` where Tocsin's own worker sealed it."""

    fact: AlertFact
    at: Instant
    within: Flag = False


class Saying(Kept):
    """What was said of it, in order."""

    kind: str
    by: str
    at: Instant
    until: Day | None = None
    reason: str


class Alert(Kept):
    """Everything known of one alert. `until` is None before anybody has raised it."""

    province: str
    insurer: str
    until: Day | None = None
    lifted: Flag = False
    said: tuple[Saying, ...] = ()

    @property
    def ends_at(self) -> datetime | None:
        """The first instant after its last day; None where it is not in force."""
        if self.until is None or self.lifted:
            return None
        return datetime.combine(self.until + timedelta(days=1), time(), CHINA)

    def in_force(self, now: datetime) -> bool:
        return self.ends_at is not None and now < self.ends_at


def read_alert(said: object, *, alert: str, now: datetime, open_seal: OpenSeal) -> AlertTold | Bad:
    """A fact, or a door's sealed envelope around one. Errors: none; what cannot be read is a `Bad`."""
    envelope = dict(cast("Mapping[str, Any]", said)) if isinstance(said, Mapping) else {}
    body = envelope.get("fact", said)
    try:
        fact = _FACT.validate_python(body)
    except ValidationError as wrong:
        return Bad(
            why=f"it is no fact of an alert ({wrong.error_count()} faults); send alert_raised with by, until, reason, "
            "or alert_lifted with by, reason",
            why_zh="这条消息读不懂，未作登记。请用 tocsin alert 命令提升或解除警戒。",
        )
    sealed = envelope.get("seal") is not None and open_seal(alert, envelope)
    at = now
    if sealed:
        try:
            at = min(INSTANT.validate_python(envelope.get("received_at")), now)
        except ValidationError:
            at = now
    return AlertTold(fact=fact, at=at, within=sealed and envelope.get("door") == "tocsin")


def may_not(alert: Alert, told: AlertTold, roster: Roster) -> Refusal | None:
    """Why it is not accepted: who may say so (R7: the groups of the province or above it, the operator), and what."""
    fact = told.fact
    if fact.by == WITHIN:
        return None if told.within else _no("only Tocsin itself speaks as system:tocsin", "只有系统自身可用此身份")
    mine = [role for role in roster.roles_of(fact.by) if not role.left]
    groups = any(r.role in (Role.WORK_GROUP, Role.LEADERSHIP_GROUP) and r.level in _LEVELS for r in mine)
    systems = any(r.role is Role.SYSTEM and fact.kind in r.kinds for r in mine)
    if not (groups or systems or any(r.role is Role.OPERATOR for r in mine)):
        return _no(
            "an alert is raised and lifted by a work group or leadership group of the province or headquarters, by the "
            "operator, or by a system that may say so",
            "提升或解除警戒，须由省级或总部的工作组、领导小组或值班台登记",
        )
    if isinstance(fact, AlertLifted):
        return None if alert.in_force(told.at) else _no("no alert is in force", "当前没有生效的警戒")
    today = told.at.astimezone(CHINA).date()
    if not today <= fact.until <= today + LONGEST:
        return _no("its last day must be today or later, and within a year", "截止日期须为今天或以后，且不超过一年")
    return None


_LEVELS: Final = (Level.PROVINCE, Level.HQ)


def _no(reason: str, zh: str) -> Refusal:
    return Refusal(rule="R32", reason=reason, reason_zh=zh)


def after(alert: Alert, told: AlertTold) -> Alert:
    """The alert as it is once the fact counts."""
    fact = told.fact
    until = fact.until if isinstance(fact, AlertRaised) else None
    saying = Saying(kind=fact.kind, by=fact.by, at=told.at, until=until, reason=fact.reason)
    said = (*alert.said, saying)[-100:]
    if until is None:
        return alert.model_copy(update={"lifted": True, "said": said})
    if told.within and alert.until is not None and not alert.lifted:
        until = max(until, alert.until)
    return alert.model_copy(update={"until": until, "lifted": False, "said": said})


def announced(before: Alert, now: Alert, reference: str) -> Bulletin | None:
    """What outlets are told of the change: that it is in force and until when, or that it is over (R32)."""
    place = None if now.province == ALL else now.province
    to = (To(who=Audience.OUTLETS, unit=place), *((To(who=Audience.WORK_GROUP, unit=place),) if place else ()))
    insurer = None if now.insurer == ALL else now.insurer
    if now.ends_at is not None and now.until != (before.until if before.ends_at else None):
        last = now.ends_at - timedelta(minutes=1)
        return Bulletin(reference=reference, duty="tell.alert", rule="R32", to=to, insurer=insurer, due_at=last)
    if now.ends_at is None and before.ends_at is not None:
        return Bulletin(reference=reference, duty="tell.alert_over", rule="R32", to=to, insurer=insurer)
    return None


def alert_view(alert: Alert, now: datetime) -> dict[str, Any]:
    """For the query, and for `tocsin alert list`."""
    return {**alert.model_dump(mode="json"), "in_force": alert.in_force(now)}
