"""What a change carries with it in other tables, because MoviePilot would have done it.

The models declare it (`Record.carries`, `Record.followed_by`); a Work asks here, batch
by batch, and its decision then covers both tables in one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError

from core.changes.checks import RecordChecks
from core.changes.rows import Change, Rows, label_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from core.models.base import Followed, Record

Carriage = tuple["type[Record]", list[Change]]
"""A table, and what is to happen to its records."""


def of_deletion(
    rows: Rows, changes: Sequence[Change], gone: Collection[int], *, lock: bool
) -> Iterator[Carriage]:
    """What goes with deleted records. `gone` are others that are deleted before."""
    for table, column, key in rows.model.carries:
        target = Rows(apps.get_model(table))
        if column not in target.types:
            continue
        keys = {_key(change, key) for change in changes} - {None, ""}
        if key != "id":
            deleted = {change.record_id for change in changes}.union(gone)
            stay = rows.holders((key,), {(each,) for each in keys})
            keys -= {held for pk, (held,) in stay if pk not in deleted}
        ids = [pk for pk, _ in target.holders((column,), {(each,) for each in keys})]
        if ids:
            found = target.snapshots(ids, lock=lock)
            yield (
                target.model,
                [
                    Change(pk, label_text(now.get(target.label_column, pk)), now, None)
                    for pk, now in found.items()
                ],
            )


def of_edit(rows: Rows, change: Change, *, lock: bool) -> Iterator[Carriage]:
    """What follows a record whose key is changed.

    Raises ValidationError, with messages by column, where it cannot follow.
    """
    for followed in rows.model.followed_by:
        target = Rows(apps.get_model(followed.table))
        if followed.key in (change.after or {}) and followed.column in target.types:
            found = _following(rows, target, followed, change, lock=lock)
            if found:
                yield target.model, found


def _following(
    rows: Rows, target: Rows, followed: Followed, change: Change, *, lock: bool
) -> list[Change]:
    old = (change.before or {})[followed.key]
    new = (change.after or {})[followed.key]
    others = [pk for pk, _ in rows.holders((followed.key,), {(old,)})]
    if old in (None, "") or others != [change.record_id]:
        return []  # whose they are nobody can tell
    ids = [pk for pk, _ in target.holders((followed.column,), {(old,)})]
    checks = RecordChecks(target, [followed.column])
    read = target.read(ids, [target.label_column, *checks.columns], lock=lock)
    moves = [
        Change(pk, label_text(label), {followed.column: old}, {followed.column: new})
        for pk, label, *_more in read
    ]
    context = {
        pk: dict(zip(checks.columns, more, strict=True)) for pk, _label, *more in read
    }
    moves, misfits = checks.refuse(target, moves, context, lock=True)
    for error in misfits.values():
        raise ValidationError({followed.key: error.messages})
    return moves


def _key(change: Change, name: str) -> Any:
    return change.record_id if name == "id" else (change.before or {}).get(name)
