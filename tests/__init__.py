"""The tests: `plan` without anything, `runtime`, `activities` and `cli` with what they need, `server` as told stories.

Names are sentences; `@pytest.mark.rule("R43")` says which rule of the plan a test shows, and `make rules` reads it.
"""
