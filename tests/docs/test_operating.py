"""What the operating pages tell people to write into an organisation can stand there."""

from pathlib import Path
from typing import Any, cast

import pytest

from plan.channels import MANNERS
from plan.complaint import Complaint
from plan.organisation import Address
from plan.organisation_faults import organisation_faults
from runtime.documents import SAMPLE
from runtime.yaml_files import read_yaml
from tests.docs.pages import FENCE, commands, page
from tests.plan.changed import both, organisation, person, playbook

PAGES = ("docs/operating.md", "docs/operating.zh-CN.md")


def persons(text: str, tmp_path: Path) -> list[dict[str, Any]]:
    """Those of the page's example, with their ways."""
    (body,) = (body for language, body in FENCE.findall(text) if language == "yaml")
    file = tmp_path / "example.yaml"
    file.write_text(body, encoding="utf-8")
    return cast("list[dict[str, Any]]", read_yaml(file).data["persons"])


@pytest.mark.rule("R29")
@pytest.mark.parametrize("name", PAGES)
def test_the_ways_of_the_example_have_no_fault(name: str, tmp_path: Path) -> None:
    told = persons(page(name), tmp_path)
    changes = [person(each["id"], channels=each["channels"]) for each in told]
    assert organisation_faults(organisation(both(*changes)), playbook()) == []


@pytest.mark.parametrize("name", PAGES)
def test_the_variables_that_are_named_are_those_that_are_set(name: str, tmp_path: Path) -> None:
    ways = [Address.model_validate(way) for each in persons(page(name), tmp_path) for way in each["channels"]]
    named = {variable for way in ways for variable in (way.to_env, way.secret_env) if variable}
    (body,) = (body for language, body in FENCE.findall(page(name)) if language == "text" and "=https" in body)
    assert {line.partition("=")[0] for line in body.splitlines()} == named


@pytest.mark.parametrize("name", PAGES)
def test_the_test_message_is_a_drill_that_can_be_filed(name: str) -> None:
    (filed,) = (words[1] for words in commands(page(name)) if words[0] == "echo")
    assert Complaint.model_validate_json(filed).drill


@pytest.mark.rule("R29")
def test_the_ways_in_the_samples_comment_have_no_fault(tmp_path: Path) -> None:
    lines = [
        line.removeprefix("# ") for line in SAMPLE.read_text(encoding="utf-8").splitlines() if line[:7] == "#     -"
    ]
    file = tmp_path / "example.yaml"
    file.write_text("\n".join(["channels:", *lines]), encoding="utf-8")
    ways = cast("list[dict[str, Any]]", read_yaml(file).data["channels"])
    assert {way["channel"] for way in ways} == MANNERS.keys() - {"outbox"}
    assert organisation_faults(organisation(person("gd.contact", channels=ways)), playbook()) == []
