"""Adds the insurers named in a file to the example's organisation, so that its rows can be filed as live complaints.

    python examples/connecticut/make_organisation.py FILE.csv OUT.yaml

An insurer's id is its name as the map writes it (`slug`). Each gets one invented contact for the whole province, who
reads the outbox. Nothing but the names is taken from the file.
"""

import hashlib
import json
import sys
from pathlib import Path

from plan.errors import TocsinError
from starter.import_map import slug
from starter.rows import Row, rows

TEMPLATE = Path(__file__).with_name("organisation.yaml")
CHANNELS = '[{channel: "outbox", audience: "personal"}]'


def main(file: Path, out: Path) -> int:
    """Write the organisation; 0 when done."""
    names = {row.cells["company"].strip() for row in rows(file) if isinstance(row, Row)}
    insurers = {slug(name): name for name in sorted(names) if slug(name)}
    version = hashlib.sha256("\n".join(insurers).encode()).hexdigest()[:8]
    text = TEMPLATE.read_text(encoding="utf-8")
    text = text.replace('version: "connecticut-1"', f'version: "connecticut-{version}"')
    text = text.replace("insurers: []\n", "insurers:\n" + "".join(_insurer(*insurer) for insurer in insurers.items()))
    out.write_text(text + "".join(_contact(insurer) for insurer in insurers), encoding="utf-8")
    sys.stderr.write(f"{out}: {len(insurers)} insurers, version connecticut-{version}\n")
    return 0


def _insurer(insurer: str, name: str) -> str:
    contact = f'{{unit: "ct", person: "{insurer}.ct"}}'
    return f'  - id: "{insurer}"\n    name: {json.dumps(name)}\n    contacts: [{contact}]\n'


def _contact(insurer: str) -> str:
    return f'  - id: "{insurer}.ct"\n    name: "Invented Contact"\n    lang: "en"\n    channels: {CHANNELS}\n'


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
    except (TocsinError, OSError, KeyError) as error:
        sys.exit(f"not written: {error}")
