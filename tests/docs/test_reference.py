"""docs/reference.md is the contract for everyone outside: whatever has a name stands in it, as the code has it."""

import ast
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel

from activities import names as activity_names
from activities.channels.table import CHANNELS
from plan import errors
from plan.clock import Breach, ClockState
from plan.complaint import Channel, Complaint, Customer, Source, Subject
from plan.evidence import AccountabilityItem
from plan.facts import MODELS, FactBase
from plan.incident import Form, NoticeState, RefusalSeen, Severity, Stage
from plan.intake import opened
from plan.marks import Accountability, Action, Care, Conduct, Criterion, Report
from plan.occasions import DUTIES
from plan.organisation import Organisation
from plan.outstanding import Owed
from plan.parts import Outcome, Party, Remedy, ReportContent, ReportKind, SceneOutcome, Via
from plan.playbook import ClockName, Playbook, Recipients
from plan.policies import PolicyClass, Route
from plan.receipts import Answer, Receipt
from plan.record import Entry
from plan.script import Script
from plan.sms import SmsBook, SmsTemplate, SmsTemplates
from plan.start import GroupStart, Start
from plan.verification import Fault, Verification
from plan.view import view
from plan.visibility import ENTRIES, FIELDS
from plan.wording import PLACEHOLDERS, Wording
from runtime import names as wire
from runtime.documents import PLAYBOOK, load_playbook
from runtime.search_attributes import ALL
from runtime.settings import PREFIX, Settings
from starter.import_map import Cell, History, IdRule, ImportMap
from starter.main import tocsin
from tests.docs.pages import ROOT, names, page, rows, section, spans

REFERENCE = "docs/reference.md"
SETTINGS = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]
MESSAGES = [
    *(wire.RESOLVE, wire.CONVERT, wire.RECORD, wire.SUBMIT, wire.REVEAL, wire.VIEW, wire.TIMELINE),
    *(wire.SETTLE, wire.MAILBOX, wire.POST),
    *(wire.LOOK, wire.ALERT, wire.BULLETIN, wire.WATCHDOG),
]
ENVELOPE = set(FactBase.model_fields)
SHARED = {"--json", "--lang", "--by"}


@pytest.fixture(scope="module")
def reference() -> str:
    return page(REFERENCE)


def fields(*models: type[BaseModel]) -> list[str]:
    """The fields of models and of the models in them."""
    return list(dict.fromkeys(name for model in models for name in _fields(model)))


def _fields(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for inner in _models(field.annotation):
            yield from _fields(inner)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def constants(module: object) -> list[str]:
    return [value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)]


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ("11. Settings", SETTINGS),
        ("2. Temporal names", [*MESSAGES, wire.WORKFLOWS_QUEUE, wire.DELIVERIES_QUEUE, wire.INCIDENT, wire.DIGEST]),
        ("2. Temporal names", [key.name for key in ALL]),
        ("2. Temporal names", [*Start.model_fields, *GroupStart.model_fields, *Severity, *Form]),
        ("3. A complaint", [*Complaint.model_fields, *Customer.model_fields, *Source.model_fields, *Channel, *Subject]),
        ("4. Facts", [*MODELS, *ENVELOPE, *Receipt.model_fields, *Answer, *ReportContent.model_fields]),
        ("5. Stages and ends", list(Stage)),
        ("6. Clocks", [*ClockName, *ClockState, *Criterion]),
        ("Duties: who is told what", [*DUTIES, *Recipients]),
        ("10. Delivery", [*constants(activity_names), *CHANNELS]),
        ("What `view` says", [*FIELDS, *NoticeState, *PolicyClass, *Route]),
        ("What `view` says", [*fields(Owed, RefusalSeen, Report, Conduct, Accountability, Breach, Care)]),
        ("What `view` says", [*fields(AccountabilityItem, Action)]),
        ("8. The record", [*Entry.model_fields, *Fault, *(what for what in ENTRIES if what not in MODELS)]),
        ("7. The organisation and other files", [*fields(Organisation, Playbook, Wording, Script), *PLACEHOLDERS]),
        ("7. The organisation and other files", fields(SmsBook, SmsTemplates, SmsTemplate)),
        ("7. The organisation and other files", fields(ImportMap, IdRule, History, Cell)),
        (
            "2. Temporal names",
            ["file_complaint", "tell", "view", "connect", "data_converter", "prepare", "build_worker"],
        ),
    ],
)
def test_the_reference_names_all(reference: str, where: str, what: Iterable[object]) -> None:
    there = names(section(reference, where)) | (names(reference) & set(constants(activity_names)))
    missing = [str(name) for name in what if str(name) not in there]
    assert not missing, f"{REFERENCE}, {where!r}, says nothing of {', '.join(missing)}"


def test_every_choice_of_a_fact_is_written_down(reference: str) -> None:
    said = set(re.findall(r"\w+", section(reference, "4. Facts")))
    assert {str(choice) for choice in (*Outcome, *Party, *ReportKind, *SceneOutcome, *Remedy, *Via)} <= said


def test_every_command_and_option_is_there_and_no_other(reference: str) -> None:
    table = rows(section(reference, "1. Commands"), "command")
    documented = {" ".join(re.findall(r"(?<![\w-])[a-z]+\b", row[0])): " ".join(row) for row in table}
    found = dict(_commands(tocsin, "tocsin"))
    assert set(documented) == set(found)
    for name, options in found.items():
        said = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(spans(documented[name]))))
        assert options - SHARED <= said, f"{name}: {', '.join(sorted(options - SHARED - said))}"
        assert said <= options | SHARED, f"{name} has no {', '.join(sorted(said - options))}"
    assert names(section(reference, "1. Commands")) >= SHARED


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, set[str]]]:
    context = click.Context(command)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _commands(inner, f"{path} {name}")
    else:
        yield path, {o for p in command.params if isinstance(p, click.Option) for o in (*p.opts, *p.secondary_opts)}


def test_every_make_target_is_there(reference: str) -> None:
    targets = re.findall(r"^([a-z-]+):.*##", page("Makefile"), re.MULTILINE)
    said = next(part for part in reference.split("\n\n") if part.startswith("Make targets")).partition(". ")[0]
    assert set(targets) == set(spans(said))


def test_each_setting_has_its_default(reference: str) -> None:
    table = {row[0].strip("`"): row[1] for row in rows(section(reference, "11. Settings"), "variable")}
    assert set(SETTINGS) <= set(table)
    for name, field in Settings.model_fields.items():
        said = table[f"{PREFIX}{name.upper()}"].strip("`")
        default = field.default
        if isinstance(default, timedelta):
            assert said == f"{default.total_seconds():g} s"
        elif isinstance(default, int | str | Path):
            assert said == str(default)


def test_each_search_attribute_has_its_type(reference: str) -> None:
    table = {row[0].strip("`"): row[1] for row in rows(section(reference, "2. Temporal names"), "name")}
    kinds = {"str": "Keyword", "Sequence": "KeywordList", "int": "Int", "bool": "Bool", "datetime": "Datetime"}
    assert table == {key.name: kinds[key.value_type.__name__] for key in ALL}


def test_each_fact_has_its_fields(reference: str) -> None:
    table = {row[0].strip("`"): row[1] for row in rows(section(reference, "The kinds"), "kind")}
    assert list(table) == list(MODELS)
    for kind, model in MODELS.items():
        own = {name: field for name, field in model.model_fields.items() if name not in {*ENVELOPE, "kind"}}
        assert spans(table[kind]) == list(own), kind
        required = [name for name, field in own.items() if field.is_required()]
        assert re.findall(r"`(\w+)`\*", table[kind]) == required, kind


def test_each_clock_has_the_shipped_limit_and_warnings(reference: str) -> None:
    table = {row[0].strip("`"): row for row in rows(section(reference, "6. Clocks"), "id")}
    playbook = load_playbook(PLAYBOOK)
    assert list(table) == [str(clock.id) for clock in playbook.clocks]
    for clock in playbook.clocks:
        row = table[clock.id]
        assert _durations(row[2]) == [clock.within], clock.id
        assert ("statutory" in row[2]) is clock.statutory, clock.id
        assert _durations(row[3]) == [warning.before for warning in clock.warnings], clock.id
        assert row[6] == clock.rule, clock.id


def _durations(text: str) -> list[timedelta]:
    units = {"D": "days", "H": "hours", "M": "minutes"}
    return [timedelta(**{units[unit]: int(n)}) for n, unit in re.findall(r"PT?(\d+)([DHM])", text)]


def test_each_duty_has_its_recipients(reference: str) -> None:
    table = {row[0].strip("`"): row for row in rows(section(reference, "Duties: who is told what"), "duty")}
    playbook = load_playbook(PLAYBOOK)
    assert set(table) == {notice.duty for notice in playbook.notices} == set(DUTIES)
    for notice in playbook.notices:
        _, rule, to, confidential, chase = table[notice.duty]
        assert rule == notice.rule, notice.duty
        assert spans(to) == [str(recipient) for recipient in notice.to], notice.duty
        assert (confidential == "yes") is notice.confidential, notice.duty
        assert spans(chase) == [str(r) for r in notice.chase.asked] if notice.chase else not chase


def test_the_view_has_these_fields_and_no_other(reference: str) -> None:
    complaint = Complaint.model_validate({"channel": "outlet", "reason": "x", "outlet": "gd-gz-th-0001"})
    seen = view(
        opened(complaint, "X", _an_instant()), None, _an_instant(), running=[], refusals=[], sequence=0, head=""
    )
    assert set(seen) == set(FIELDS)
    documented = {name for row in rows(section(reference, "What `view` says"), "field") for name in spans(row[0])}
    assert documented == set(FIELDS)


def _an_instant() -> Any:
    return Complaint.model_validate(
        {"channel": "outlet", "reason": "x", "unit": "gd", "known_at": "2026-11-24T00:00:00Z"}
    ).known_at


def test_every_entry_that_the_code_writes_is_named(reference: str) -> None:
    """Found in the source: `note("…")`, `write("…")`, `Happening(what="…")`."""
    written = {
        what
        for room in ("plan", "workflows")
        for path in (ROOT / room).rglob("*.py")
        for what in _written(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert {"filed", "breach", "continued"} <= written
    missing = sorted(what for what in written - set(MODELS) if what not in names(section(reference, "8. The record")))
    assert not missing, f"{REFERENCE} says nothing of the entries {', '.join(missing)}"


def _written(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            said = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "what")]
            for value in said if called in ("note", "write", "Happening") else ():
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value


def test_each_error_has_its_exit_code_and_status(reference: str) -> None:
    said = section(reference, "2. Temporal names")
    for name in ("Malformed", "Refused", "NoSuchIncident", "Unreachable", "Misconfigured"):
        error: type[errors.TocsinError] = getattr(errors, name)
        assert re.search(rf"`{name}` \({error.exit_code}, {error.http_status}\)", said), name


def test_each_answer_of_verify_is_named(reference: str) -> None:
    assert set(Verification.model_fields) <= set(re.findall(r"\w+", section(reference, "1. Commands")))
