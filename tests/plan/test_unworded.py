"""Every notice the playbook can send has words for whoever it can reach, in both languages (R14)."""

from collections.abc import Iterator

import pytest

from plan.hearers import chased, hearers
from plan.playbook import NoticeRule
from plan.roster import Role
from plan.unworded import unworded
from plan.wording import ANY, REPEAT, STANDS_IN, Wording
from tests.plan.changed import found, playbook, wording

LANGS = ("zh", "en")
KNOWN = {lang: wording(lang) for lang in LANGS}
PLAYBOOK = playbook()
CHASED = [notice for notice in PLAYBOOK.notices if notice.chase]


def repeat_of(notice: NoticeRule) -> str:
    return f"{REPEAT}.{notice.duty.partition('.')[2]}"


def spoken_to(words: Wording, duty: str, roles: frozenset[Role]) -> Iterator[tuple[Role, str]]:
    """Each role with the text it is given: its own, that of whom it stands in for, or everybody's."""
    texts = words.texts[duty]
    for role in roles:
        yield role, texts.get(role) or texts.get(STANDS_IN.get(role, ANY)) or texts[ANY]


def as_to_a_guest(text: str) -> bool:
    """An insurer is asked, in either language."""
    return "贵司" in text or "indly" in text or "Your answer, please" in text


@pytest.mark.rule("R14")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("notice", PLAYBOOK.notices, ids=[notice.duty for notice in PLAYBOOK.notices])
def test_each_notice_of_the_playbook_has_words_for_each_role_it_reaches(notice: NoticeRule, lang: str) -> None:
    roles = hearers(PLAYBOOK, notice)
    assert roles
    for role, text in spoken_to(KNOWN[lang], notice.duty, roles):
        assert as_to_a_guest(text) is (role is Role.INSURER), role


@pytest.mark.rule("R14", "R27")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("notice", CHASED, ids=[notice.duty for notice in CHASED])
def test_each_repeat_has_words_of_its_own_for_each_role_it_reaches(notice: NoticeRule, lang: str) -> None:
    words = KNOWN[lang]
    assert repeat_of(notice) in words.texts, "the general words say nothing of what is to be done"
    for role, text in spoken_to(words, repeat_of(notice), chased(PLAYBOOK, notice)):
        assert as_to_a_guest(text) is (role is Role.INSURER), role


@pytest.mark.parametrize("lang", LANGS)
def test_the_lines_around_a_notice_are_there(lang: str) -> None:
    words = KNOWN[lang]
    for line in (words.digest_head, words.shortened, words.link_personal, words.link_group, words.generic[ANY]):
        assert len(line.replace("{link}", "").replace("{number}", "")) > 3
    assert set(words.addressed) == {Role.WORK_GROUP, Role.LEADERSHIP_GROUP, Role.INSURER, Role.OPERATOR}


@pytest.mark.rule("R14")
@pytest.mark.parametrize("lang", LANGS)
def test_a_duty_without_words_is_found_where_the_playbook_names_it(lang: str) -> None:
    mute = wording(lang, lambda data: data["texts"].pop("tell.crisis"))
    (fault,) = unworded(PLAYBOOK, mute)
    assert str(fault) == f"there are no words for tell.crisis in {lang} (R14); write its text in wording/{lang}.yaml"
    assert PLAYBOOK.notices[int(fault.path[1])].duty == "tell.crisis"


@pytest.mark.rule("R14")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("duty", ["tell.crisis", "tell.stood_down", "tell.undelivered", "repeat.calming_failed"])
def test_an_insurer_without_words_of_its_own_is_found(duty: str, lang: str) -> None:
    rude = wording(lang, lambda data: data["texts"][duty].pop("insurer"))
    (fault,) = unworded(PLAYBOOK, rude)
    assert str(fault).startswith(f"an insurer hears of {duty}, and its text in {lang} speaks to our own people (R14); ")


@pytest.mark.rule("R14")
def test_a_new_recipient_needs_words_of_its_own() -> None:
    more = playbook(lambda data: found(data, "notices", "tell.media")["to"].append("insurer.nearest"))
    (fault,) = unworded(more, wording("zh"))
    assert fault.path == ("notices", [n.duty for n in more.notices].index("tell.media"), "to")


@pytest.mark.rule("R14", "R27")
def test_a_chase_without_any_words_is_found() -> None:
    silent = wording(
        "zh", lambda data: [data["texts"].pop(repeat) for repeat in list(data["texts"]) if "repeat" in repeat]
    )
    said = [str(fault) for fault in unworded(PLAYBOOK, silent)]
    assert any(what.startswith("there are no words for repeat.crisis in zh (R14); ") for what in said)
