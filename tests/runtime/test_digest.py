"""The digest by which a second filing of a complaint is known as the same (contract, section 3)."""

from typing import Any

import pytest

from plan.malformed import parse_complaint
from runtime.filing import digest_of
from tests.replay.day import COMPLAINT

FILED_BEFORE = "169d2828cc62d8d5963a6bde286e0d2c083e47742a62fe7dddef9c8a6fdf6bc1"
"""Of `COMPLAINT`, as it was filed before a complaint could name a product line."""


def test_a_complaint_filed_before_it_could_say_more_is_still_the_same() -> None:
    assert digest_of(parse_complaint(COMPLAINT)) == FILED_BEFORE
    assert digest_of(parse_complaint({**COMPLAINT, "incident_id": "GD-1"})) == FILED_BEFORE


@pytest.mark.parametrize("more", [{"product_line": "fortune"}, {"subject": "term"}, {"drill": True}])
def test_a_complaint_that_says_something_else_is_another(more: dict[str, Any]) -> None:
    assert digest_of(parse_complaint({**COMPLAINT, **more})) != FILED_BEFORE
