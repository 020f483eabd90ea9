"""docs/http.md says what the gateway does: its paths, its examples, its words."""

import json
import re

import pytest

from plan.access import Scope
from plan.malformed import parse_complaint, parse_fact
from plan.subscriptions import NewSubscription
from starter.gateway.app import ROUTERS
from starter.gateway.cloud_event import COMPLAINT, FACT, CloudEvent
from starter.gateway.many import MOST
from starter.gateway.streams import EACH
from tests.docs.pages import FENCE, names, page

OURS = ("incidents", "facts", "records", "figures", "events")
BODY = re.compile(r"(?:--json|-d) '(\{.*?\})'", re.DOTALL)


@pytest.mark.parametrize("name", ["docs/http.md", "docs/reference.md"])
def test_every_path_for_systems_is_there(name: str) -> None:
    said = page(name).replace("…/", "/v1/incidents/{id}/")
    for router in ROUTERS:
        for route in router.routes:
            path = str(getattr(route, "path", "")).replace("{incident_id}", "{id}")
            if {*getattr(route, "tags", ())} & {*OURS} and path.startswith("/v1/"):
                assert path in said or path.replace("{id}", "GD-2026-000123") in said, path


def test_every_scope_and_event_has_its_name_there() -> None:
    assert {*Scope, COMPLAINT, FACT} <= names(page("docs/http.md"))
    assert f"{MOST:,}" in page("docs/http.md")
    assert EACH == 5, "docs/http.md says how many streams"


def test_every_body_that_is_shown_can_be_sent() -> None:
    bodies = [json.loads(body) for _, fence in FENCE.findall(page("docs/http.md")) for body in BODY.findall(fence)]
    assert len(bodies) == 4
    for body in bodies:
        if "url" in body:
            NewSubscription.model_validate(body)
            continue
        if "specversion" in body:
            body = {"by": "system:crm", **CloudEvent.model_validate(body).content()}
        if "kind" in body:
            parse_fact(body)
        else:
            parse_complaint(body)
