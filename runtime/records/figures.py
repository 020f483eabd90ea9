"""The figures in SQL, as `plan/figures.py` defines them, over the store and what open incidents say of themselves.

What an open incident says now stands in place of what the store has of it. The same statements run on SQLite and on
PostgreSQL: durations are kept as seconds, percentiles are nearest ranks over a numbered list, and instants are only
compared. A few passes over the incidents' rows: 100,000 of them take well under a second on PostgreSQL.
Errors: Unreachable, Misconfigured.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Table,
    and_,
    case,
    false,
    func,
    insert,
    or_,
    select,
    text,
    true,
    union_all,
)

from plan.figures import (
    AGES,
    MIXES,
    PERCENTILES,
    UNKNOWN,
    WITHIN_DAYS,
    Drills,
    Figures,
    FiguresAsked,
    OnTime,
    Rate,
    Times,
)
from plan.incident import Form, Stage
from plan.keeping import LiveRow
from runtime.records.engine import Store
from runtime.records.tables import CLOCKS, INCIDENTS
from runtime.records.writing import incident_values

Yes = ColumnElement[bool]


def figures(
    store: Store, asked: FiguresAsked, now: datetime, live: Sequence[LiveRow] = (), *, unasked: int = 0
) -> Figures:
    """All figures in one view of the store. Of `unasked` open incidents, which did not answer, what is kept counts."""
    with store.reading() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL jit = off"))  # it takes longer to compile than to count
        return _Counting(connection, _sources(connection, live), asked, now).figures(unasked)


class _Sources(NamedTuple):
    incidents: FromClause
    clocks: FromClause


def _sources(connection: Connection, live: Sequence[LiveRow]) -> _Sources:
    """The tables; with open incidents, what they say in the place of what is stored, in tables of this transaction."""
    if not live:
        return _Sources(INCIDENTS, CLOCKS)
    apart = MetaData()
    incidents, clocks = (_temporary(table, apart) for table in (INCIDENTS, CLOCKS))
    for table in (incidents, clocks):
        if _is_there(connection, table):
            table.drop(connection, checkfirst=False)
        table.create(connection, checkfirst=False)
    connection.execute(insert(incidents), [incident_values(each.row) for each in live])
    of_clocks = [{"incident_id": e.row.incident_id, **c.model_dump()} for e in live for c in e.clocks]
    if of_clocks:
        connection.execute(insert(clocks), of_clocks)
    asked = select(incidents.c.incident_id)

    def with_live(stored: Table, said: Table) -> FromClause:
        kept = select(stored).where(stored.c.incident_id.not_in(asked))
        return union_all(kept, select(said)).subquery()

    return _Sources(with_live(INCIDENTS, incidents), with_live(CLOCKS, clocks))


def _temporary(table: Table, apart: MetaData) -> Table:
    columns = [
        Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable, autoincrement=False)
        for c in table.columns
    ]
    return Table(f"live_{table.name}", apart, *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def _is_there(connection: Connection, table: Table) -> bool:
    """SQLite keeps a temporary table as long as the connection; PostgreSQL drops it with the transaction."""
    if connection.dialect.name != "sqlite":
        return False
    found = connection.exec_driver_sql("SELECT 1 FROM sqlite_temp_master WHERE name = ?", (table.name,))
    return found.first() is not None


class _Counting:
    def __init__(self, connection: Connection, sources: _Sources, asked: FiguresAsked, now: datetime) -> None:
        self._connection, self._now = connection, now
        self._incidents, self._clocks = sources
        self._c: Any = self._incidents.c
        self._taken = _taken(self._c, asked)
        self._real = and_(self._taken, self._c.drill.is_(false()))
        self._single: Yes = self._c.form == str(Form.SINGLE)
        self._asked = asked

    def figures(self, unasked: int) -> Figures:
        on_time = self._on_time(self._real)
        return Figures(
            as_of=self._now,
            asked=self._asked,
            unasked=unasked,
            **self._counts(),
            times=self._all_times(),
            on_time=on_time,
            mix=self._mix(),
            drills=self._drills(),
        )

    def _counts(self) -> dict[str, Any]:
        """Whatever is a plain count, in one pass."""
        c = self._c
        repeated = self._incidents.alias("repeats").c
        repeats = select(repeated.repeat_of).where(
            repeated.repeat_of.is_not(None), repeated.drill.is_(false()), repeated.imported.is_(false())
        )
        resolved = and_(self._single, c.resolved_at.is_not(None))
        ended = or_(c.closed_at.is_not(None), c.reopened > 0)
        wanted = {
            "incidents": func.count(),
            "group_events": _many(~self._single),
            "open": _many(c.closed_at.is_(None)),
            "resolved": _many(resolved),
            "repeats": _many(and_(resolved, c.incident_id.in_(repeats))),
            "ended": _many(ended),
            "reopened": _many(and_(ended, c.reopened > 0)),
            "complaints": _many(self._single),
            "to_crisis": _many(and_(self._single, c.known_at.is_not(None))),
            "to_group": _many(and_(self._single, c.group_id.is_not(None))),
            "asked_of_selling": _many(c.mis_selling.is_not(None)),
            "mis_selling": _many(c.mis_selling.is_(true())),
            "failed": _sum(c.notices_failed),
            "arrived": _sum(c.notices_arrived),
            "conduct": _sum(c.conduct),
            **{
                f"policies_{name}": _sum(c[f"policies_{name}"])
                for name in ("normal", "flawed", "problem", "undetermined")
            },
            **self._resolution(),
        }
        query = select(*(value.label(name) for name, value in wanted.items())).select_from(self._incidents)
        n = self._connection.execute(query.where(self._real)).mappings().one()
        return {
            "incidents": n["incidents"],
            "group_events": n["group_events"],
            "open": n["open"],
            "repeats": Rate(part=n["repeats"], whole=n["resolved"]),
            "reopened": Rate(part=n["reopened"], whole=n["ended"]),
            "to_crisis": Rate(part=n["to_crisis"], whole=n["complaints"]),
            "to_group": Rate(part=n["to_group"], whole=n["complaints"]),
            "mis_selling": Rate(part=n["mis_selling"], whole=n["asked_of_selling"]),
            "notices_failed": Rate(part=n["failed"], whole=n["failed"] + n["arrived"]),
            "conduct": n["conduct"],
            "policies": {name: n[f"policies_{name}"] for name in ("normal", "flawed", "problem", "undetermined")},
            "resolved_within": {
                str(days): Rate(part=n[f"within_{days}"], whole=n[f"of_{days}"]) for days in WITHIN_DAYS
            },
            "open_for": {name: n[f"open_{place}"] for place, name in enumerate(AGES)},
        }

    def _resolution(self) -> dict[str, ColumnElement[Any]]:
        c, waits = self._c, and_(self._single, self._unresolved)
        found: dict[str, ColumnElement[Any]] = {}
        younger = true()
        for place, days in enumerate(WITHIN_DAYS):
            since = self._now - timedelta(days=days)
            done = and_(self._single, c.to_resolution.is_not(None))
            found[f"within_{days}"] = _many(and_(done, c.to_resolution <= days * 86_400))
            found[f"of_{days}"] = _many(or_(done, and_(waits, c.filed_at < since)))
            found[f"open_{place}"] = _many(and_(waits, younger, c.filed_at >= since))
            younger = c.filed_at < since
        return found | {f"open_{len(WITHIN_DAYS)}": _many(and_(waits, younger))}

    @property
    def _unresolved(self) -> Yes:
        c = self._c
        return and_(c.resolved_at.is_(None), c.closed_at.is_(None), c.stage != str(Stage.WITHDRAWN))

    def _waiting(self) -> dict[str, Yes]:
        """Who has begun a step and not ended it; nobody need be handed over."""
        c, open_ = self._c, self._c.closed_at.is_(None)
        return {
            "to_acknowledge": and_(self._single, c.to_acknowledge.is_(None), open_),
            "to_report": and_(c.report_owed, c.to_report.is_(None)),
            "to_handover": false(),
            "to_arrival": and_(c.arrival_owed, c.to_arrival.is_(None), open_),
            "to_resolution": and_(self._single, self._unresolved),
        }

    def _all_times(self) -> dict[str, Times]:
        c, waiting = self._c, self._waiting()
        done = {name: c[name].is_not(None) for name in waiting}
        of_complaints = ("to_acknowledge", "to_handover", "to_resolution")
        among = {name: and_(done[name], self._single) if name in of_complaints else done[name] for name in waiting}
        return self._times(self._real, among, waiting)

    def _times(self, of: Yes, among: Mapping[str, Yes], waiting: Mapping[str, Yes]) -> dict[str, Times]:
        """Of several columns at once: in one pass on PostgreSQL, which has the percentile; one by one on SQLite."""
        wanted: list[ColumnElement[Any]] = []
        for name, done in among.items():
            took = self._c[name]
            wanted += [_many(done), _many(waiting[name]), func.max(case((done, took)))]
            if self._on_postgresql:
                wanted += [func.percentile_disc(each / 100).within_group(took).filter(done) for each in PERCENTILES]
            else:
                wanted += [self._ranked(took, and_(of, done), each) for each in PERCENTILES]
        query = select(*wanted).select_from(self._incidents).where(of)
        values: Sequence[Any] = tuple(self._connection.execute(query).one())
        found: dict[str, Times] = {}
        for place, name in enumerate(among):
            count, waits, longest, p50, p90 = values[place * 5 : place * 5 + 5]
            found[name] = Times(count=count, waiting=waits, p50=p50, p90=p90, longest=longest)
        return found

    def _ranked(self, took: Any, among: Yes, percent: int) -> ColumnElement[Any]:
        """The values in order, numbered; the percentile is the one with the right number."""
        numbered = (
            select(
                took.label("took"),
                func.row_number().over(order_by=took).label("place"),
                func.count().over().label("all"),
            )
            .select_from(self._incidents)
            .where(among)
            .subquery()
        )
        right = numbered.c.place == (numbered.c.all * percent + 99) // 100
        return select(func.max(numbered.c.took)).where(right).scalar_subquery()

    @property
    def _on_postgresql(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    def _on_time(self, among: Yes, *, only: str | None = None) -> dict[str, OnTime]:
        k: Any = self._clocks.c
        met = k.met_at.is_not(None)
        query = (
            select(
                k.name,
                _many(and_(met, k.met_at <= k.due_at)).label("on_time"),
                _many(and_(met, k.met_at > k.due_at)).label("late"),
                _many(and_(~met, k.due_at < self._now)).label("missing"),
                _many(and_(~met, k.due_at >= self._now)).label("running"),
            )
            .select_from(self._clocks.join(self._incidents, k.incident_id == self._c.incident_id))
            .where(among, k.void.is_(false()))
            .group_by(k.name)
            .order_by(k.name)
        )
        if only is not None:
            query = query.where(k.name == only)
        rows = self._connection.execute(query).mappings()
        found = {str(row["name"]): OnTime.model_validate(dict(row)) for row in rows}
        return {name: found[name] for name in sorted(found)}

    def _mix(self) -> dict[str, dict[str, int]]:
        """Grouped by all of them at once, and added up here: there are few combinations."""
        kinds = [func.coalesce(func.nullif(self._c[name], ""), UNKNOWN).label(name) for name in MIXES]
        query = select(*kinds, func.count().label("many")).select_from(self._incidents)
        found: dict[str, Counter[str]] = {name: Counter() for name in MIXES}
        for row in self._connection.execute(query.where(self._real, self._single).group_by(*kinds)).mappings():
            for name in MIXES:
                found[name][str(row[name])] += int(row["many"])
        return {name: dict(sorted(found[name].items())) for name in MIXES}

    def _drills(self) -> Drills:
        c, among = self._c, and_(self._taken, self._c.drill.is_(true()))
        count = self._connection.execute(select(func.count()).select_from(self._incidents).where(among)).scalar_one()
        if not count:
            return Drills()
        hour = self._on_time(among, only="outlet_report").get("outlet_report", OnTime())
        took = {"to_report": c.to_report.is_not(None)}
        return Drills(
            count=count,
            reported_in_time=Rate(part=hour.on_time, whole=hour.on_time + hour.late + hour.missing),
            to_report=self._times(among, took, self._waiting())["to_report"],
        )


def _taken(c: Any, asked: FiguresAsked) -> Yes:
    wanted: list[Yes] = [c.imported.is_(false())]
    wanted += [c.filed_at >= asked.since] if asked.since else []
    wanted += [c.filed_at < asked.until] if asked.until else []
    wanted += [c.units.contains(f"/{asked.unit}/", autoescape=True)] if asked.unit else []
    wanted += [c.insurers.contains(f"/{asked.insurer}/", autoescape=True)] if asked.insurer else []
    return and_(*wanted)


def _many(condition: Yes) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0).cast(Integer)


def _sum(column: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0).cast(Integer)
