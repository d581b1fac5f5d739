"""What MoviePilot expects of whole records, looked at before any is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.changes.rows import Change, Rows, Values

Key = tuple[Any, ...]
Misfits = dict[int, ValidationError]
"""Record id → why it must not be stored so; the messages stand by column."""


class RecordChecks:
    """The checks of one table that a work on these columns has to make; falsy for none.

    `columns` are those that a check needs beside the ones the work reads anyway.
    """

    def __init__(self, rows: Rows, touched: Iterable[str]) -> None:
        model, names = rows.model, {*touched}
        known = rows.types.keys()
        self.model = model
        self.groups = [
            group
            for group in model.unique_by
            if names.intersection(group) and known >= {*group}
        ]
        self.checks_record = not names.isdisjoint(model.checked_with)
        wanted = [name for group in self.groups for name in group]
        if self.checks_record:
            wanted += [name for name in model.checked_with if name in known]
        self.columns = [name for name in dict.fromkeys(wanted) if name not in names]
        self.planned: dict[tuple[str, ...], dict[Key, int]] = {}

    def __bool__(self) -> bool:
        return bool(self.groups) or self.checks_record

    def refuse(
        self,
        rows: Rows,
        changes: Sequence[Change],
        context: Mapping[int, Values],
        *,
        lock: bool,
    ) -> tuple[list[Change], Misfits]:
        """Those of the changes that may be made, and why the others may not.

        `context` holds what is stored in `columns`, by record. Without a lock nothing
        is written between two calls, so what one has let pass is remembered for the
        next.
        """
        records = {
            change.record_id: {
                **context.get(change.record_id, {}),
                **(change.before or {}),
                **(change.after or {}),
            }
            for change in changes
        }
        misfits = self._misfits(records) if self.checks_record else {}
        for group in self.groups:
            moved = {
                change.record_id: tuple(records[change.record_id][n] for n in group)
                for change in changes
                if change.record_id not in misfits
                and (
                    change.before is None or not {*group}.isdisjoint(change.after or ())
                )
            }
            are_new = any(change.before is None for change in changes)
            misfits |= self._seconds(rows, group, moved, are_new=are_new, lock=lock)
        return [each for each in changes if each.record_id not in misfits], misfits

    def _misfits(self, records: Mapping[int, Values]) -> Misfits:
        found = {}
        for pk, record in records.items():
            try:
                self.model.check_record(record)
            except ValidationError as error:
                found[pk] = error
        return found

    def _seconds(
        self,
        rows: Rows,
        group: tuple[str, ...],
        moved: Mapping[int, Key],
        *,
        are_new: bool,
        lock: bool,
    ) -> Misfits:
        """Those that would be the second record with a key of which there is one."""
        keys = {key for key in moved.values() if None not in key}
        taken: dict[Key, int] = {} if lock else self.planned.setdefault(group, {})
        holders: dict[Key, int] = {}
        for pk, key in rows.holders(group, keys):
            if are_new or pk not in moved:
                holders.setdefault(key, pk)
        found = {}
        for pk, key in moved.items():
            if key not in keys:
                continue
            holder = holders.get(key, taken.get(key))
            if holder is None or (holder == pk and not are_new):
                taken[key] = pk
            else:
                found[pk] = ValidationError({group[-1]: self._told(group, holder)})
        return found

    def _told(self, group: tuple[str, ...], holder: int) -> str:
        labels = [str(self.model.column(name).verbose_name) for name in group]
        return _(
            "Record %(id)s has the same %(columns)s; MoviePilot expects only one such "
            "record."
        ) % {"id": holder, "columns": _(" and ").join(labels)}
