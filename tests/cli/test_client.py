"""The Python client's ids and doors, without a server."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from temporalio.client import Client

import starter
from plan.complaint import Complaint
from plan.errors import Malformed
from plan.organisation import Organisation
from plan.values import FactId, IncidentId
from runtime.documents import SAMPLE, load_organisation
from runtime.seals import keyring
from runtime.settings import Settings
from starter import ids
from starter.client import file_complaint, tell, with_person_key
from starter.listing import Listed
from starter.rerouting import concerned

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
MOBILE, CARD = "13912345678", "11010519491231002X"


async def nowhere() -> Client:
    """A client that nothing answers: whoever asks it fails otherwise."""
    return await Client.connect("127.0.0.1:1", lazy=True)


def test_the_package_exports_the_contracts_four_names() -> None:
    assert starter.__all__ == ["connect", "file_complaint", "tell", "view"]
    assert all(callable(getattr(starter, name)) for name in starter.__all__)
    with pytest.raises(AttributeError):
        starter.nothing  # noqa: B018


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(9000, 1, 1)))  # noqa: DTZ001
def test_a_made_incident_id_is_one_and_names_the_day_in_shanghai(now: datetime) -> None:
    made = ids.incident_id(now)
    TypeAdapter(IncidentId).validate_python(made)
    assert re.fullmatch(r"C-\d{8}-[0-9A-HJKMNP-TV-Z]{8}", made)


def test_an_incident_filed_after_midnight_in_shanghai_has_the_new_day() -> None:
    assert ids.incident_id(datetime(2026, 11, 24, 16, 30, tzinfo=UTC)).startswith("C-20261125-")


def test_made_fact_ids_differ_and_sort_by_time() -> None:
    made = [ids.fact_id() for _ in range(200)]
    assert len(set(made)) == 200
    assert [each[:15] for each in made] == sorted(each[:15] for each in made)
    TypeAdapter(FactId).validate_python(made[0])


@pytest.mark.rule("R29")
@pytest.mark.parametrize(("number", "kind"), [(MOBILE, "a mobile number"), (CARD, "an identity card's number")])
async def test_nothing_is_filed_under_an_id_that_may_be_a_customers_number(number: str, kind: str) -> None:
    body = {"incident_id": f"CRM-{number}", "channel": "outlet", "unit": "gd", "reason": "r"}
    with pytest.raises(Malformed, match="not filed") as refused:
        await file_complaint(await nowhere(), body)
    assert f"incident_id: holds what looks like {kind}" in str(refused.value)
    assert "leave the id out" in str(refused.value)
    assert number not in str(refused.value)


@pytest.mark.rule("R29")
async def test_no_group_event_is_opened_under_an_id_that_may_be_a_customers_number() -> None:
    fact = {"kind": "converted_to_group_event", "by": "gd.work", "group_id": MOBILE}
    with pytest.raises(Malformed, match="not told") as refused:
        await tell(await nowhere(), "GD-1", fact)
    assert "group_id: holds what looks like a mobile number" in str(refused.value)
    assert MOBILE not in str(refused.value)


@pytest.mark.rule("R2.1")
def test_a_person_is_known_by_a_key_that_is_neither_name_nor_number(tmp_path: Path) -> None:
    keys = keyring(Settings(home=tmp_path))

    def keyed(**customer: object) -> str | None:
        body = {"channel": "outlet", "unit": "gd", "reason": "r", "customer": customer}
        return with_person_key(Complaint.model_validate(body), keys).customer.person_key

    key = keyed(name="张 三", phone="139 0000 0000")
    assert key == keyed(name="张三", phone="13900000000")
    assert key is not None
    assert "139" not in key
    assert keyed(name="张三", phone="13900000001") != key
    assert keyed(name="张三") is None
    assert keyed(name="张三", phone="13900000000", person_key="p-1") == "p-1"


def listed(name: str, **more: str) -> Listed:
    return Listed(incident_id=name, filed_at=NOW, **more)  # pyright: ignore[reportArgumentType]


def without(organisation: Organisation, person: str) -> Organisation:
    persons = tuple(
        known.model_copy(update={"left": True}) if known.id == person else known for known in organisation.persons
    )
    return organisation.model_copy(update={"version": "next", "persons": persons})


@pytest.mark.rule("R28")
def test_only_incidents_whose_people_changed_are_told_of_a_new_version() -> None:
    old = load_organisation(SAMPLE)
    incidents = [
        listed("T1", outlet="gd-gz-th-0001", insurer="anhe-life", form="single"),
        listed("SZ", outlet="gd-sz-ns-0001", insurer="anhe-life", form="single"),
        listed("UNKNOWN", province="gd", form="single"),
    ]
    assert concerned(incidents, old, old) == []
    told = concerned(incidents, old, without(old, "gd-gz-th.work"))
    assert [(incident.incident_id, unit) for incident, unit in told] == [("T1", "gd-gz-th")]
    told = concerned(incidents, old, without(old, "gd.work"))
    assert [(incident.incident_id, unit) for incident, unit in told] == [("T1", "gd"), ("SZ", "gd"), ("UNKNOWN", "gd")]


@pytest.mark.rule("R28")
def test_a_name_that_changed_reroutes_nobody() -> None:
    old = load_organisation(SAMPLE)
    persons = tuple(known.model_copy(update={"name": "另一个名字"}) for known in old.persons)
    new = old.model_copy(update={"version": "next", "persons": persons})
    assert concerned([listed("T1", outlet="gd-gz-th-0001", insurer="anhe-life")], old, new) == []
