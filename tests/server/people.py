"""The people of the sample organisation whom the stories name."""

from typing import Any, Final

T1, T2, NANSHAN, ZHUHAI = "gd-gz-th-0001", "gd-gz-th-0002", "gd-sz-ns-0001", "gd-zh-0001"
LEAD, CONTACT = f"{T1}.lead", f"{T1}.contact"
LEAD2, CONTACT2 = f"{T2}.lead", f"{T2}.contact"
COUNTY, POST, BANK = "gd-gz-th.work", "gd-gz-th.post", "gd-gz-th.bank"
CITY, PROVINCE = "gd-gz.work", "gd.work"
PROVINCE_LEADERS, HQ_LEADERS = {"gd.post", "gd.bank"}, {"hq.post", "hq.bank"}
ANHE, ANHE_NEXT = "anhe-life.gd-gz", "anhe-life.gd"
ZHONGTAI, ZHONGTAI_NEXT = "zhongtai-life.gd-gz", "zhongtai-life.gd"

AT_T1: Final[dict[str, Any]] = {"outlet": T1, "insurer": "anhe-life", "reported_by": LEAD}
AT_T2: Final[dict[str, Any]] = {"outlet": T2, "insurer": "zhongtai-life", "reported_by": LEAD2}
COURSE: Final = {"course": "六人在大厅要求退保。"}
TOLD_OF_CRISIS = {LEAD, CONTACT, COUNTY, CITY, PROVINCE, POST, BANK, *PROVINCE_LEADERS, ANHE}
