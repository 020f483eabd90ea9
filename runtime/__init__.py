"""What Tocsin runs on: names, settings, keys, the Temporal connection, telling, the embedded server, logging.

No rule of the plan lives here, and nothing here decides: a fact goes in and a receipt comes out. Workflows may use
`names.py` and `search_attributes.py` and nothing else of this room. Read `names.py` first, then `temporal.py` (how
everything connects) and `telling.py` (how a fact gets to an incident and is never lost).
"""
