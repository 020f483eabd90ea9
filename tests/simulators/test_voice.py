"""A gateway that calls people rings nobody twice for the same notice."""

import json

from standardwebhooks.webhooks import Webhook as Oracle

from tests.simulators.caller import Reply, post
from tests.simulators.conftest import Clock
from tests.simulators.faults import Fault
from tests.simulators.simulators import Simulators

PHONE = "13800000001"


async def call(town: Simulators, clock: Clock, *, key: str = "k-1", to: str = PHONE, secret: str = "") -> Reply:
    """Signed by the library of the webhooks' specification."""
    body = json.dumps({"key": key, "to": to, "text": "请上报"}, ensure_ascii=False)
    stamp = str(int(clock().timestamp()))
    signed = Oracle(secret or town.voice.secret).sign(key, clock(), body)
    return await post(
        town.voice.url, body.encode(), key=key, webhook_id=key, webhook_timestamp=stamp, webhook_signature=signed
    )


async def test_a_call_is_accepted_and_the_same_again_rings_nobody(town: Simulators, clock: Clock) -> None:
    first, again = await call(town, clock), await call(town, clock)
    assert first.json == again.json == {"code": "accepted", "call_id": "call-1"}
    assert [(each.text, each.key) for each in town.taken(f"voice/{PHONE}")] == [("请上报", "k-1")]
    assert (await call(town, clock, key="k-2")).json["call_id"] == "call-3"


async def test_after_busy_the_same_key_asks_for_another_try(town: Simulators, clock: Clock) -> None:
    town.fault("voice", Fault.busy(times=1), Fault.refuse("no_answer", times=1))
    assert [(await call(town, clock)).json["code"] for _ in range(3)] == ["busy", "no_answer", "accepted"]


async def test_a_number_that_is_none_and_another_secret_are_refused(town: Simulators, clock: Clock) -> None:
    assert (await call(town, clock, to="lead")).json == {"code": "invalid_number"}
    other = await call(town, clock, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")  # noqa: S106
    assert other.status == 401
    town.fault("voice", Fault.refuse())
    assert (await call(town, clock)).json == {"code": "refused"}
    assert town.taken() == ()
