"""The ways a notice reaches a person, one file each; `table.py` lists them, `contract.py` says what each must keep.

A channel sends one message to one address and tells delivered, never again, or later. It owns no retry and no queue
(Temporal owns the retries, `activities/lanes.py` the bounds), renders nothing and logs no text. HTTP goes through
`activities/http.py` only.
"""
