"""The little these tests need of an organisation, its wording and a notice. All names are invented."""

from datetime import UTC, datetime

from activities.channels.contract import Message
from plan.orders import DeliveryOrder
from plan.organisation import Address, Audience, Level, Organisation, Outlet, Person, PoliceStation, Side, Unit

NOW = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)
LEAD = "gd-gz-th-0001.lead"
OUTBOX = Address(channel="outbox")


def message(
    key: str = "k-1",
    text: str = "【新投诉】T-1 天河一号网点。",
    due_at: datetime | None = DUE,
    *,
    lang: str = "zh",
    mentions: tuple[str, ...] = (),
) -> Message:
    return Message(
        key=key,
        incident_id="T-1",
        duty="tell.filed",
        recipient=LEAD,
        text=text,
        due_at=due_at,
        drill=False,
        ordered_at=NOW,
        lang=lang,
        mentions=mentions,
    )


def person(person_id: str = LEAD, *ways: Address, left: bool = False, lang: str = "zh", name: str = "林小舟") -> Person:
    return Person(id=person_id, name=name, side=Side.POST, left=left, lang=lang, channels=ways or (OUTBOX,))


def organisation(*persons: Person, version: str = "1") -> Organisation:
    """One outlet below one province; `persons` replace the outlet's lead."""
    return Organisation(
        version=version,
        units=(
            Unit(id="hq", name="总部", level=Level.HQ, work_group=("hq.work",)),
            Unit(id="gd", name="广东省", level=Level.PROVINCE, superior="hq", work_group=("gd.work",)),
        ),
        outlets=(
            Outlet(
                id="gd-gz-th-0001",
                name="天河一号网点",
                superior="gd",
                side=Side.POST,
                lead=LEAD,
                address="天河路 1 号",
                police_station=PoliceStation(name="天河派出所", phone="020-00000000"),
            ),
        ),
        persons=persons or (person(), person("gd.work"), person("hq.work")),
    )


def tripartite(channel: str = "outbox", to: str = "") -> Address:
    return Address(channel=channel, to=to, audience=Audience.TRIPARTITE)


def order(**changed: object) -> DeliveryOrder:
    """A notice to the outlet's lead over the outbox, but for what is changed."""
    usual = DeliveryOrder(
        key="k-1",
        incident_id="T-1",
        duty="tell.filed",
        recipient=LEAD,
        channel="outbox",
        words={"incident": "T-1", "outlet": "天河一号网点"},
        due_at=DUE,
        now=NOW,
    )
    return usual.model_copy(update=changed)
