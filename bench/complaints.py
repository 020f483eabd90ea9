"""A file of complaints to import, made up: as many rows and columns as an insurance department's file has.

Every run makes the same rows. Outlets and insurers are the sample organisation's, so that the rows can be live ones.
"""

import csv
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Final

ROWS: Final = 1_507
"""As many as the Connecticut extract has."""
_OUTLETS = ("gd-gz-th-0001", "gd-gz-th-0002", "gd-sz-ns-0001", "gd-zh-0001")
_INSURERS = ("anhe-life", "zhongtai-life", "anhe-life")
_REASONS = (
    ("returns", "到期收益与销售时的说明不一致，要求按说明补足差额或者全额退保"),
    ("sales_conduct", "认为办理时被当作存款，未告知为保险产品，要求退还本金和利息"),
    ("after_sales", "多次致电未得到答复，要求当面说明保单状态并书面回复"),
    ("contract_terms", "对犹豫期和退保费用的条款不认可，认为合同未交付本人"),
    ("term", "缴费期限与本人理解不同，要求变更或者退保"),
)
_COLUMNS = ("file_no", "opened", "closed", "outlet", "insurer", "subject", "reason", "disposition", "lines")
MAP: Final = """\
time_zone: "Asia/Shanghai"
id: {column: "file_no", prefix: "B-"}
complaint:
  channel: {value: "hotline"}
  outlet: {column: "outlet"}
  insurer: {column: "insurer"}
  subject: {column: "subject"}
  reason: {text: "{reason} ({lines})"}
  complained_at: {column: "opened", date: "%Y-%m-%d", at: "09:00"}
history:
  received_at: {column: "opened", date: "%Y-%m-%d", at: "09:00"}
  closed_at: {column: "closed", date: "%Y-%m-%d", at: "17:00"}
  outcome: {text: "{disposition}"}
"""


def write(folder: Path, rows: int = ROWS) -> tuple[Path, Path]:
    """The file and its map."""
    file, map_file = folder / "complaints.csv", folder / "map.yaml"
    made = zip(range(rows), cycle(_OUTLETS), cycle(_INSURERS), cycle(_REASONS), strict=False)
    with file.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(_COLUMNS)
        for number, outlet, insurer, (subject, reason) in islice(made, rows):
            opened = date(2024, 1, 1) + timedelta(days=number // 3)
            closed = opened + timedelta(days=20 + number % 40)
            lines.writerow(
                (7_000_000 + number, opened, closed, outlet, insurer, subject, reason, "explained", number % 9)
            )
    map_file.write_text(MAP, encoding="utf-8")
    return file, map_file
