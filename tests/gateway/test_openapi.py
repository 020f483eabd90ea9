"""The OpenAPI document is valid, whole, and says what the paths do: its examples are taken by the models."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from plan.facts import MODELS
from plan.malformed import parse_complaint, parse_fact
from starter.gateway.app import ROUTERS
from starter.gateway.cloud_event import read
from starter.gateway.openapi import document

OURS = ("incidents", "facts", "records", "figures", "events")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    return document(app)


def operations(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def contents(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body and answer, by where it stands."""
    for name, operation in operations(made):
        for media, said in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name} {media}", said
        for status, answer in operation["responses"].items():
            for media, said in answer.get("content", {}).items():
                yield f"{name} {status} {media}", said


def test_the_document_is_valid(made: dict[str, Any]) -> None:
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(made)] == []
    broken: dict[str, Any] = {**made, "paths": {"/x": {"get": {"responses": {"200": {}}}}}}
    assert not OPENAPI_31_VALIDATOR.is_valid(broken)


def test_whatever_is_referred_to_is_there(made: dict[str, Any]) -> None:
    names = {*re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(made))}
    assert len(re.findall(r'"\$ref"', json.dumps(made))) == len(
        re.findall(r'"\$ref": "#/components/', json.dumps(made))
    )
    assert names <= {*made["components"]["schemas"]}
    assert {*(model.__name__ for model in MODELS.values()), "Complaint", "Receipt", "Problem", "Incident"} <= names


def test_every_example_is_what_its_schema_says(made: dict[str, Any]) -> None:
    resource: Any = Resource.from_contents(made, default_specification=DRAFT202012)
    registry: Any = Registry[Any]().with_resource("doc:", resource)
    checked = 0
    for place, said in contents(made):
        found = [each["value"] for each in said.get("examples", {}).values()] + [
            said[k] for k in said if k == "example"
        ]
        for example in found:
            schema = {"$ref": "doc:" + said["schema"]["$ref"]} if "$ref" in said["schema"] else said["schema"]
            errors: list[Any] = [*Draft202012Validator(schema, registry=registry).iter_errors(example)]  # pyright: ignore[reportUnknownMemberType]
            assert not errors, (place, errors[0].message)
            checked += 1
    assert checked > 20


def test_every_example_of_a_body_is_taken_by_its_model(made: dict[str, Any]) -> None:
    readers: dict[str, Callable[[dict[str, Any]], object]] = {
        "Complaint": parse_complaint,
        "Fact": lambda said: parse_fact({"by": "system:crm", **said}),
        "CloudEvent": lambda said: read(said).content(),
    }
    read_ones = set[str]()
    for _, said in contents(made):
        name = said.get("schema", {}).get("$ref", "").removeprefix("#/components/schemas/")
        many, one = name in ("Complaints", "CloudEvents"), name.removesuffix("s")
        if (reader := readers.get(one if many else name)) is None:
            continue
        for each in said.get("examples", {}).values():
            for item in each["value"] if many else [each["value"]]:
                reader(item)
                read_ones.add(name)
    assert read_ones == {"Complaint", "Complaints", "Fact", "CloudEvent", "CloudEvents"}


def test_every_operation_says_what_it_may_answer(made: dict[str, Any]) -> None:
    for name, operation in operations(made):
        if not {*operation.get("tags", ())} & {*OURS} or not name.split()[1].startswith("/v1/"):
            continue
        assert operation["summary"], name
        assert operation["security"] == [{"key": []}], name
        answers = operation["responses"]
        assert {"401", "403", "422", "429", "500", "503"} <= {*answers}, name
        for status, answer in answers.items():
            if int(status) >= 400:
                assert [*answer["content"]] == ["application/problem+json"], (name, status)
                assert answer["content"]["application/problem+json"]["schema"]["$ref"], (name, status)
        if "requestBody" in operation:
            assert {"408", "413", "415"} <= {*answers}, name


async def test_the_document_is_served_to_everybody(nobody: httpx.AsyncClient, made: dict[str, Any]) -> None:
    answer = await nobody.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == made
    assert "/v1/incidents/{incident_id}/stream" not in made["paths"]
