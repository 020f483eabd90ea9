"""The command line against a real server with a worker, told as an operator would."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client

from runtime.documents import SAMPLE
from starter import connect, file_complaint, tell, view
from tests.cli.conftest import EXAMPLE, Process
from tests.cli.test_import import GOOD, HEADER

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("serving")]
LEAD, COUNTY = "gd-gz-th-0001.lead", "gd-gz-th.work"
CUSTOMER = {"name": "张三", "phone": "13900000000", "policy_numbers": ["P-123456"]}


def complaint(**more: Any) -> dict[str, Any]:
    return {
        "incident_id": f"T-{uuid4().hex[:8]}",
        "channel": "outlet",
        "subject": "returns",
        "outlet": "gd-gz-th-0001",
        "insurer": "anhe-life",
        "reason": "收益与所说不符",
        **more,
    }


def body(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()


@pytest.mark.rule("R24")
async def test_a_complaint_is_filed_once_and_another_under_its_id_is_a_conflict(process: Process) -> None:
    filed = complaint()
    first = await process("file", "-", "--json", stdin=body(filed))
    assert (first.code, first.json["created"], first.json["state"]) == (0, True, "created")
    again = await process("file", "-", "--json", stdin=body(filed))
    assert (again.code, again.json["created"], again.json["state"]) == (0, False, "existing")
    other = await process("file", "-", "--json", stdin=body({**filed, "subject": "term"}))
    assert (other.code, other.json["error"]["type"]) == (1, "Conflict")


async def test_a_complaint_without_an_id_is_given_one(process: Process) -> None:
    filed = complaint()
    del filed["incident_id"]
    said = await process("file", "-", "--json", stdin=body(filed))
    assert (said.code, said.json["incident_id"][:2]) == (0, "C-")


@pytest.mark.rule("R20", "R43")
async def test_a_fact_is_told_and_its_receipt_is_the_exit_code(process: Process, tmp_path: Path) -> None:
    incident = (await process("file", "-", "--json", stdin=body(complaint()))).json["incident_id"]
    told = await process("--by", LEAD, "tell", incident, "circumstances_reported", "--set", "headcount=6", "--json")
    assert (told.code, told.json["state"]) == (0, "accepted")
    assert "outlet_report" in told.json["started_clocks"]
    refused = await process("tell", incident, "resolved", "--by", COUNTY, "--json")
    assert (refused.code, refused.json["rule"]) == (1, "R20")
    assert "R20" in refused.err
    fact = tmp_path / "fact.json"
    fact.write_text('{"fact_id": "r-1", "report": "initial", "content": {"course": "一句话"}}', encoding="utf-8")
    report = await process("tell", incident, "report_submitted", "--fact", fact, "--by", LEAD, "--json")
    assert report.json["met_clocks"] == ["outlet_report"]
    again = await process("tell", incident, "report_submitted", "--fact", fact, "--by", LEAD, "--json")
    assert (again.code, again.json["state"]) == (0, "duplicate")
    conflict = await process(
        "tell", incident, "report_submitted", "--fact", fact, "--set", "report=final", "--by", LEAD, "--json"
    )
    assert (conflict.code, conflict.json["accepted"]) == (1, False)


@pytest.mark.parametrize("command", ["show", "timeline", "tell"])
async def test_an_incident_that_does_not_exist_is_exit_code_4(process: Process, command: str) -> None:
    more = ["noted", "--set", "text=a", "--by", COUNTY] if command == "tell" else []
    said = await process(command, f"NONE-{uuid4().hex}", *more, "--json")
    assert (said.code, said.json["error"]["exit_code"]) == (4, 4)
    assert "Traceback" not in said.err


@pytest.mark.rule("R29")
async def test_personal_data_is_shown_only_when_asked_for_by_somebody_who_may(process: Process) -> None:
    incident = (await process("file", "-", "--json", stdin=body(complaint(customer=CUSTOMER)))).json["incident_id"]
    for command in (
        ["show", incident],
        ["show", incident, "--json"],
        ["timeline", incident],
        ["timeline", incident, "--json"],
    ):
        said = await process(*command)
        assert said.code == 0
        for word in ("张三", "13900000000", "P-123456", "收益与所说不符"):
            assert word not in said.out + said.err
    revealed = await process("show", incident, "--reveal", "--by", LEAD)
    assert (revealed.code, "张三" in revealed.out) == (0, True)
    stranger = await process("show", incident, "--reveal", "--by", "gd-zh-0001.lead", "--json")
    assert "13900000000" not in stranger.out + stranger.err
    unnamed = await process("show", incident, "--reveal")
    assert unnamed.code == 2
    entries = (await process("timeline", incident, "--json")).json["entries"]
    assert "personal_data_shown" in [entry["what"] for entry in entries]


async def test_what_is_open_is_listed_and_filtered(process: Process, client: Client) -> None:
    quiet, crisis = complaint(drill=True), complaint(circumstances={"disrupts_outlet": True}, drill=True)
    for each in (quiet, crisis):
        await process("file", "-", stdin=body(each))
    await view(client, crisis["incident_id"])

    async def ids(*filters: str) -> list[str]:
        found = (await process("list", "--drill", "--limit", "1000", "--json", *filters)).json
        return [incident["incident_id"] for incident in found["incidents"]]

    async with asyncio.timeout(20):
        while crisis["incident_id"] not in await ids("--crisis"):
            pass
    assert quiet["incident_id"] not in await ids("--crisis")
    everything = await ids()
    assert everything.index(crisis["incident_id"]) < everything.index(quiet["incident_id"])
    assert quiet["incident_id"] in await ids("--outlet", "gd-gz-th-0001", "--insurer", "anhe-life")
    assert quiet["incident_id"] not in await ids("--outlet", "gd-zh-0001")
    assert quiet["incident_id"] not in await ids("--status", "closed")


@pytest.mark.rule("R62")
async def test_an_exported_record_is_verified_against_its_head(process: Process, tmp_path: Path) -> None:
    incident = (await process("file", "-", "--json", stdin=body(complaint(customer=CUSTOMER)))).json["incident_id"]
    await process("tell", incident, "noted", "--set", "text=秘密", "--by", COUNTY)
    out = tmp_path / "record.jsonl"
    exported = await process("audit", "export", incident, "--out", out, "--json")
    assert exported.code == 0
    assert "秘密" not in out.read_text(encoding="utf-8")
    verified = await process("audit", "verify", out, "--head", exported.json["head"], "--json")
    assert (verified.code, verified.json["consistent"]) == (0, True)
    piped = await process("audit", "verify", "-", stdin=(await process("audit", "export", incident)).out.encode())
    assert piped.code == 0


async def test_history_is_imported_once_and_wakes_nobody(process: Process, client: Client, tmp_path: Path) -> None:
    numbers = [uuid4().hex[:8] for _ in range(20)]
    file = tmp_path / "rows.csv"
    file.write_text(HEADER + "".join(GOOD.format(number) for number in numbers) + "bad\n", encoding="utf-8")
    first = await process("import", file, "--map", EXAMPLE / "map.yaml", "--json")
    assert (first.code, first.json["created"], first.json["rejected"]) == (1, 20, 1)
    second = await process("import", file, "--map", EXAMPLE / "map.yaml", "--json")
    assert (second.code, second.json["created"], second.json["existing"]) == (1, 0, 20)
    seen = await view(client, f"CT-{numbers[0]}")
    assert (seen["imported"], seen["clocks"], seen["notices"]) == (True, [], [])
    assert seen["filed_at"].startswith("2026-01-05T14:00:00")


async def test_live_rows_are_complaints_that_are_told_of(process: Process, client: Client, tmp_path: Path) -> None:
    file, chosen = tmp_path / "rows.csv", tmp_path / "map.yaml"
    known, unknown = uuid4().hex[:8], uuid4().hex[:8]
    file.write_text(f"id,outlet\n{known},gd-gz-th-0001\n{unknown},nowhere\n", encoding="utf-8")
    chosen.write_text(
        'id: {column: "id", prefix: "L-"}\n'
        'complaint: {channel: {value: "outlet"}, reason: {value: "r"}, outlet: {column: "outlet"}}\n',
        encoding="utf-8",
    )
    said = await process("import", file, "--map", chosen, "--live", "--json", TOCSIN_ORGANISATION=str(SAMPLE))
    assert (said.code, said.json["created"], said.json["rejected"]) == (1, 1, 1)
    assert "nowhere is not in the organisation" in (tmp_path / "rows.rejected.csv").read_text(encoding="utf-8")
    assert (await view(client, f"L-{known}"))["imported"] is False


@pytest.mark.rule("R43")
async def test_without_a_worker_a_fact_is_kept_and_a_question_is_exit_code_3(process: Process, apart: Client) -> None:
    incident = complaint(circumstances={"media": True})
    where = {"TEMPORAL_NAMESPACE": apart.namespace}
    assert (await process("file", "-", stdin=body(incident), **where)).code == 0
    told, shown = await asyncio.gather(
        process("tell", incident["incident_id"], "police_contacted", "--by", LEAD, "--json", **where),
        process("show", incident["incident_id"], "--json", **where),
    )
    assert (told.code, told.json["state"]) == (0, "pending")
    assert told.json["fact_id"] in told.err
    assert (shown.code, shown.json["error"]["type"]) == (3, "Unreachable")


@pytest.mark.rule("R28")
async def test_a_new_organisation_is_told_to_the_incidents_it_concerns(
    process: Process, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = complaint(), complaint(outlet="gd-zh-0001")
    for each in (here, elsewhere):
        await process("file", "-", stdin=body(each))
        await view(client, each["incident_id"])
    monkeypatch.setenv("TOCSIN_ORGANISATION", str(SAMPLE))
    text = SAMPLE.read_text(encoding="utf-8").replace('version: "2026-11"', 'version: "2026-12"')
    changed = text.replace('  - id: "gd-gz-th.work2"\n', '  - id: "gd-gz-th.work2"\n    left: true\n')
    path = tmp_path / "organisation.yaml"
    path.write_text(changed, encoding="utf-8")
    monkeypatch.setenv("TOCSIN_DOOR_KEYS", "k:" + "0" * 64)  # another home, so other keys: told without a seal
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    applied = await process("organisation", "apply", path, "--json")
    assert (applied.code, applied.json["new_version"]) == (0, "2026-12"), applied.err
    assert here["incident_id"] in applied.json["told"]
    assert elsewhere["incident_id"] not in applied.json["told"]


async def test_the_python_client_does_the_same(client: Client) -> None:
    said = complaint()
    filed = await file_complaint(client, said)
    assert (filed.incident_id, filed.created) == (said["incident_id"], True)
    assert not (await file_complaint(client, said)).created
    receipt = await tell(client, filed.incident_id, {"kind": "group_signs_seen", "by": LEAD})
    assert receipt.accepted
    assert (await view(client, filed.incident_id))["group_signs"] is True
    assert (await view(client, filed.incident_id, viewer="a-stranger")).keys() == {"incident_id"}


async def test_connect_reads_the_sdks_own_environment(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", client.service_client.config.target_host)
    assert (await connect()).namespace == client.namespace


@pytest.mark.slow
@pytest.mark.rule("R43", "R45", "R62")
async def test_the_demo_keeps_the_plan(process: Process) -> None:
    said = await process("demo", "--json")
    assert said.code == 0, said.out[-2000:]
    assert [story["kept"] for story in said.json["stories"]] == [True, True]
