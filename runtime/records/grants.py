"""What each role may do in the store's database (docs/operating.md has the same): a worker appends, and erases nothing.

`tocsin_writer` for workers, the gateway and commands; `tocsin_reader` for who counts and exports; `tocsin_eraser` for
erasing words, by command or by age.
"""

from typing import Final

ROLES: Final = ("tocsin_writer", "tocsin_reader", "tocsin_eraser")
GRANTS: Final = (
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO tocsin_writer, tocsin_reader, tocsin_eraser",
    "GRANT INSERT ON heads, entries, vault, data_keys, incidents, clocks, notices, roots, root_leaves TO tocsin_writer",
    "GRANT UPDATE ON heads, incidents, clocks, notices, roots TO tocsin_writer",
    "GRANT INSERT, UPDATE ON access_keys, sessions, sign_in_links, subscriptions TO tocsin_writer",
    "GRANT DELETE ON sessions, sign_in_links TO tocsin_writer",
    "GRANT INSERT ON erasures TO tocsin_eraser",
    "GRANT DELETE ON vault, data_keys TO tocsin_eraser",
)
