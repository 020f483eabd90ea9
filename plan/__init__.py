"""The contingency plan as pure code: values in, values out. No I/O, no clock, no randomness, no Temporal.

Read `incident.py` first (what is known), then `apply.py` (how a fact changes it), `clocks.py` (what is running)
and `duties.py` (who must be told by now).
"""
