"""The words of one notice, as whoever it is for reads or hears them (R14, R29): text, link, and what a digest needs.

Where insurers read along, what is not meant for them is written without the hour that Post and Bank owe each other
(decision 20). Errors: ApplicationError, to be tried again, where the wording cannot be read.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from activities.attempts import failure
from activities.directory import unreadable
from activities.names import MISCONFIGURED
from plan.bulletin import WORDS as BULLETINS
from plan.channels import is_group, is_spoken
from plan.digest import Written
from plan.errors import Misconfigured
from plan.notices import notice_id
from plan.occasions import UNDATED_BEFORE_INSURERS
from plan.orders import DeliveryOrder
from plan.organisation import Address, Audience, Person
from plan.roster import Role
from plan.spoken import spoken
from plan.wording import Wording, brief, duty_key, render
from plan.wording_words import TIMES
from runtime.ack_links import AckLinks


@dataclass(frozen=True, slots=True)
class Words:
    """A notice as it is written for one recipient; `text` is without its link."""

    text: str
    link: str | None
    link_line: str
    wording: Wording

    @property
    def whole(self) -> str:
        return "\n".join(line for line in (self.text, self.link_line) if line)


class Writing:
    """`wording` gives that of a language; it is called in a thread, for it may open files. Without `links` none."""

    def __init__(self, wording: Callable[[str], Wording], links: AckLinks | None) -> None:
        self._wording, self._links = wording, links

    async def words(self, order: DeliveryOrder, person: Person, address: Address) -> Words:
        try:
            wording = await asyncio.to_thread(self._wording, person.lang)
            chat = is_group(order.channel)
            text = render(wording, order.duty, order.words, drill=order.drill, chat=chat, now=order.now)
        except (Misconfigured, OSError, ValueError, LookupError) as wrong:
            raise failure(MISCONFIGURED, unreadable(order, "wording", wrong)) from None
        if is_spoken(order.channel):
            return Words(spoken(text, wording.lang, wording.spoken_end), None, "", wording)
        personal = address.audience is Audience.PERSONAL and not chat and not _of_no_incident(order)
        link = self._link(order, personal=personal)
        line = wording.link_personal if personal else wording.link_group
        return Words(text, link, _with(line, link), wording)

    def written(self, order: DeliveryOrder, words: Words) -> Written:
        wording, front = words.wording, self._links.front() if self._links else None
        return Written(
            text=words.text,
            line=brief(wording, order.duty, order.words, drill=order.drill, now=order.now),
            lang=wording.lang,
            head=(wording.drill_mark if order.drill else "") + wording.digest_head,
            cut=wording.shortened,
            page=words.link_line,
            front=_with(wording.link_group, front),
        )

    def _link(self, order: DeliveryOrder, *, personal: bool) -> str | None:
        """Where a person says "received"; of what others read too, where one signs in. The same at each attempt."""
        if self._links is None:
            return None
        if personal:
            notice = notice_id(order.duty, order.recipient)
            return self._links.personal(order.incident_id, notice, order.recipient, order.now)
        return self._links.front() if _of_no_incident(order) else self._links.page(order.incident_id)


def as_read_there(order: DeliveryOrder, address: Address) -> DeliveryOrder:
    """Where insurers read along, what is not meant for them names no hour that Post and Bank owe each other (R29)."""
    to_insurer = order.words.get("role") == Role.INSURER
    if address.audience is not Audience.TRIPARTITE or to_insurer or duty_key(order.duty) not in UNDATED_BEFORE_INSURERS:
        return order
    undated = {name: word for name, word in order.words.items() if name not in TIMES}
    return order.model_copy(update={"words": undated, "due_at": None})


def _of_no_incident(order: DeliveryOrder) -> bool:
    """A bulletin's: there is nothing to acknowledge, and no page of an incident."""
    return duty_key(order.duty) in BULLETINS


def _with(line: str, link: str | None) -> str:
    return line.replace("{link}", link) if link else ""
