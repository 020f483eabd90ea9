"""A receiver takes what its secret signed within five minutes, under any of several signatures."""

import json
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook as Oracle

from tests.simulators.caller import Reply, post
from tests.simulators.conftest import Clock
from tests.simulators.faults import Fault
from tests.simulators.inbox import Inbox
from tests.simulators.simulators import Simulators

BODY = json.dumps({"key": "k-1", "text": "字"}, ensure_ascii=False)


async def tell(hook: Inbox, clock: Clock, *, off: float = 0, before: str = "", body: str = BODY) -> Reply:
    """Signed by the specification's own library."""
    at = clock() + timedelta(seconds=off)
    signed = before + Oracle(hook.secret).sign("k-1", at, BODY)
    stamp = str(int(at.timestamp()))
    sent = body.encode()
    return await post(hook.url, sent, webhook_id="k-1", webhook_timestamp=stamp, webhook_signature=signed)


@pytest.mark.parametrize(("off", "status"), [(300, 200), (-300, 200), (301, 401), (-301, 401)])
async def test_a_signature_is_good_for_five_minutes(town: Simulators, clock: Clock, off: float, status: int) -> None:
    clock.now = clock().replace(microsecond=0)
    hook = town.open("webhook", "crm")
    assert (await tell(hook, clock, off=off)).status == status


async def test_one_good_signature_among_several_is_enough(town: Simulators, clock: Clock) -> None:
    hook = town.open("webhook", "crm")
    answer = await tell(hook, clock, before="v1,AAAA v1a,BBBB ")
    assert (answer.status, answer.json) == (200, {"message_id": "msg-1"})


async def test_what_is_changed_on_the_way_is_refused(town: Simulators, clock: Clock) -> None:
    hook = town.open("webhook", "crm")
    assert (await tell(hook, clock, body=BODY.replace("字", "子"))).status == 401
    assert (await post(hook.url, BODY.encode())).status == 401
    assert town.taken() == ()


async def test_one_without_a_secret_takes_what_is_unsigned_and_an_unknown_one_nothing(town: Simulators) -> None:
    hook = town.open("webhook", "open", secret="")
    assert (await post(hook.url, BODY.encode())).status == 200
    assert (await post(hook.url + "x", BODY.encode())).status == 404
    assert (await post(hook.url, b"no json")).status == 400


async def test_an_error_of_its_own_stands_in_a_200(town: Simulators, clock: Clock) -> None:
    hook = town.open("webhook", "crm")
    town.fault("webhook", Fault.refuse("17", times=1), Fault.refuse(times=1))
    answer = await tell(hook, clock)
    assert (answer.status, answer.json) == (200, {"code": 17, "success": False})
    assert (await tell(hook, clock)).status == 422
