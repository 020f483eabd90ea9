"""Side effects: what the workflow asks of the world, one activity each.

Here live the deliveries and their channels, who answers now, and the links between incidents. One model in, one model
out (`plan/orders.py`), clients handed in; an activity decides nothing but "try again or not". No rule, limit or wording
here (`plan/`, `playbooks/`), no workflow, no settings read on the side. Read `deliver.py` first, then
`channels/contract.py`; `mail.py` is its counterpart for what waits in a mailbox. A channel is added as one file in
`channels/` and one line in `channels/table.py`.
"""
