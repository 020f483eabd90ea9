"""Settings come from the environment; what is wrong with them is said at once and in plain words."""

from datetime import timedelta
from pathlib import Path

import pytest

from plan.errors import Misconfigured
from runtime.settings import Settings

SECRET = "ab" * 32


def test_everything_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_HOME")
    settings = Settings()
    assert settings.home == Path(".tocsin")
    assert settings.sticky_timeout == timedelta(seconds=2)


@pytest.mark.parametrize("written", ["2.5", "PT2.5S"])
def test_a_wait_is_seconds_or_iso_8601(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("TOCSIN_GRACEFUL_SHUTDOWN", written)
    assert Settings().graceful_shutdown == timedelta(seconds=2.5)


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "")
    assert Settings().lang is None


def test_every_bad_variable_is_named_with_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "fr")
    monkeypatch.setenv("TOCSIN_MAX_CACHED_WORKFLOWS", "many")
    monkeypatch.setenv("TOCSIN_STICKY_TIMEOUT", "-1")
    with pytest.raises(Misconfigured) as wrong:
        Settings()
    assert [fault.split(":")[0] for fault in wrong.value.faults] == [
        "TOCSIN_LANG",
        "TOCSIN_STICKY_TIMEOUT",
        "TOCSIN_MAX_CACHED_WORKFLOWS",
    ]
    assert all("; write" in fault for fault in wrong.value.faults)


@pytest.mark.parametrize("keys", [SECRET, f"k1:{SECRET},k1:{SECRET}", f"k1:{SECRET[:20]}", f"k1:{SECRET},nonsense"])
def test_door_keys_that_cannot_be_used_are_refused_and_never_repeated(
    monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    monkeypatch.setenv("TOCSIN_DOOR_KEYS", keys)
    with pytest.raises(Misconfigured, match=r"TOCSIN_DOOR_KEYS: .*; write id:hex") as wrong:
        Settings()
    assert SECRET[:8] not in str(wrong.value)


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_PERSON_KEY", SECRET)
    assert SECRET not in repr(Settings())
