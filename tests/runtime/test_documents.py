"""Files are read whole or refused with every fault and its line, never with a traceback (R9, R21, R28)."""

import json
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
from temporalio.client import Client

from plan.complaint import Complaint
from plan.errors import Malformed, Misconfigured
from plan.facts import FACT
from plan.schemas import NAMES, schema
from runtime.documents import (
    PLAYBOOK,
    SAMPLE,
    check_both,
    check_texts,
    load_organisation,
    load_playbook,
    load_script,
    load_wording,
    read_yaml,
)
from runtime.settings import Settings
from worker import build_worker

SAMPLE_TEXT = SAMPLE.read_text(encoding="utf-8")
PLAYBOOK_TEXT = PLAYBOOK.read_text(encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "some.yaml"


def faults(path: Path) -> list[str]:
    """What `read_yaml` says, without the folder."""
    with pytest.raises(Misconfigured) as wrong:
        read_yaml(path)
    return [fault.replace(f"{path.parent}/", "") for fault in wrong.value.faults]


def changed(text: str, *changes: tuple[str, str]) -> str:
    for before, after in changes:
        assert text.count(before) >= 1, before
        text = text.replace(before, after, 1)
    return text


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


# -- YAML --------------------------------------------------------------------------------------------------------------


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "some.yaml:1: is empty; "),
    "a comment": (b"# nothing\n", "some.yaml:1: is empty; "),
    "a list": (b"- one\n", "some.yaml:1: is no mapping; "),
    "a tab": (b"a:\n\t- b\n", "some.yaml:2: a tab cannot indent; use spaces"),
    "a field twice": (b"a: 1\nb: 2\na: 3\n", "some.yaml:3: a: stands here a second time (first in line 1); keep one"),
    "a field twice, deeper": (b"a:\n  b: 1\n  b: 1\n", "some.yaml:3: a.b: stands here a second time"),
    "an anchor": (b"a: &x [1]\n", "some.yaml:1: a: anchors, aliases and merge keys are not taken"),
    "an alias": (b"a: *x\n", "some.yaml:1: anchors, aliases and merge keys are not taken"),
    "a circle": (b"a: &x [*x]\n", "some.yaml:1: a: anchors, aliases and merge keys are not taken"),
    "a merge": (b"a: {x: 1}\nb:\n  <<: {y: 2}\n", "some.yaml:3: b: anchors, aliases and merge keys are not taken"),
    "an object": (b"a: !!python/object/apply:os.system [x]\n", "some.yaml:1: a: is not taken here"),
    "a tag": (b"a: !!binary aGk=\n", "some.yaml:1: a: is not taken here"),
    "two documents": (b"a: 1\n---\nb: 2\n", "some.yaml:2: holds more than one document; keep one"),
    "latin": (b"a: b\nc: \xff\n", "some.yaml:2: is not UTF-8; save it as UTF-8"),
    "utf-16": ("a: b".encode("utf-16"), "some.yaml:1: is not UTF-8"),
    "a tower": (b"a: " + b"[" * 5000, "some.yaml:1: is nested too deeply"),
    "a house": (b"a: " + b"[" * 60 + b"]" * 60, "some.yaml:1: a[0][0]"),
    "a long number": (b"a: " + b"9" * 5000, "some.yaml:1: a: is not taken here"),
    "a nul": (b"a: \x00\n", "some.yaml:1: is not YAML"),
    "two colons": (b"a: b: c\n", "some.yaml:1: is not YAML (mapping values are not allowed here)"),
    "a number for a name": (b"1: x\n", "some.yaml:1: a field's name must be text; put it in quotes"),
    "ten megabytes": (b"#" * 10_000_000, "some.yaml: is larger than 5 MB"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(file: Path, name: str) -> None:
    content, fault = UNREADABLE[name]
    file.write_bytes(content)
    (what, *_) = faults(file)
    assert what.startswith(fault)


def test_a_bomb_of_aliases_does_not_go_off(file: Path) -> None:
    lines = ['a0: &a0 ["x", "x"]'] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert len(faults(file)) == 30


def test_a_missing_file_a_folder_and_a_device_are_told_apart(tmp_path: Path) -> None:
    assert faults(tmp_path / "none.yaml") == ["none.yaml: does not exist; check its name"]
    with pytest.raises(Misconfigured, match="is a folder; name a file in it"):
        read_yaml(tmp_path)
    with pytest.raises(Misconfigured, match="is not a regular file"):
        read_yaml("/dev/null")


def test_numbers_stay_numbers_and_dates_stay_as_written(file: Path) -> None:
    file.write_text('a: 0451\nb: 1e4\nc: true\nd: 2026-11-24\ne: no\nf: "0451"\n', encoding="utf-8-sig")
    document = read_yaml(file)
    assert document.data == {"a": 451, "b": 10000.0, "c": True, "d": "2026-11-24", "e": "no", "f": "0451"}
    assert document.line_of(("d",)) == 4
    assert document.line_of(("d", "deeper", 3)) == 4
    assert document.line_of(("nowhere",)) == 1


# -- what the files say ------------------------------------------------------------------------------------------------


def test_an_id_without_quotes_is_told_to_take_quotes_and_hides_no_other_fault(file: Path) -> None:
    text = changed(
        SAMPLE_TEXT,
        ('version: "2026-11"', "version: 2026"),
        ('duty_phone: "13800000001"', "duty_phone: 13800000001"),
        ('work_group: ["gd.work", "gd.work2"]', "work_group: []"),
        ('    level: "hq"', '    levle: 1\n    level: "hq"'),
    )
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured) as wrong:
        load_organisation(file)
    told = "\n".join(wrong.value.faults)
    assert f"{file}:{line_of(text, 'version:')}: version: is a number, not text; put it in quotes (加引号)" in told
    assert f"{file}:{line_of(text, 'duty_phone: 138')}: persons[0].duty_phone: is a number" in told
    assert f"{file}:{line_of(text, 'levle')}: units[0].levle: is not a field here; take it out" in told
    assert f"{file}:{line_of(text, 'work_group: []')}: units[1].work_group: gd has no work group (R28)" in told
    assert len(wrong.value.faults) == 4
    assert "13800000001" not in str(wrong.value)


UNFIT: dict[str, tuple[str, str]] = {
    "police_station: is missing; add it": ('    police_station: {name: "云杉路派出所", phone: "020-0000-0110"}\n', ""),
    "units[3].level: 'district' is not known; it must be one of 'hq'": ('level: "county"', 'level: "district"'),
    "outlets[0].side: 'both' is not known; it must be one of 'post' or 'bank'": ('side: "post"', 'side: "both"'),
    "persons[0].duty_phone: is not written as it must be": ('phone: "13800000001"', 'phone: "ask the lead"'),
    "units[2].work_group: must be a list; write it like": ('["gd-gz.work", "gd-gz.work2"]', '"gd-gz.work"'),
    "persons[0].channels[0].audience: 'all' is not known": (
        '[{channel: "outbox", audience: "internal"}]',
        '[{channel: "outbox", audience: "all"}]',
    ),
}


@pytest.mark.rule("R28")
@pytest.mark.parametrize("what", UNFIT)
def test_a_field_that_does_not_fit_says_what_would(file: Path, what: str) -> None:
    file.write_text(changed(SAMPLE_TEXT, UNFIT[what]), encoding="utf-8")
    with pytest.raises(Misconfigured) as wrong:
        load_organisation(file)
    assert any(what in fault for fault in wrong.value.faults)


@pytest.mark.rule("R43")
def test_an_unknown_clock_is_answered_with_the_known_ones(file: Path) -> None:
    text = changed(PLAYBOOK_TEXT, ('id: "handover"', 'id: "hand_over"'), ("PT10M", "ten minutes"))
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured) as wrong:
        load_playbook(file)
    first, second = wrong.value.faults
    line = line_of(text, 'id: "hand_over"')
    assert "is not a duration; write it like PT30M, PT24H or P7D" in first
    assert second.startswith(f"{file}:{line}: clocks[4].id: 'hand_over' is not known; ")
    assert "'outlet_report', 'province_opinion'" in second


def test_a_time_zone_must_exist(file: Path) -> None:
    file.write_text(changed(PLAYBOOK_TEXT, ("Asia/Shanghai", "Asia/Nowhere")), encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"time_zone: is not a time zone; write it like Asia/Shanghai"):
        load_playbook(file)


@pytest.mark.rule("R29")
def test_both_files_are_checked_alone_and_together_every_fault_at_once(tmp_path: Path) -> None:
    organisation, playbook = tmp_path / "organisation.yaml", tmp_path / "playbook.yaml"
    tripartite = '[{channel: "webhook", to: "https://example.cn/", audience: "tripartite"}]'
    text = SAMPLE_TEXT.replace('superior: "gd-gz"', 'superior: "gd-gx"', 1)
    lead = text.index('- id: "gd-zh-0001.lead"')
    text = text[:lead] + text[lead:].replace('[{channel: "outbox", audience: "internal"}]', tripartite, 1)
    organisation.write_text(text, encoding="utf-8")
    slower = changed(PLAYBOOK_TEXT, ('within: "PT1H" # the plan', 'within: "PT2H" # the plan'))
    playbook.write_text(slower, encoding="utf-8")
    told = check_both(organisation, playbook)
    assert len(told) == 3
    assert told[1].startswith(f"{playbook}:{line_of(slower, 'PT2H')}: clocks[0].within: ")
    assert told[0].startswith(f"{organisation}:{line_of(text, 'gd-gx')}: ")
    assert "gd-zh-0001.lead would be told warn.outlet_report" in told[2]


def test_what_comes_along_passes_its_own_check() -> None:
    assert check_both(SAMPLE, PLAYBOOK) == []


def test_a_file_that_is_not_there_hides_no_fault_of_the_other(tmp_path: Path) -> None:
    told = check_both(tmp_path / "none.yaml", tmp_path / "neither.yaml")
    assert [fault.rpartition("/")[2] for fault in told] == [
        "none.yaml: does not exist; check its name",
        "neither.yaml: does not exist; check its name",
    ]


# -- kept until it changes ---------------------------------------------------------------------------------------------


def test_a_file_is_read_again_when_it_has_changed(file: Path) -> None:
    file.write_text(SAMPLE_TEXT, encoding="utf-8")
    first = load_organisation(file)
    assert load_organisation(file) is first
    file.write_text(changed(SAMPLE_TEXT, ('version: "2026-11"', 'version: "2026-12-next"')), encoding="utf-8")
    assert load_organisation(file).version == "2026-12-next"


# -- words, scripts, schemas -------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
def test_words_are_there_in_both_languages_and_zh_for_any_other() -> None:
    assert load_wording("en").lang == "en"
    assert load_wording("fr") is load_wording("zh")


@pytest.mark.rule("R21")
@pytest.mark.parametrize("insurer", ["anhe-life", "zhongtai-life"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_insurer_of_the_sample_has_a_script_without_promises(insurer: str, lang: str) -> None:
    script = load_script(insurer, lang)
    assert script is not None
    assert {"first_words", "not_persuaded", "calming_failed"} <= {situation.id for situation in script.situations}


@pytest.mark.rule("R21")
@pytest.mark.parametrize("insurer", ["nobody-life", "../organisation", "*"])
def test_an_insurer_without_a_script_has_none(insurer: str) -> None:
    assert load_script(insurer, "zh") is None


def texts(folder: Path, name: str, before: str, after: str) -> int:
    """A copy of the wording and scripts that come along with one slip in it; its line."""
    for path in [*PLAYBOOK.parent.glob("wording/*.yaml"), *PLAYBOOK.parent.glob("scripts/*.yaml")]:
        to = folder / path.relative_to(PLAYBOOK.parent)
        to.parent.mkdir(exist_ok=True)
        text = path.read_text(encoding="utf-8")
        to.write_text(changed(text, (before, after)) if f"{to.parent.name}/{to.name}" == name else text, "utf-8")
    return line_of((folder / name).read_text(encoding="utf-8"), after)


@pytest.mark.rule("R14", "R29", "R57.1", "R57.2")
@pytest.mark.parametrize(
    ("name", "before", "after", "what"),
    [
        ("scripts/anhe-life.zh.yaml", "您的要求我听明白了", "我们赔偿您的损失", "situations[1].say[0]: says '赔偿'"),
        (
            "scripts/zhongtai-life.en.yaml",
            "If there is news",
            "You will hear within 3 days",
            "situations[2].say[1]: says",
        ),
        (
            "wording/zh.yaml",
            "请进系统看新的时限",
            "请打 13800000001",
            "undated_texts.tell.anchor_moved.any: holds a long",
        ),
        ("wording/zh.yaml", "请研究", "请研究 {due}", "{due} is not known when tell.opinion is told"),
        ("wording/en.yaml", "Please consider", "Please consider {name}", "{name} is personal"),
        ("wording/en.yaml", "shortened: ", "shortned: ", "shortned: is not a field here; take it out"),
    ],
)
def test_a_text_that_cannot_stand_stops_the_worker_and_the_check_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, before: str, after: str, what: str
) -> None:
    line = texts(tmp_path, name, before, after)
    monkeypatch.setattr("runtime.documents.PLAYBOOKS", tmp_path)
    with pytest.raises(Misconfigured) as wrong:
        check_texts()
    assert all(fault.startswith(f"{tmp_path / name}:{line}: ") for fault in wrong.value.faults)
    assert what in str(wrong.value)
    assert set(wrong.value.faults) <= set(check_both(SAMPLE, PLAYBOOK))
    with pytest.raises(Misconfigured, match="The words cannot be used"):
        build_worker(cast("Client", None), settings=Settings(home=tmp_path / "home"))


def test_the_texts_that_come_along_can_be_used() -> None:
    check_texts()


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert json.loads(json.dumps(schema(name))) == schema(name)


def test_an_unknown_schema_names_the_known_ones() -> None:
    with pytest.raises(Malformed, match="organisation, playbook, complaint, fact"):
        schema("wording")


@pytest.mark.parametrize(("name", "path"), [("organisation", SAMPLE), ("playbook", PLAYBOOK)])
def test_the_files_that_come_along_keep_to_their_schema_and_nothing_more(name: str, path: Path) -> None:
    data: dict[str, Any] = {**read_yaml(path).data}
    judge = jsonschema.Draft202012Validator(schema(name))
    assert judge.is_valid(data)  # pyright: ignore[reportUnknownMemberType]
    assert not judge.is_valid({**data, "more": 1})  # pyright: ignore[reportUnknownMemberType]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("complaint", {"channel": "outlet", "outlet": "gd-zh-0001", "reason": "x"}),
        ("fact", {"kind": "noted", "by": "gd.work", "text": "x"}),
    ],
)
def test_a_schema_takes_what_the_plan_takes(name: str, sent: dict[str, Any]) -> None:
    assert (Complaint.model_validate(sent) if name == "complaint" else FACT.validate_python(sent)) is not None
    judge = jsonschema.Draft202012Validator(schema(name))
    assert judge.is_valid(sent)  # pyright: ignore[reportUnknownMemberType]
    assert not judge.is_valid({**sent, "more": 1})  # pyright: ignore[reportUnknownMemberType]
