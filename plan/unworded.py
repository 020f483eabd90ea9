"""Notices of a playbook that a wording has no words for, or none for whom they reach (R14).

An insurer is spoken to as a guest, with words of its own; everybody else may share those of `any`. Errors: none.
"""

from collections.abc import Iterator, Mapping

from plan.fault import Fault
from plan.hearers import chased, hearers
from plan.occasions import DUTIES
from plan.playbook import NoticeRule, Playbook
from plan.roster import Role
from plan.wording import REPEAT, Wording


def unworded(playbook: Playbook, wording: Wording) -> Iterator[Fault]:
    """Every fault, where it stands in the playbook."""
    for n, notice in enumerate(playbook.notices):
        if notice.duty not in DUTIES:
            continue
        texts = wording.texts.get(notice.duty)
        if texts is None:
            yield _none(("notices", n, "duty"), notice.duty, wording)
        elif Role.INSURER in hearers(playbook, notice):
            yield from _insurers(("notices", n, "to"), notice.duty, texts, wording)
        yield from _repeated(("notices", n, "chase"), playbook, notice, wording)


def _repeated(path: tuple[str | int, ...], playbook: Playbook, notice: NoticeRule, wording: Wording) -> Iterator[Fault]:
    again = chased(playbook, notice)
    duty = f"{REPEAT}.{notice.duty.partition('.')[2]}"
    texts = wording.texts.get(duty) or wording.texts.get(REPEAT)
    if again and texts is None:
        yield _none(path, duty, wording)
    elif texts and Role.INSURER in again:
        yield from _insurers(path, duty, texts, wording)


def _none(path: tuple[str | int, ...], duty: str, wording: Wording) -> Fault:
    lang = wording.lang
    return Fault(path, f"there are no words for {duty} in {lang}; write its text in wording/{lang}.yaml", "R14")


def _insurers(path: tuple[str | int, ...], duty: str, texts: Mapping[str, str], wording: Wording) -> Iterator[Fault]:
    if Role.INSURER not in texts:
        lang = wording.lang
        what = f"an insurer hears of {duty}, and its text in {lang} speaks to our own people"
        yield Fault(path, f"{what}; write one under insurer in wording/{lang}.yaml", "R14")
