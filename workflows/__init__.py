"""The durable part: one loop that keeps an incident. No rule of the plan, no limit and no wording lives here.

Read `incident.py` from top to bottom; `opening.py`, `answering.py`, `sending.py`, `linking.py`, `showing.py` and
`waiting.py` are its steps, in the order they are called. `mailbox.py` keeps what waits for one chat; `delivering.py` is
what whoever tells somebody has to do with it. Only names are imported from `activities` and `runtime`.
"""
