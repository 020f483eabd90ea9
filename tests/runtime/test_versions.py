"""The organisation in force: applied whole or not at all, and every version kept as it was (R28)."""

from pathlib import Path

import pytest

from plan.errors import Misconfigured
from runtime.documents import (
    SAMPLE,
    applied_organisation,
    apply_organisation,
    current_organisation,
    current_playbook,
)
from runtime.settings import Settings
from runtime.versions import Versions

TEXT = SAMPLE.read_text(encoding="utf-8")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def organisation(folder: Path, version: str, *, extra: str = "") -> Path:
    path = folder / f"{version.replace('/', '_')}{extra}.yaml"
    path.write_text(TEXT.replace('version: "2026-11"', f'version: "{version}"', 1) + extra, encoding="utf-8")
    return path


def test_the_sample_is_in_force_until_another_is_named_or_applied(tmp_path: Path, settings: Settings) -> None:
    assert applied_organisation(settings) is None
    assert current_organisation(settings).version == "2026-11"
    named = Settings(home=settings.home, organisation=organisation(tmp_path, "named"))
    assert current_organisation(named).version == "named"
    apply_organisation(named, organisation(tmp_path, "applied"))
    assert current_organisation(named).version == "applied"
    assert current_playbook(settings).version == "2026-11"


@pytest.mark.rule("R28")
def test_applying_says_what_was_before_and_what_is_now(tmp_path: Path, settings: Settings) -> None:
    assert apply_organisation(settings, organisation(tmp_path, "v1")) == (None, "v1")
    assert apply_organisation(settings, organisation(tmp_path, "v2")) == ("v1", "v2")
    assert apply_organisation(settings, organisation(tmp_path, "v1")) == ("v2", "v1")  # going back is fine
    assert current_organisation(settings) is current_organisation(settings)


@pytest.mark.rule("R28")
def test_a_version_never_changes(tmp_path: Path, settings: Settings) -> None:
    apply_organisation(settings, organisation(tmp_path, "v1"))
    with pytest.raises(Misconfigured, match="Version v1 was applied before with other content"):
        apply_organisation(settings, organisation(tmp_path, "v1", extra="# changed\n"))
    assert current_organisation(settings).version == "v1"


@pytest.mark.rule("R28")
def test_a_faulty_organisation_changes_nothing(tmp_path: Path, settings: Settings) -> None:
    apply_organisation(settings, organisation(tmp_path, "v1"))
    faulty = organisation(tmp_path, "v2")
    faulty.write_text(faulty.read_text("utf-8").replace('lead: "gd-zh-0001.lead"', 'lead: "ghost"'), encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"was not applied; nothing has changed:\n.*ghost is not among the persons"):
        apply_organisation(settings, faulty)
    assert current_organisation(settings).version == "v1"


@pytest.mark.parametrize("version", ["../../outside", "a/b", ".current"])
def test_a_version_cannot_leave_the_folder(tmp_path: Path, settings: Settings, version: str) -> None:
    with pytest.raises(Misconfigured, match="version: may hold letters, digits, dots, dashes and underscores only"):
        apply_organisation(settings, organisation(tmp_path, version))
    with pytest.raises(Misconfigured, match="may hold letters"):
        Versions(tmp_path).path_of(version)
    assert not settings.home.exists()


def test_a_pointer_that_leads_nowhere_is_said_and_mended_by_applying(tmp_path: Path, settings: Settings) -> None:
    apply_organisation(settings, organisation(tmp_path, "v1"))
    pointer = settings.home / "organisation" / "current"
    for content in (b"../v1", b"v9", b"\xff"):
        pointer.write_bytes(content)
        with pytest.raises(Misconfigured, match="apply the organisation again"):
            current_organisation(settings)
    assert apply_organisation(settings, organisation(tmp_path, "v2")) == (None, "v2")


def test_nothing_half_written_is_left_behind(tmp_path: Path, settings: Settings) -> None:
    apply_organisation(settings, organisation(tmp_path, "v1"))
    apply_organisation(settings, organisation(tmp_path, "v1"))
    kept = sorted(path.name for path in (settings.home / "organisation").iterdir())
    assert kept == ["current", "v1.yaml"]
