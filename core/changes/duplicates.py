"""Records that a change would make look like others that MoviePilot keeps one of.

It puts up with a second one (`Record.usually_once`), so a preview counts them and
warns. Where it does not (`unique_by`), the change is refused: core.changes.checks.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from core.changes.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.changes.rows import Change
    from core.models.base import Record

SAMPLES = 5
MOST_REMEMBERED = 200_000
"""Keys that are remembered to find two alike within one change."""

Group = tuple[str, ...]
Key = tuple[Any, ...]


class Duplicates:
    """Counts them, batch by batch."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, Group], int] = {}
        self.samples: dict[tuple[str, Group], list[list[Any]]] = {}
        self.planned: dict[tuple[str, Group], dict[Key, int]] = {}
        self.lasts: dict[tuple[str, Group], dict[Any, int]] = {}

    def add(self, model: type[Record], changes: Sequence[Change]) -> None:
        """Look at a batch of changes, which are not written yet."""
        for group in model.usually_once:
            touching = [each for each in changes if _touches(each, group)]
            if touching:
                self._add(Rows(model), group, touching)

    def _add(self, rows: Rows, group: Group, changes: Sequence[Change]) -> None:
        if not rows.types.keys() >= {*group}:
            return
        subject = rows.model._meta.label_lower, group
        planned = self.planned.setdefault(subject, {})
        if all(_touched(change, group) == {group[-1]} for change in changes):
            changes = self._suspects(rows, group, changes)
        keys = _keys(rows, group, changes)
        moved = {change.record_id for change in changes if change.before is not None}
        held: dict[Key, int] = {}
        for pk, key in rows.holders(group, {*keys.values()}):
            if pk not in moved:
                held.setdefault(key, pk)
        for number, key in keys.items():
            change = changes[number]
            other = held.get(key, planned.get(key))
            if other is not None:
                self._note(subject, change, other)
            elif len(planned) < MOST_REMEMBERED:
                planned[key] = change.record_id

    def _suspects(
        self, rows: Rows, group: Group, changes: Sequence[Change]
    ) -> list[Change]:
        """Where only the last column is written: those whose new value another record
        holds or gets. A look into one index, for what mostly finds nothing.
        """
        last = group[-1]
        subject = rows.model._meta.label_lower, group
        new = {change.record_id: (change.after or {})[last] for change in changes}
        counted = Counter(new.values())
        found = rows.holders((last,), {(value,) for value in counted if value})
        suspect = {value for pk, (value,) in found if pk not in new}
        suspect |= {value for value, count in counted.items() if count > 1}
        lasts = self.lasts.setdefault(subject, {})
        early = {lasts[value]: value for value in counted.keys() & lasts.keys()}
        for pk, *key in rows.read([*early], group[:-1]) if early else ():
            self.planned[subject].setdefault((*key, early[pk]), pk)
        suspect |= {*early.values()}
        if len(lasts) < MOST_REMEMBERED:
            for pk, value in new.items():
                lasts.setdefault(value, pk)
        return [each for each in changes if new[each.record_id] in suspect]

    def _note(self, subject: tuple[str, Group], change: Change, other: int) -> None:
        self.counts[subject] = self.counts.get(subject, 0) + 1
        samples = self.samples.setdefault(subject, [])
        if len(samples) < SAMPLES:
            # A record that is to be created has no id yet.
            pk = change.record_id if change.before is not None else 0
            samples.append([pk, change.label, other])

    def result(self) -> list[dict[str, Any]]:
        """Plain values, for a plan to keep."""
        return [
            {
                "table": table,
                "columns": [*group],
                "count": count,
                "samples": self.samples[table, group],
            }
            for (table, group), count in self.counts.items()
        ]


def _touches(change: Change, group: Group) -> bool:
    return change.after is not None and not change.after.keys().isdisjoint(group)


def _touched(change: Change, group: Group) -> set[str]:
    """Which of the columns a change writes."""
    return (change.after or {}).keys() & {*group}


def _keys(rows: Rows, group: Group, changes: Sequence[Change]) -> dict[int, Key]:
    """Number of the change → what its record will hold; the last of it is something."""
    ids = [change.record_id for change in changes if change.before is not None]
    stored = {
        pk: dict(zip(group, key, strict=True)) for pk, *key in rows.read(ids, group)
    }
    found = {}
    for number, change in enumerate(changes):
        now = stored.get(change.record_id, {}) if change.before is not None else {}
        values = {**now, **(change.after or {})}
        key = tuple(values.get(name) for name in group)
        if key[-1] not in (None, ""):
            found[number] = key
    return found
