"""What is wrong with a whole playbook, every fault at once (R2.1, R5, R9, R14, R29, R43, R45).

The plan's own numbers stand as they are; every occasion has a notice, and every notice recipients who exist on that
occasion; what is confidential says so and reaches nobody by a chat that insurers read. With an organisation, its
persons and insurers are looked at as well; with wordings, whether there are words for everything. Errors: none.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from difflib import get_close_matches

from plan.channels import MANNERS, is_group
from plan.fault import Fault
from plan.occasions import ALWAYS, DUTIES, INSURERS, NEVER_FOR, ONLY_FOR, may_hear, must_be_confidential
from plan.organisation import Audience, Organisation
from plan.parts import Party
from plan.playbook import Chase, ClockName, ClockRule, NoticeRule, Playbook, Recipients, Statutory
from plan.reach import persons
from plan.unworded import unworded
from plan.wording import Wording

STATUTORY = {ClockName.OUTLET_REPORT: timedelta(hours=1), ClockName.PROVINCE_OPINION: timedelta(hours=24)}
"""The only two limits of the plan (R43, R45)."""


def playbook_faults(
    playbook: Playbook, organisation: Organisation | None = None, wordings: Sequence[Wording] = ()
) -> list[Fault]:
    """Every fault, in the order of the file."""
    return [
        *_numbers(playbook),
        *_statutory(playbook),
        *_clocks(playbook),
        *_watch(playbook),
        *_targets(playbook, organisation),
        *_notices(playbook),
        *_missing(playbook),
        *_checklist(playbook),
        *(_unreachable(playbook, organisation) if organisation else ()),
        *(fault for wording in wordings for fault in unworded(playbook, wording)),
    ]


def _numbers(playbook: Playbook) -> Iterator[Fault]:
    """Five people, one or two contacts: the plan's own."""
    own = Statutory()
    for field, rule in (("group_of", "R2.1"), ("contacts_at_least", "R5"), ("contacts_at_most", "R5")):
        number = getattr(own, field)
        if getattr(playbook.statutory, field) != number:
            yield Fault(
                ("statutory", field),
                f"the plan says {number}, and it is not for a playbook to change; write {number}",
                rule,
            )


def _statutory(playbook: Playbook) -> Iterator[Fault]:
    for name, within in STATUTORY.items():
        hours = f"PT{within // timedelta(hours=1)}H"
        rule = "R43" if name is ClockName.OUTLET_REPORT else "R45"
        for n, clock in _each(playbook, name):
            if clock.within != within:
                yield Fault(("clocks", n, "within"), f"{name} is the plan's own limit; write {hours}", rule)
            if not clock.statutory:
                yield Fault(("clocks", n, "statutory"), f"{name} is the plan's own limit; write statutory: true", rule)
        if playbook.clock(name) is None:
            yield Fault(("clocks",), f"{name} is missing; add it with within: {hours} and statutory: true", rule)
    for n, clock in enumerate(playbook.clocks):
        if clock.statutory and clock.id not in STATUTORY:
            what = f"{clock.id} is a configured target, the plan names no limit for it; take statutory out"
            yield Fault(("clocks", n, "statutory"), what, clock.rule)


def _clocks(playbook: Playbook) -> Iterator[Fault]:
    for n, clock in enumerate(playbook.clocks):
        path = ("clocks", n)
        if playbook.clock(clock.id) is not clock:
            yield Fault((*path, "id"), f"{clock.id} stands here a second time; keep one")
        befores = [warning.before for warning in clock.warnings]
        for place, before in enumerate(befores):
            if before >= clock.within:
                yield Fault(
                    (*path, "warnings", place), f"a warning of {clock.id} comes before the clock starts; shorten it"
                )
            if place and before >= befores[place - 1]:
                yield Fault((*path, "warnings", place), f"warnings of {clock.id} stand earliest first; reorder them")
        also = {recipient for warning in clock.warnings for recipient in warning.also}
        yield from _recipients((*path, "warnings"), f"warn.{clock.id}", also)


def _watch(playbook: Playbook) -> Iterator[Fault]:
    """Signs come before the plan's own number, a window within a window, and an alert asks for no more than usual."""
    watch, five = playbook.watch, playbook.statutory.group_of
    if watch is None:
        return
    if watch.signs_at >= five:
        yield Fault(("watch", "signs_at"), f"signs come before a group of {five}; write less than {five}", "R39")
    if watch.short >= watch.long:
        yield Fault(("watch", "short"), "is not shorter than long; shorten it", "R2.1")
    for lower, usual in (("heightened_signs_at", "signs_at"), ("heightened_long_at", "long_at")):
        if getattr(watch, lower) > getattr(watch, usual):
            yield Fault(("watch", lower), f"an alert lowers {usual}; write no more than it", "R32")


def _targets(playbook: Playbook, organisation: Organisation | None) -> Iterator[Fault]:
    insurers = {insurer.id for insurer in organisation.insurers} if organisation else None
    seen: set[tuple[object, ...]] = set()
    for n, target in enumerate(playbook.targets):
        path, key = ("targets", n), (target.clock, target.insurer, target.level)
        if target.clock in STATUTORY:
            yield Fault((*path, "clock"), f"{target.clock} is the plan's own limit and has no other; take it out", "R9")
        elif playbook.clock(target.clock) is None:
            yield Fault((*path, "clock"), f"{target.clock} is not among the clocks; add it there first", "R9")
        if target.insurer is None and target.level is None:
            yield Fault(path, "names neither an insurer nor a level; set the clock's own within instead", "R9")
        if key in seen:
            yield Fault(path, f"a target for {target.clock} stands here a second time; keep one", "R9")
        if insurers is not None and target.insurer is not None and target.insurer not in insurers:
            near = get_close_matches(target.insurer, insurers, n=1)
            meant = f"did you mean {near[0]}?" if near else "add it there or take the target out"
            yield Fault((*path, "insurer"), f"{target.insurer} is not in the organisation; {meant}", "R9")
        seen.add(key)


def _notices(playbook: Playbook) -> Iterator[Fault]:
    for n, notice in enumerate(playbook.notices):
        path = ("notices", n)
        if notice.duty not in DUTIES:
            near = get_close_matches(notice.duty, DUTIES, n=1)
            meant = f"did you mean {near[0]}?" if near else "take it out"
            yield Fault((*path, "duty"), f"{notice.duty} is not a duty that ever comes up; {meant}")
            continue
        if playbook.notice(notice.duty) is not notice:
            yield Fault((*path, "duty"), f"{notice.duty} stands here a second time; keep one")
        if must_be_confidential(notice.duty) and not notice.confidential:
            yield Fault(path, f"{notice.duty} is confidential by its nature; write confidential: true", "R29")
        yield from _recipients((*path, "to"), notice.duty, notice.to)
        yield from _insurer_hears((*path, "to"), notice, notice.to)
        yield from _chase(path, notice)


def _recipients(path: tuple[str | int, ...], duty: str, to: Iterable[Recipients]) -> Iterator[Fault]:
    """Recipients who do not exist on this occasion."""
    for recipient in to:
        occasions = ONLY_FOR.get(recipient)
        if (occasions is not None and duty not in occasions) or recipient in NEVER_FOR.get(duty, ()):
            yield Fault(path, f"nobody is {recipient} when {duty} comes up; name somebody else", "R28")


def _insurer_hears(path: tuple[str | int, ...], notice: NoticeRule, to: Iterable[Recipients]) -> Iterator[Fault]:
    if not notice.confidential:
        return
    for recipient in to:
        if not may_hear(notice.duty, recipient):
            yield Fault(path, f"{notice.duty} is confidential and {recipient} is an insurer's; take it out", "R29")


def _chase(path: tuple[str, int], notice: NoticeRule) -> Iterator[Fault]:
    chase = notice.chase
    if chase is None:
        return
    at, told = (*path, "chase"), {*notice.to, *(each for to in notice.to for each in _COVERS.get(to, ()))}
    for field, chased in (("of", chase.of), ("beside", chase.beside)):
        if missing := [recipient for recipient in chased if recipient not in told]:
            yield Fault(
                (*at, field), f"{', '.join(missing)} is not told of {notice.duty} at all; chase somebody of `to`"
            )
    if chase.pauses_for is not None and chase.pauses_for not in list(Party):
        yield Fault((*at, "pauses_for"), f"{chase.pauses_for} is never on the way; write one of {', '.join(Party)}")
    for where, asked in ((("then",), chase.then), *((("steps", n), step) for n, step in enumerate(chase.steps))):
        yield from _recipients((*at, *where), notice.duty, asked)
        yield from _insurer_hears((*at, *where), notice, asked)
    yield from _steps(at, chase)
    yield from _wake(at, chase)


_COVERS = {
    Recipients.CHAIN_WORK_GROUPS: (
        Recipients.SUPERIOR_WORK_GROUP,
        Recipients.NEXT_WORK_GROUP,
        Recipients.PROVINCE_WORK_GROUP,
    )
}
"""Who is told with whom."""


def _steps(at: tuple[str | int, ...], chase: Chase) -> Iterator[Fault]:
    if chase.steps and chase.then:
        yield Fault((*at, "then"), "steps say whom each repeat asks, so that nobody is asked by then; keep one of them")
    for n, step in enumerate(chase.steps):
        if not step:
            yield Fault((*at, "steps", n), "a step names nobody; name somebody or take it out", "R14")
        if n >= chase.at_most:
            yield Fault((*at, "steps", n), f"at_most {chase.at_most} ends the chase before this step; raise it", "R14")


def _wake(at: tuple[str | int, ...], chase: Chase) -> Iterator[Fault]:
    """A chat wakes nobody."""
    for channel in chase.wake:
        if channel not in MANNERS:
            near = get_close_matches(channel, MANNERS, n=1)
            meant = f"did you mean {near[0]}?" if near else f"write one of {', '.join(MANNERS)}"
            yield Fault((*at, "wake"), f"{channel} is no channel; {meant}")
        elif is_group(channel):
            yield Fault((*at, "wake"), f"{channel} writes into a chat, which wakes nobody; write voice or sms")


def _missing(playbook: Playbook) -> Iterator[Fault]:
    """Duties that come up and would reach nobody."""
    wanted: list[tuple[tuple[str | int, ...], str]] = [(("notices",), duty) for duty in ALWAYS]
    for n, clock in enumerate(playbook.clocks):
        wanted.append((("clocks", n), f"breach.{clock.id}"))
        wanted += [(("clocks", n), f"warn.{clock.id}")] if clock.warnings else []
    for path, duty in wanted:
        if playbook.notice(duty) is None:
            yield Fault(path, f"there is no notice {duty}; say under notices who is told", "R14")


def _checklist(playbook: Playbook) -> Iterator[Fault]:
    """Owners must be people one can point to at any time, on our side (contract, section 4)."""
    for item, owners in playbook.checklist.items():
        if not owners:
            yield Fault(("checklist", item), f"nobody ticks off {item}; name its owner", "R57")
        for recipient in owners:
            if recipient in ONLY_FOR or recipient in INSURERS:
                yield Fault(
                    ("checklist", item), f"{recipient} cannot own {item}; name a role at the outlet or above", "R57"
                )


def _unreachable(playbook: Playbook, organisation: Organisation) -> Iterator[Fault]:
    """Persons who would hear of something confidential, and could only by chats that insurers read (R29, R62)."""
    exposed = {
        person.id
        for person in organisation.persons
        if not person.left and all(address.audience is Audience.TRIPARTITE for address in person.channels)
    }
    duties: dict[str, list[int]] = {}
    for n, notice in enumerate(playbook.notices):
        if notice.confidential and exposed:
            for person in sorted(exposed & persons(organisation, playbook, notice)):
                duties.setdefault(person, []).append(n)
    for person, places in duties.items():
        names = [playbook.notices[n].duty for n in places]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Fault(
            ("notices", places[0]),
            f"{person} would be told {names[0]}{more} but is reached only by chats that insurers read; give them "
            "a channel that is personal or internal",
            "R29",
        )


def _each(playbook: Playbook, name: ClockName) -> Iterator[tuple[int, ClockRule]]:
    return ((n, clock) for n, clock in enumerate(playbook.clocks) if clock.id is name)
