"""Records that go with deleted ones, and records that follow a renamed one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError

from core.changes.checks import RecordChecks
from core.changes.consequences.kinds import Consequence, What
from core.changes.rows import Change, Rows, label_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.models.base import Carried, Followed, Offered, Record

Misfits = dict[int, ValidationError]


def offered(model: type[Record]) -> list[Offered]:
    """What may go with deleted records of this table; chosen by name."""
    return [*model.offers]


def offer_counts(model: type[Record], ids: Sequence[int]) -> list[tuple[Offered, int]]:
    """What may go with these records, and how many records that would be."""
    found = []
    for offer in model.offers:
        rows, target = Rows(model), Rows(apps.get_model(offer.table))
        stored = rows.read(ids, [offer.key])
        changes = [Change(pk, "", {offer.key: held}, None) for pk, held in stored]
        found.append((offer, len(going(rows, target, offer, changes, ()))))
    return found


def taken_along(model: type[Record], along: Collection[str]) -> list[Carried | Offered]:
    """What goes with deleted records: always, and of what is offered what was chosen.

    Raises ValueError for what is not offered.
    """
    offers = {offer.name: offer for offer in model.offers}
    if unknown := {*along} - offers.keys():
        raise ValueError(f"Not offered with {model.__name__}: {sorted(unknown)}.")
    chosen = [offer for name, offer in offers.items() if name in along]
    return [*model.carries, *chosen]


def gone_along(
    rows: Rows,
    carried: Carried | Offered,
    changes: Sequence[Change],
    gone: Collection[int],
    *,
    lock: bool,
) -> Consequence | None:
    """The records of one table that go with these deleted ones."""
    target = Rows(apps.get_model(carried.table))
    ids = going(rows, target, carried, changes, gone)
    if not ids:
        return None
    found = target.snapshots(ids, lock=lock)
    labels = {
        pk: label_text(now.get(target.label_column, pk)) for pk, now in found.items()
    }
    changes = [Change(pk, labels[pk], now, None) for pk, now in found.items()]
    return Consequence(What.GOES, target.model, changes)


def going(
    rows: Rows,
    target: Rows,
    carried: Carried | Offered,
    changes: Sequence[Change],
    gone: Collection[int],
) -> list[int]:
    """Ids of the records that go along: no record that stays has the same key."""
    column, key = carried.column, carried.key
    if column not in target.types:
        return []
    keys = {_key(change, key) for change in changes} - {None, ""}
    if key != "id":
        deleted = {change.record_id for change in changes}.union(gone)
        stay = rows.holders((key,), {(each,) for each in keys})
        keys -= {held for pk, (held,) in stay if pk not in deleted}
    return [pk for pk, _ in target.holders((column,), {(each,) for each in keys})]


def weights(
    rows: Rows, carried: Sequence[Carried | Offered], ids: Sequence[int]
) -> list[int]:
    """How many records are deleted with each of these, itself included, at most."""
    found = dict.fromkeys(ids, 1)
    for each in carried:
        target = Rows(apps.get_model(each.table))
        if each.column not in target.types:
            continue
        names = [] if each.key == "id" else [each.key]
        keys = {row[0]: row[-1] for row in rows.read(ids, names)}
        counted = target.counts(each.column, {*keys.values()} - {None, ""})
        for pk, held in keys.items():
            found[pk] += counted.get(held, 0)
    return [*found.values()]


def following(
    rows: Rows, followed: Followed, changes: Sequence[Change], *, lock: bool
) -> tuple[Consequence | None, Misfits]:
    """The records that name others whose name changes; and why some cannot follow, by
    the record that is not to be renamed then.
    """
    target, (_table, column, key) = Rows(apps.get_model(followed.table)), followed
    renamed = _renamed(rows, key, changes) if column in target.types else {}
    if not renamed:
        return None, {}
    checks = RecordChecks(target, [column])
    ids = [pk for pk, _ in target.holders((column,), {(old,) for old in renamed})]
    read = target.read(ids, [target.label_column, column, *checks.columns], lock=lock)
    moves = [
        Change(pk, label_text(label), {column: old}, {column: _new(renamed[old], key)})
        for pk, label, old, *_more in read
        if old in renamed
    ]
    context = {pk: dict(zip(checks.columns, m, strict=True)) for pk, _l, _o, *m in read}
    moves, wrong = checks.refuse(target, moves, context, lock=True)
    held = {row[0]: row[2] for row in read}
    misfits = {
        renamed[held[pk]].record_id: ValidationError({key: error.messages})
        for pk, error in wrong.items()
    }
    stuck = {held[pk] for pk in wrong}
    moves = [move for move in moves if held[move.record_id] not in stuck]
    names = {held[move.record_id]: move.after[column] for move in moves if move.after}
    found = Consequence(What.FOLLOWS, target.model, moves, None, tuple(names.items()))
    return found if moves else None, misfits


def _renamed(rows: Rows, key: str, changes: Sequence[Change]) -> dict[Any, Change]:
    """Old name → its record's change. Of a name that two have nobody can tell whose
    the others are.
    """
    named = {
        (change.before or {})[key]: change
        for change in changes
        if key in (change.after or {})
    }
    named = {old: change for old, change in named.items() if old not in (None, "")}
    held: dict[Any, list[int]] = {}
    for pk, (old,) in rows.holders((key,), {(old,) for old in named}):
        held.setdefault(old, []).append(pk)
    return {
        old: change
        for old, change in named.items()
        if held.get(old) == [change.record_id]
    }


def _new(change: Change, key: str) -> Any:
    return (change.after or {})[key]


def _key(change: Change, name: str) -> Any:
    return change.record_id if name == "id" else (change.before or {}).get(name)
