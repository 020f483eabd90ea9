"""The home keeps its keys to its owner, and makes them once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plan.errors import Misconfigured
from runtime.home import Home
from runtime.seals import keyring
from runtime.settings import Settings


def test_the_first_key_is_the_key_for_everybody_who_comes_at_once(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with ThreadPoolExecutor(8) as together:
        asked = [together.submit(home.door_keys) for _ in range(24)]
        keys = {one.result() for one in asked}
    assert len(keys) == 1
    assert sorted(path.name for path in home.path.iterdir()) == ["door.keys"]


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.door_keys()
    assert stat.S_IMODE(home.keys.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.door_keys()
    home.keys.chmod(0o644)
    with pytest.raises(Misconfigured, match="chmod 600"):
        home.door_keys()


def test_a_home_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="name a folder"):
        Home(tmp_path / "file" / "home").make()


def test_what_one_process_seals_the_next_one_recognises(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    envelope = keyring(settings).envelope("A-1", {"kind": "noted"}, "2026-11-24T01:12:00.000000Z", "cli")
    assert keyring(settings).valid("A-1", envelope)


def test_damaged_keys_say_what_to_do(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    home.keys.write_text("k1:not hex", encoding="ascii")
    home.keys.chmod(0o600)
    with pytest.raises(Misconfigured, match="TOCSIN_DOOR_KEYS"):
        keyring(Settings(home=home.path))
