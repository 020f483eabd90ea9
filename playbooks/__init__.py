"""The plan's data: clocks and notices, wording in zh and en, insurers' agreed scripts, a sample organisation.

No code lives here. Every file is checked as it is read (`runtime/documents.py`): unknown fields, unknown words and
promises to a customer are faults, shown with file and line by `tocsin check`. Read `playbook.yaml` first, then
`wording/zh.yaml` for what people are told.
"""
