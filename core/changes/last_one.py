"""The last record of a kind MoviePilot cannot do without: `Record.at_least_one`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.changes.rows import Change, Rows, Values
    from core.models.base import Record


class LastOne:
    """Sees to it that a record stays in which all the flags are set.

    Falsy where a work on the columns `touched` (None for whole records) cannot take the
    last one away. What lacks such a record anyway can be worked on as ever.
    """

    def __init__(
        self, model: type[Record], touched: Iterable[str] | None = None
    ) -> None:
        declared = model.at_least_one
        columns = declared.columns if declared else ()
        is_spared = touched is not None and not {*columns}.intersection(touched)
        self.columns = () if is_spared else columns
        self.why = declared.why if declared else ""
        self.planned = 0
        """How many more of them there would be after what previews let pass."""

    def __bool__(self) -> bool:
        return bool(self.columns)

    def refuse(
        self,
        rows: Rows,
        changes: Sequence[Change],
        context: Mapping[int, Values],
        *,
        lock: bool,
    ) -> dict[int, ValidationError]:
        """The one of the changes that would take the last record away, if any does.

        `context` holds what is stored in the columns, by record. With `lock` the
        records stay as they are until the transaction ends; without, what `remember`
        was told of counts as done.
        """
        if not self._is_known(rows):
            return {}
        come, leave = self._moves(changes, context)
        if come or not leave:
            return {}
        standing = rows.count_set(self.columns, lock=lock)
        standing += 0 if lock else self.planned
        return {leave[-1]: ValidationError(self.why)} if standing <= len(leave) else {}

    def is_exchange(
        self, rows: Rows, changes: Sequence[Change], context: Mapping[int, Values]
    ) -> bool:
        """Whether one may leave only because another comes."""
        come, leave = self._moves(changes, context) if self._is_known(rows) else (0, [])
        return bool(come and leave)

    def remember(
        self, rows: Rows, changes: Sequence[Change], context: Mapping[int, Values]
    ) -> None:
        """Keep in mind what a preview has let pass, for its next batch."""
        if self._is_known(rows):
            come, leave = self._moves(changes, context)
            self.planned += come - len(leave)

    def _is_known(self, rows: Rows) -> bool:
        """Whether the table has the flags at all."""
        return bool(self.columns) and rows.types.keys() >= {*self.columns}

    def _moves(
        self, changes: Sequence[Change], context: Mapping[int, Values]
    ) -> tuple[int, list[int]]:
        """How many come to have the flags, and the ids of those that have them no more,
        in the order of the changes.
        """
        come, leave = 0, []
        for pk, _label, old, new in changes:
            before = {} if old is None else {**context.get(pk, {}), **old}
            after = {} if new is None else {**before, **new}
            was_one, is_one = self._is_set(before), self._is_set(after)
            come += is_one and not was_one
            if was_one and not is_one:
                leave.append(pk)
        return come, leave

    def _is_set(self, values: Values) -> bool:
        # As MoviePilot reads them: any text but '' is true.
        return all(values.get(column) for column in self.columns)
