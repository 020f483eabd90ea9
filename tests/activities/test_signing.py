"""Signatures as Standard Webhooks 1.0 has them, checked against the standard's own library (R29).

That library signs the wrong instant for a time with another offset than UTC, and answers a broken header or body with a
bare error: it is an oracle for what we make, in UTC, and no part of the product.
"""

import base64
from datetime import UTC, datetime

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from activities.channels.signing import PREFIX, signatures

A_SECRET = PREFIX + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
secrets = st.binary(min_size=24, max_size=64).map(lambda key: PREFIX + base64.b64encode(key).decode())
ids = st.text(st.sampled_from("abcXYZ019_/~:%-"), min_size=1, max_size=60)
seconds = st.integers(0, 4_102_444_800)


@pytest.mark.rule("R29")
def test_signatures_are_those_of_the_published_example() -> None:
    signed = signatures(
        A_SECRET, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}'
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.rule("R29")
@given(secret=secrets, own_id=ids, timestamp=seconds, body=st.text())
def test_the_standards_own_library_signs_the_same(secret: str, own_id: str, timestamp: int, body: str) -> None:
    said = body.encode(errors="replace")
    theirs = standardwebhooks.Webhook(secret).sign(own_id, datetime.fromtimestamp(timestamp, UTC), said.decode())

    assert signatures(secret, message_id=own_id, timestamp=timestamp, body=said) == theirs


@pytest.mark.rule("R29")
@given(held=st.lists(secrets, min_size=1, max_size=4), blank=st.sampled_from([" ", "\n", "  "]))
def test_while_secrets_are_exchanged_each_signs(held: list[str], blank: str) -> None:
    together = signatures(blank.join(held), message_id="k", timestamp=1, body=b"{}")

    assert together.split(" ") == [signatures(secret, message_id="k", timestamp=1, body=b"{}") for secret in held]


@pytest.mark.rule("R29")
@given(body=st.binary())
def test_a_body_that_is_no_text_is_signed_as_it_is(body: bytes) -> None:
    assert signatures(A_SECRET, message_id="k", timestamp=1, body=body).startswith("v1,")


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begin with whsec_"),
        ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begin with whsec_"),
        ("whsec_***", "base64"),
        ("whsec_" + base64.b64encode(bytes(23)).decode(), "24 to 64"),
        ("whsec_" + base64.b64encode(bytes(65)).decode(), "24 to 64"),
        (f"{A_SECRET} whsec_c2hvcnQ=", "24 to 64"),
    ],
)
def test_an_unusable_secret_is_told_and_not_repeated(secret: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as wrong:
        signatures(secret, message_id="k", timestamp=1, body=b"")

    assert not any(part.removeprefix(PREFIX) in str(wrong.value) for part in secret.split())
