"""`tocsin keys` and `tocsin signin`: who may make them, what they print, and that nothing is printed twice (ADR 26)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runtime.records.access_keys import SPELLING
from tests.cli.conftest import Said, Tocsin

BY = ("--by", "operator")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of its own for each test."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    return tmp_path


def _created(tocsin: Tocsin, *more: str) -> Said:
    return tocsin("keys", "create", "system:crm", "--scope", "file", "--scope", "read", "--unit", "gd", *more)


def test_a_key_is_printed_once_and_alone_on_stdout(tocsin: Tocsin, home: Path) -> None:
    said = _created(tocsin, *BY)
    key = said.out.strip()
    assert said.code == 0
    assert SPELLING.fullmatch(key)
    assert key not in said.err
    listed = tocsin("keys", "list", "--json", *BY)
    assert [(each["system"], each["scopes"], each["units"]) for each in listed.json] == [
        ("system:crm", ["file", "read"], ["gd"])
    ]
    assert key.split("_")[2] not in listed.out
    assert "hash" not in listed.json[0]
    assert not any(key.split("_")[2].encode() in each.read_bytes() for each in home.rglob("*") if each.is_file())


def test_only_an_operator_decides_who_calls(tocsin: Tocsin) -> None:
    assert _created(tocsin).code == 2
    for by in ("hq.post", "gd.work", "nobody"):
        assert _created(tocsin, "--by", by).code == 1
        assert tocsin("keys", "list", "--by", by).code == 1
        assert tocsin("keys", "revoke", "x", "--by", by).code == 1
    assert tocsin("keys", "list", "--json", *BY).json == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("system:unknown", "--scope", "file", "--unit", "gd"), "system:unknown"),
        (("system:crm", "--scope", "file", "--unit", "gd", "--unit", "gx"), "gx"),
        (("system:crm", "--scope", "file", "--unit", "gd", "--insurer", "no-life"), "no-life"),
        (("system:crm", "--scope", "file", "--unit", "gd", "--expires", "2020-01-01"), "2020-01-01"),
        (("system:crm", "--scope", "file", "--unit", "gd", "--expires", "soon"), "soon"),
        (("system:crm", "--scope", "everything", "--unit", "gd"), "everything"),
        (("system:crm", "--scope", "file"), "--unit"),
        (("system:crm", "--unit", "gd"), "--scope"),
    ],
)
def test_what_would_open_nothing_is_malformed(tocsin: Tocsin, arguments: tuple[str, ...], named: str) -> None:
    said = tocsin("keys", "create", *arguments, *BY)
    assert said.code == 2
    assert named in said.err
    assert said.out == ""


def test_a_third_good_key_is_refused_and_says_what_to_do(tocsin: Tocsin) -> None:
    first, second, third = (_created(tocsin, *BY) for _ in range(3))
    assert (first.code, second.code, third.code) == (0, 0, 1)
    assert "tocsin keys revoke" in third.err
    key_id = first.out.split("_")[1]
    assert tocsin("keys", "revoke", key_id, *BY).code == 0
    assert _created(tocsin, *BY).code == 0
    assert key_id not in tocsin("keys", "list", *BY).out
    assert key_id in tocsin("keys", "list", "--all", *BY).out


def test_a_key_is_good_through_the_day_it_names(tocsin: Tocsin) -> None:
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    said = _created(tocsin, "--expires", str(day), "--json", *BY).json
    assert datetime.fromisoformat(said["expires_at"]) == datetime.fromisoformat(f"{day}T23:59:59+08:00")


def test_a_link_signs_in_whom_the_organisation_knows(tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch) -> None:
    said = tocsin("signin", "--by", "gd-gz.work")
    assert said.code == 0
    assert said.out.startswith("http://127.0.0.1:8520/signin/")
    assert tocsin("signin", "--by", "nobody").code == 2
    assert tocsin("signin").code == 2
    assert tocsin("signin", "--by", "gd-gz.work", "--url", "javascript:x").code == 2
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "https://tocsin.example.cn/x/")
    assert tocsin("signin", "--by", "gd-gz.work").out.startswith("https://tocsin.example.cn/x/signin/")
    elsewhere = tocsin("signin", "--by", "gd-gz.work", "--url", "http://127.0.0.1:9", "--json").json
    assert elsewhere["link"].startswith("http://127.0.0.1:9/signin/")
