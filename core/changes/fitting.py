"""Which of several edits can be made together, and what follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.changes import consequences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.changes.checks import Misfits
    from core.changes.consequences import Consequence
    from core.changes.last_one import LastOne
    from core.changes.rows import Change, Rows, Values


class Fit(NamedTuple):
    """The changes that can be made, why the others cannot, and what follows."""

    changes: list[Change]
    misfits: Misfits
    follows: list[Consequence]
    is_whole: bool = False
    """Whether they may only be written all together."""


def fit(
    rows: Rows,
    changes: Sequence[Change],
    context: Mapping[int, Values],
    *,
    last: LastOne,
    is_followed: bool,
    lock: bool,
) -> Fit:
    """Leave out one change after the other until the rest can be made together.

    `context` holds what is stored in the columns of `last`, by record.
    """
    left = [*changes]
    misfits: Misfits = {}
    while True:
        refused = last.refuse(rows, left, context, lock=lock)
        found: list[Consequence] = []
        if not refused and is_followed:
            found, refused = consequences.of_edits(rows, left, lock=lock)
        if not refused:
            break
        misfits |= refused
        left = [each for each in left if each.record_id not in refused]
    if not lock:
        last.remember(rows, left, context)
    return Fit(left, misfits, found, last.is_exchange(rows, left, context))
