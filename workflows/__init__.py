"""The durable part: one loop that keeps an incident. No rule of the plan, no limit and no wording lives here.

Read `incident.py` from top to bottom; `sending.py`, `linking.py` and `showing.py` are its steps. Only names are
imported from `activities` and `runtime`.
"""
