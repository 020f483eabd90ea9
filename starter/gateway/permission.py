"""Asking the one function that decides (`plan/access.py`), with the organisation in force.

    await permit(parts, caller, Scope.FILE, place_of(complaint))
    await permit_speaker(parts, caller, fact.by)

What of an incident a person may see the incident itself says, by its own roster: ask it as that viewer, and answer
`unseen(...)` to a stranger. Errors: Forbidden, with the rule; Misconfigured, without an organisation.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from plan.access import Caller, Place, Scope, allowed, allowed_somewhere, may_speak_for, place_in
from plan.complaint import Complaint
from plan.receipts import Refusal
from starter.gateway.parts import Parts
from starter.gateway.problems import Forbidden


class Named(NamedTuple):
    """What a complaint or an incident says of where it is. Nothing named is the whole organisation."""

    outlet: str | None = None
    unit: str | None = None
    insurers: tuple[str, ...] = ()


THE_WHOLE = Named()


def place_of(said: Complaint | Mapping[str, Any]) -> Named:
    """Of a complaint, or of an incident as `view` or the list shows it (unmasked: as the operator sees it)."""
    if isinstance(said, Complaint):
        return Named(said.outlet, said.unit, (said.insurer,) if said.insurer else ())
    outlet = _text(said.get("outlet")) or _text(said.get("scene"))
    insurers: object = said.get("insurers")
    several = cast("list[object]", insurers) if isinstance(insurers, list) else []
    names = [name for each in (*several, said.get("insurer")) if (name := _text(each))]
    return Named(outlet, _text(said.get("unit")) or _text(said.get("province")), tuple(dict.fromkeys(names)))


async def permit(parts: Parts, caller: Caller, scope: Scope, place: Named) -> None:
    """Go on, or Forbidden."""
    refuse(allowed(caller, scope, await _where(parts, place)))


async def permitted(parts: Parts, caller: Caller, scope: Scope, place: Named) -> bool:
    """For a line of a list, or for an incident that must look as if it did not exist."""
    return allowed(caller, scope, await _where(parts, place)) is None


def permit_somewhere(caller: Caller, scope: Scope) -> None:
    """For a list: what the caller may do nowhere is refused before anything is looked up."""
    refuse(allowed_somewhere(caller, scope))


async def permit_speaker(parts: Parts, caller: Caller, by: str) -> None:
    """Whether a body may state a fact by this person or system (contract, section 9)."""
    if may_speak_for(caller, by, await parts.directory.organisation()):
        return
    if caller.is_system:
        zh = (
            f"{caller.id} 的密钥不能代 {by} 登记。请使用覆盖其机构、带 speak 权限的密钥；保险公司人员须用该公司的密钥。"
        )
        en = (
            f"The key of {caller.id} does not cover {by}. Use one with the scope `speak` for that person's units; "
            "for an insurer's people, that insurer's own."
        )
    else:
        zh = f"{caller.id} 只能以本人名义登记。请将 by 改为本人。"
        en = f"{caller.id} may state facts for themself alone. Say so in `by`."
    raise Forbidden(f"{zh} {en}", rule="R29")


def refuse(no: Refusal | None) -> None:
    if no is not None:
        raise Forbidden(f"{no.reason_zh} {no.reason}", rule=no.rule)


async def _where(parts: Parts, place: Named) -> Place:
    organisation = await parts.directory.organisation()
    return place_in(organisation, outlet=place.outlet, unit=place.unit, insurers=place.insurers)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
