"""The store of records: what outlives Temporal's retention, in SQLite or PostgreSQL (ADR 22).

Read `tables.py` first, then `writing.py`: the one place where a record is written, and where its chain is checked.
`engine.py` opens the store, `migrations/` makes its tables, `reading.py`, `roots.py`, `erasing.py` and `figures.py` are
what is asked of it. All of it blocks: activities and commands call it in a thread. Nothing here knows Temporal.
"""
