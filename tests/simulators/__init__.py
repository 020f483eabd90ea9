"""The other side of every channel, as real servers on this machine: three chat robots, SMS, voice, webhooks, mail.

They check what the real services check (keys, signatures, time stamps, formats, lengths), hold the real limits, answer
with the real bodies, can be told to fail in every way a service fails, and remember all that came. Loopback only.

**In a test** (a thread and free ports of its own; nothing waits on the test's loop):

    from tests.simulators.faults import Fault
    from tests.simulators.simulators import Simulators

    async with Simulators() as town:
        chat = town.open("wecom", "county", title="天河区值班群")  # Inbox: .address .url .secret; or dingtalk, feishu
        hook = town.open("webhook", "crm")                        # .url, .secret (whsec_…)
        phone, box = "13800000001", "lead@tocsin.example"         # phones and mail boxes open by themselves

        town.fault("wecom/county", Fault.http(503, times=2), Fault.refuse("45009", times=1))  # in this order, then fine
        town.fault("sms", Fault.silent())                         # every phone, until mended
        town.fault("*", Fault.random(0.3, seed=7))                # 5xx, time-outs, resets, error codes in a 200
        town.mend("sms"); town.mend()                             # one; all

        await town.until(lambda: len(town.taken("wecom/county")) == 2)   # bounded (20 s), woken by each arrival
        town.arrivals("wecom/county")   # each attempt: .key .text .mentions .at .taken .answer .fault .number .inbox
        town.taken("wecom/county")      # only what the chat, phone or box shows
        town.keys()                     # every idempotency key that arrived
        town.contents("key")            # the different (text, mentions) that came under one key
        town.torn()                     # keys that came with more than one content: must be empty
        town.throttled()                # arrivals answered 45009, 130101, 11232 or isv.BUSINESS_LIMIT_CONTROL
        town.addresses()                # all of the below, as JSON values
        town.sms, town.voice, town.smtp # endpoint, keys, templates; ports, user, password, CA file

`Simulators(clock=…)` takes the time of stamps and limits from a function; `shorten=60` makes each limit's stretch of
time 60 times shorter (a minute is a second); `limits=False` switches them off, `sms_limits=True` those of phones on.

**Names.** An inbox is `<kind>/<id>`: `wecom/county`, `dingtalk/city`, `feishu/province`, `webhook/crm`,
`sms/13800000001`, `voice/13800000001`, `smtp/lead@tocsin.example`. Faults are set for an inbox, a kind (`wecom`), or
`*`; the nearest that has one left counts. `ask` are the questions to a gateway what became of a message.

**Faults** (`faults.py`; as JSON: `{"do": "refuse", "code": "45009", "times": 3}`):

| `do` | what happens | shown |
|---|---|---|
| `refuse` | the service's own error `code` (without one: its permanent refusal) in a 200, or in `status` | no |
| `busy` | the service's own "try again" (-1, 11232, isp.SYSTEM_ERROR, 451) | no |
| `status` (`Fault.http`) | HTTP `status` (503) without a body of the service's; mail: 451 | no |
| `hang` | read, never answered | no |
| `silent` | taken, never answered | yes |
| `slow` | as usual, after `seconds` | yes |
| `drop` | the connection is reset: `when` = `before` the body is read, `after` it, or `midway` in the answer | midway |
| `random` | with `probability` one of the above (`mix`), from `seed` | |

All take `times` (calls; for ever without), and a hung call ends when the simulators stop or are told `release()`.

**As a process** (`python -m tests.simulators [--port N] [--open FILE] [--shorten N] [--no-limits] [--sms-limits]
[--with-parent]`): prints `addresses()` as one line of JSON, stops on SIGTERM or SIGINT; `--with-parent` also when its
stdin closes. `--open` names a JSON file, or `-` for the first line of stdin: `{"inboxes": [{"kind", "id",
"title", "people", "audience", "secret", "key"}], "sign_name": …, "templates": {code: text}}`, the latter two of SMS.
Over HTTP, at `control` of the addresses (`remote.py` has all of it as a class `Remote(control)`):

| | |
|---|---|
| `GET /control` | the addresses |
| `POST /control/inboxes` | opens one, answers it with `url` and `secret` |
| `POST /control/faults` `{"inbox": "wecom/county", "faults": [{"do": …}]}` | sets them (an empty list mends) |
| `POST /control/mend`, `POST /control/release`, `POST /control/forget` | all faults; hung calls; all that came |
| `GET /control/arrivals?inbox=…&after=N&wait=S` | what came after N; waits S seconds (30 at most) for it |

Read first: `town.py` (what there is and what came), a service (`wecom.py`), then `web.py` (how a call is answered).
The pages at `page` show each chat as its group would see it, each mail box, phone and receiver.
"""
