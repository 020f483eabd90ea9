"""The duty of a past notice, rebuilt from its name, so that it says what is true now (R14, R28).

A duty is named `tell.<occasion>[.n]`, `prompt.…`, `repeat.<occasion>[.n].<repeat>`, `warn.<clock>.<n>` or
`breach.<clock>`; a clock's id may have a level or a number of its own. Errors: none. Of a clock that is no longer there
nothing is said.
"""

from datetime import datetime

from plan.after import lacking
from plan.clock import Clock
from plan.duties import Duty, base, served
from plan.incident import Incident, Notice, Occasion
from plan.occasions import must_be_confidential
from plan.playbook import NoticeRule, Playbook


def duty_of(incident: Incident, playbook: Playbook, notice: Notice, now: datetime, running: list[Clock]) -> Duty:
    """What the notice is about, for its recipient alone."""
    rule, occasion = rule_of(playbook, notice.duty), _occasion(incident, notice.duty)
    chase = rule.chase if rule and notice.duty.startswith("repeat.") else None
    return Duty(
        id=notice.duty,
        rule=notice.rule,
        at=now,
        recipients=(notice.recipient,),
        confidential=rule.confidential if rule else must_be_confidential(notice.duty),
        wake=chase.wake if chase else (),
        lacks=lacking(incident, playbook, base(notice.duty)),
        clock=served(base(occasion.duty), running) if occasion else _clock(notice.duty, running),
        occasion=occasion,
    )


def rule_of(playbook: Playbook, duty: str) -> NoticeRule | None:
    """The playbook's rule of a duty as it is named in a notice; of a repeat that of what it repeats."""
    what, _, rest = duty.partition(".")
    name = rest.partition(".")[0]
    if what != "repeat":
        return playbook.notice(f"{what}.{name}")
    return next((rule for rule in playbook.notices if rule.chase and rule.duty.partition(".")[2] == name), None)


def _occasion(incident: Incident, duty: str) -> Occasion | None:
    """The occasion that a notice tells, prompts or repeats; a clock has none."""
    what, _, name = duty.partition(".")
    if what != "repeat":
        return next((occasion for occasion in incident.occasions if occasion.duty == duty), None)
    repeated = name.rpartition(".")[0]
    return next((o for o in incident.occasions if o.duty in (f"tell.{repeated}", f"prompt.{repeated}")), None)


def _clock(duty: str, running: list[Clock]) -> Clock | None:
    what, _, rest = duty.partition(".")
    clock_id = rest.rpartition(".")[0] if what == "warn" else rest
    return next((clock for clock in running if clock.id == clock_id), None)
