"""The telephone page of an outlet: large names and numbers, to be printed and put beside the telephone."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from starter.contacts import Contact, Contacts
from starter.pages.times import day_time
from starter.words import ROLES, Lang, either, word


def contacts_page(found: Contacts, lang: Lang) -> Iterator[RenderableType]:
    """Superior, insurers, police, in the order an outlet would dial."""
    yield Text(f"{found.outlet_name} ({found.outlet})", style="bold")
    yield Text(found.address)
    yield Text()
    yield Text(
        either(lang, f"上级 {found.superior_name or '-'}", f"Superior: {found.superior_name or '-'}"), style="bold"
    )
    yield from (_line(contact, lang) for contact in found.superiors)
    yield Text()
    yield Text(either(lang, "保险公司责任人", "Insurers' contacts"), style="bold")
    yield from (_line(contact, lang) for contact in found.insurers)
    yield Text()
    yield Text(either(lang, "公安", "Police"), style="bold")
    yield Text(f"  {found.police_phone:<16} {found.police_station}")
    yield Text(f"  {found.emergency_phone:<16} {either(lang, '紧急报警', 'emergency')}")
    yield Text()
    yield Text(either(lang, "机构版本", "organisation version") + f" {found.organisation_version}", style="dim")


def _line(contact: Contact, lang: Lang) -> Text:
    who = contact.insurer or word(ROLES, contact.role, lang)
    line = Text(f"  {contact.phone or '-':<16} {contact.name}  {who}  {contact.person}")
    if contact.absent_until is not None:
        until = day_time(contact.absent_until)
        line.append(either(lang, f"  ({until} 前不在)", f"  (absent until {until})"), style="yellow")
    return line
