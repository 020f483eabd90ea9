"""Whom a drill tells: the choice that goes with each of its incidents (R11, R31).

Kept in histories. It counts for drills only: an incident that is none tells whom the plan says, whatever stands here.
"""

from plan.roster import Way
from plan.values import Flag, Kept, Ref


class DrillPlan(Kept):
    """`insurers`: they hear of it too. `desk` is who is told in everybody's place, over `ways`; None: the real people.

    The ways are those of when the drill began; the addresses are looked up when something is sent.
    """

    insurers: Flag = False
    desk: Ref | None = None
    ways: tuple[Way, ...] = ()
