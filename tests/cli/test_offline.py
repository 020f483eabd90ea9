"""Commands that ask no server: contacts, check, schema, audit verify."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from plan.complaint import Complaint
from plan.record import GENESIS, append, export_line
from runtime.documents import PLAYBOOK, SAMPLE
from runtime.yaml_files import read_yaml
from tests.cli.conftest import EXAMPLE, Tocsin

START = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)


@pytest.mark.rule("R28", "R41")
def test_an_outlet_sees_whom_to_call_with_numbers(tocsin: Tocsin) -> None:
    said = tocsin("contacts", "gd-gz-th-0001", "--lang", "zh")
    assert said.code == 0
    for words in ("gd-gz-th.work", "anhe-life.gd-gz", "zhongtai-life.gd-gz", "110", "派出所", "上级"):
        assert words in said.out


@pytest.mark.rule("R27")
def test_contacts_name_the_nearest_contact_of_each_insurer(tocsin: Tocsin) -> None:
    found = tocsin("contacts", "gd-zh-0001", "--json").json
    assert [contact["person"] for contact in found["insurers"]] == ["anhe-life.gd-zh", "zhongtai-life.gd-zh"]
    assert found["superior"] == "gd-zh"
    one = tocsin("contacts", "gd-zh-0001", "--insurer", "anhe-life", "--json").json
    assert [contact["insurer"] for contact in one["insurers"]] == ["anhe-life"]


@pytest.mark.parametrize("arguments", [("gd-gz-th-1",), ("gd-gz-th-0001", "--insurer", "nobody")])
def test_a_place_nobody_knows_is_malformed(tocsin: Tocsin, arguments: tuple[str, ...]) -> None:
    assert tocsin("contacts", *arguments).code == 2


def test_the_sample_and_the_example_have_no_fault(tocsin: Tocsin) -> None:
    assert tocsin("check").code == 0
    assert tocsin("check", "--organisation", EXAMPLE / "organisation.yaml").code == 0


def test_every_fault_of_both_files_is_printed_with_its_line(tocsin: Tocsin, tmp_path: Path) -> None:
    organisation, playbook = tmp_path / "organisation.yaml", tmp_path / "playbook.yaml"
    organisation.write_text(SAMPLE.read_text("utf-8").replace('superior: "gd-gz"', 'superior: "nowhere"'), "utf-8")
    playbook.write_text(
        PLAYBOOK.read_text("utf-8").replace('within: "PT1H" # the plan', 'within: "PT2H" # the plan'), "utf-8"
    )
    said = tocsin("check", "--organisation", organisation, "--playbook", playbook)
    assert said.code == 2
    assert f"{organisation}:" in said.err
    assert f"{playbook}:" in said.err
    found = tocsin("check", "--organisation", organisation, "--playbook", playbook, "--json")
    assert found.code == 2
    assert len(found.json["faults"]) >= 2


def test_a_file_that_is_not_there_is_a_fault(tocsin: Tocsin) -> None:
    assert tocsin("check", "--organisation", "none.yaml").code == 2


def test_schemas_accept_the_samples(tocsin: Tocsin) -> None:
    jsonschema.validate(read_yaml(SAMPLE).data, tocsin("schema", "organisation").json)
    jsonschema.validate(read_yaml(PLAYBOOK).data, tocsin("schema", "playbook").json)
    complaint = {"channel": "outlet", "reason": "r", "outlet": "gd-gz-th-0001"}
    jsonschema.validate(complaint, tocsin("schema", "complaint").json)
    jsonschema.validate({"kind": "noted", "by": "gd.work", "text": "a"}, tocsin("schema", "fact").json)


@pytest.mark.parametrize("what", ["organisation", "playbook", "complaint", "fact"])
def test_schemas_refuse_unknown_fields(tocsin: Tocsin, what: str) -> None:
    schema = tocsin("schema", what).json
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"unknown": 1}, schema)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A record of three entries, as `audit export` writes it."""
    previous, lines = GENESIS, list[str]()
    for sequence, what in enumerate(("filed", "noted", "closed"), start=1):
        at = START + timedelta(minutes=sequence)
        entry = append(previous, sequence, what, recorded_at=at, by="gd.work", door="cli")
        previous = entry.hash
        lines.append(export_line(entry) + "\n")
    path = tmp_path / "record.jsonl"
    path.write_text("".join(lines), "utf-8")
    return path


@pytest.mark.rule("R62")
def test_a_whole_record_is_internally_consistent_and_no_more(tocsin: Tocsin, exported: Path) -> None:
    said = tocsin("audit", "verify", exported)
    assert said.code == 0
    assert "internally consistent" in said.out


@pytest.mark.rule("R62")
def test_a_changed_entry_is_named(tocsin: Tocsin, exported: Path) -> None:
    exported.write_text(exported.read_text("utf-8").replace('"what":"noted"', '"what":"dealt"'), "utf-8")
    said = tocsin("audit", "verify", exported, "--json")
    assert said.code == 1
    assert said.json["first_bad"] == 2


@pytest.mark.rule("R62")
def test_a_cut_record_does_not_hold_the_head_of_a_second_party(tocsin: Tocsin, exported: Path) -> None:
    lines = exported.read_text("utf-8").splitlines()
    head = json.loads(lines[-1])["hash"]
    assert tocsin("audit", "verify", exported, "--head", head).code == 0
    exported.write_text("\n".join(lines[:-1]) + "\n", "utf-8")
    assert tocsin("audit", "verify", exported).code == 0
    assert tocsin("audit", "verify", exported, "--head", head).code == 1


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_record_that_cannot_be_read_is_malformed(tocsin: Tocsin, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "record.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert tocsin("audit", "verify", path).code == 2


def test_an_outlet_that_the_organisation_does_not_know_is_malformed_here(
    tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = Complaint.model_validate({"channel": "outlet", "reason": "r", "outlet": "gd-gz-th-001"})
    body = complaint.model_dump_json(exclude_unset=True).encode()
    assert tocsin("file", "-", stdin=body).code == 3  # no organisation of its own: the worker flags it
    monkeypatch.setenv("TOCSIN_ORGANISATION", str(SAMPLE))
    said = tocsin("file", "-", stdin=body)
    assert said.code == 2
    assert "Did you mean gd-gz-th-0001?" in said.err


@pytest.mark.rule("R29")
def test_a_complaint_numbered_by_a_mobile_number_is_malformed_before_any_server_is_asked(tocsin: Tocsin) -> None:
    complaint = {"incident_id": "13912345678", "channel": "outlet", "reason": "r", "outlet": "gd-gz-th-0001"}
    said = tocsin("file", "-", stdin=json.dumps(complaint).encode())
    assert said.code == 2
    assert "use a number of the system it comes from, or leave the id out" in said.err
    assert "13912345678" not in said.err


def test_organisation_apply_without_a_server_applies_and_says_that_nobody_was_told(
    tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    said = tocsin("organisation", "apply", SAMPLE)
    assert said.code == 3
    assert "is applied" in said.err
    again = tocsin("organisation", "apply", SAMPLE, "--offline", "--json")
    assert (again.code, again.json["new_version"]) == (0, again.json["old_version"])


def test_a_faulty_organisation_is_not_applied(tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    path = tmp_path / "organisation.yaml"
    path.write_text(SAMPLE.read_text("utf-8").replace('superior: "gd-gz"', 'superior: "nowhere"'), "utf-8")
    said = tocsin("organisation", "apply", path, "--offline")
    assert said.code == 2
    assert "was not applied" in said.err
    assert not (tmp_path / "home" / "organisation").exists()
