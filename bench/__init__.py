"""Measures what the project claims about itself: speed, size, recovery. Not part of the wheel.

`python -m bench` runs everything, `python -m bench evaluation storm` some of it. Each module measures one claim and
answers with one table; `tables.py` says how figures are taken, `processes.py` starts real servers and workers. What was
measured stands in docs/performance.md. Read `__main__.py` first.
"""
