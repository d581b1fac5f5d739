"""What a change carries with it in other records: MoviePilot would have done it.

The models declare it (`Record.carries`, `followed_by`, `offers`, `mentioned_in`,
`lists`); a Work asks here, batch by batch, and its decision then covers all of it in
one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.changes.consequences.kinds import Carriage, Consequence, What, merged
from core.changes.consequences.listed import vanished
from core.changes.consequences.mentions import of_moves
from core.changes.consequences.rows_along import (
    following,
    going,
    gone_along,
    offer_counts,
    offered,
    taken_along,
    weights,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from core.changes.consequences.mentions import Editors
    from core.changes.consequences.names import Moves
    from core.changes.consequences.rows_along import Misfits
    from core.changes.rows import Change, Rows
    from core.models.base import Mention, Record

__all__ = [
    "Carriage",
    "Consequence",
    "What",
    "are_possible",
    "foresee",
    "going",
    "merged",
    "of_deletion",
    "of_edits",
    "offer_counts",
    "offered",
    "taken_along",
    "weights",
]


def are_possible(model: type[Record], columns: Iterable[str]) -> bool:
    """Whether anything may follow when these columns are edited."""
    keys = {followed.key for followed in model.followed_by}
    if model.lists:
        keys |= {"key", "value"}
    return not keys.isdisjoint(columns)


def of_edits(
    rows: Rows, changes: Sequence[Change], *, lock: bool
) -> tuple[list[Consequence], Misfits]:
    """What follows edited records; and those that must stay as they are, because what
    would have to follow them cannot.
    """
    found: list[Consequence] = []
    misfits: Misfits = {}
    if not changes:
        return found, misfits
    for followed in rows.model.followed_by:
        moved, wrong = following(rows, followed, changes, lock=lock)
        found += [moved] if moved else []
        misfits |= wrong
    if rows.model.lists:
        done = [change for change in changes if change.record_id not in misfits]
        spared = {rows.model._meta.label_lower: {c.record_id for c in done}}
        found += of_moves(vanished(rows, done), spared=spared, lock=lock)
    return found, misfits


def of_deletion(
    rows: Rows,
    changes: Sequence[Change],
    *,
    along: Collection[str] = (),
    own: Collection[int] = (),
    gone: Collection[int] = (),
    known: Editors | None = None,
    lock: bool,
) -> list[Consequence]:
    """What happens with deleted records.

    `own` are all records that the work deletes, `gone` those of them that are deleted
    before and can still be read. `known` is what `foresee` has found out.
    """
    model = rows.model
    found = [
        each
        for carried in taken_along(model, along)
        if (each := gone_along(rows, carried, changes, gone, lock=lock))
    ]
    moves = _ids_gone(model, [*(change.record_id for change in changes), *gone])
    if model.lists:
        moves += vanished(rows, changes, gone=gone)
    if moves and changes:
        spared = {model._meta.label_lower: own}
        found += of_moves(moves, spared=spared, known=known, lock=lock)
    return found


def foresee(model: type[Record], ids: Collection[int], known: Editors) -> None:
    """Find out what will become of the values that mention these records, before the
    lock is taken; values that are there by then and were not before are looked at then.
    """
    for _consequence in of_moves(
        _ids_gone(model, ids), spared={}, known=known, lock=False
    ):
        pass


def _ids_gone(model: type[Record], ids: Collection[int]) -> list[tuple[Mention, Moves]]:
    names: Moves = {str(pk): None for pk in ids} if model.mentioned_in else {}
    return [(mention, names) for mention in model.mentioned_in]
