"""Figures over HTTP: what the command counts, for whoever answers for it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from plan.access import Caller, Grant, Scope
from plan.figures import FiguresAsked
from runtime.records.engine import open_store
from runtime.records.writing import keep
from runtime.settings import Settings
from starter.gateway.parts import Parts
from starter.kept import figures_of
from tests.gateway.conftest import AsCaller, Shown, client_of, serving
from tests.gateway.people import person, problem, system
from tests.records.made import order, played

pytestmark = pytest.mark.server


@pytest.fixture
async def counting(parts: Parts, tmp_path: Path, callers: Shown) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway over a store with two incidents at an outlet of the county."""
    settings = Settings(home=tmp_path)
    store = open_store(settings)
    for incident_id in ("K-1", "K-2"):
        keep(store, order(played(incident_id).book))
    store.close()
    async with serving(parts, settings=settings) as gateway, client_of(gateway) as client:
        yield client


async def test_figures_are_those_of_the_command(
    counting: httpx.AsyncClient, parts: Parts, callers: Shown, tmp_path: Path
) -> None:
    show, asked = callers.header(system("crm")), {"unit": "gd-gz-th-0001", "to": "2099-01-01"}
    said = (await counting.get("/v1/figures", params=asked, headers=show)).json()
    expected = await figures_of(
        await parts.temporal.client(), FiguresAsked.model_validate(said["asked"]), Settings(home=tmp_path)
    )
    assert said["incidents"] >= 2
    assert said["asked"] == {"since": None, "until": "2099-01-01T16:00:00Z", "unit": "gd-gz-th-0001", "insurer": None}
    assert said["incidents"] == expected.incidents
    none = (await counting.get("/v1/figures", params={"to": "1999-12-31"}, headers=show)).json()
    assert none["incidents"] == 0


async def test_figures_come_as_csv_too(counting: httpx.AsyncClient, callers: Shown) -> None:
    show = callers.header(system("crm"))
    by_name = await counting.get("/v1/figures", params={"format": "csv"}, headers=show)
    by_accept = await counting.get("/v1/figures", headers={**show, "accept": "text/csv, application/json;q=0.5"})
    for answer in (by_name, by_accept):
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.text.startswith("figure,key,part,whole,value\nincidents,,,,")
    json = await counting.get("/v1/figures", headers={**show, "accept": "application/json, text/csv"})
    assert json.headers["content-type"] == "application/json"


@pytest.mark.rule("R29")
async def test_figures_are_of_what_a_caller_answers_for(counting: httpx.AsyncClient, callers: Shown) -> None:
    async def asked(caller: Caller, **params: str) -> httpx.Response:
        return await counting.get("/v1/figures", params=params, headers=callers.header(caller))

    county = system("crm", units=("gd-gz-th",))
    assert (await asked(county)).json()["asked"]["unit"] == "gd-gz-th"
    assert (await asked(system("crm"))).json()["asked"]["unit"] is None
    assert (await asked(person("gd-gz.work"), unit="gd-gz-th-0001")).json()["incidents"] >= 2
    problem(await asked(county, unit="gd-gz"), 403)
    problem(await asked(county, unit="gd-sz-ns-0001"), 403)
    for nobody in (person("gd-gz-th-0001.lead"), person("anhe-life.gd"), system("crm", insurer="anhe-life")):
        problem(await asked(nobody), 403)
    two = Caller(id="system:crm", also=(Grant(scopes=frozenset(Scope), units=("gd-gz-th", "gd-sz")),))
    said = problem(await asked(two), 422)
    assert said["errors"][0]["parameter"] == "unit"


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "1"},
        {"from": "2026-13-01"},
        {"from": "1969-12-31"},
        {"to": "9999-12-31"},
        {"unit": "lost"},
        {"insurer": "'"},
        {"format": "xml"},
        {"colour": "red"},
    ],
)
async def test_what_cannot_be_counted_is_malformed(http: httpx.AsyncClient, asked: dict[str, str]) -> None:
    problem(await http.get("/v1/figures", params=asked), 422)


async def test_figures_without_their_records_are_503_and_filing_goes_on(
    parts: Parts, callers: Shown, tmp_path: Path, as_caller: AsCaller
) -> None:
    from tests.gateway.people import complaint

    away = Settings.model_validate({"home": tmp_path, "records": "postgresql+psycopg://x@127.0.0.1:1/none"})
    async with serving(parts, settings=away) as gateway, client_of(gateway, callers.header(system("crm"))) as client:
        said = problem(await client.get("/v1/figures"), 503)
        assert "127.0.0.1" not in str(said)
        body = complaint()
        assert (await client.post("/v1/incidents", json=body)).status_code == 201
        fact = {"kind": "group_signs_seen"}
        path = f"/v1/incidents/{body['incident_id']}"
        assert (await client.post(f"{path}/facts", json=fact)).status_code == 200
        assert (await client.get(path)).status_code == 200
        assert (await client.get(f"{path}/audit")).status_code == 200
        away_too = await client.get("/v1/incidents/K-closed/audit")
        assert problem(away_too, 503)
        assert away_too.headers["retry-after"]


async def test_figures_that_do_not_come_are_not_waited_for(
    parts: Parts, callers: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from starter.gateway.routes import figures

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(figures, "figures_of", never)
    monkeypatch.setattr(figures, "LONGEST", timedelta(seconds=0.05))
    async with serving(parts) as gateway, client_of(gateway, callers.header(system("crm"))) as client:
        problem(await client.get("/v1/figures"), 503)
