"""Compiled operations on the columns of one table, done to what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from core.changes.operations import Compiled, Constant, as_compiled
from core.changes.rows import Change, label_text, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from core.models.base import Record

Row = tuple[Any, ...]
"""(id, label, *columns, *reads), as `Editing` wants it read."""
Edited = tuple[dict[str, Any], dict[str, Any]]
"""The columns that change, before and after."""


class Step(NamedTuple):
    """What is done to one column, and where in a row the values for it stand."""

    column: str
    operate: Compiled
    place: int
    others: tuple[int, ...]


class Editing:
    """What is done to the columns of one table: column → what was compiled for it."""

    def __init__(
        self, model: type[Record], compiled: Mapping[str, Callable[..., Any]]
    ) -> None:
        self.model = model
        ready = {name: as_compiled(each) for name, each in compiled.items()}
        self.columns = [*ready]
        wanted = [name for each in ready.values() for name in each.reads]
        others = [name for name in dict.fromkeys(wanted) if name not in ready]
        self.reads = [name for name in others if name != "id"]
        names = ["id", "", *self.columns, *self.reads]
        places = {name: place for place, name in enumerate(names)}
        self.steps = [
            Step(name, each, places[name], tuple(places[read] for read in each.reads))
            for name, each in ready.items()
        ]
        self.slow = [step for step in self.steps if step.operate.is_slow]

    @property
    def constant(self) -> Constant | None:
        """The common case: one field set to one value."""
        operate = self.steps[0].operate if len(self.steps) == 1 else None
        return operate if isinstance(operate, Constant) else None

    def prepare(self, found: Sequence[Row], *, is_locked: bool = False) -> None:
        """Let operations that take their time work out what becomes of these rows."""
        for step in self.slow:
            raws = [row[step.place] for row in found]
            step.operate.prepare(raws, is_locked=is_locked)

    def changes(
        self, found: Sequence[Row]
    ) -> Iterator[tuple[int, Change | ValidationError | None]]:
        """(id, what is to change) of each row: None where nothing is."""
        if self.constant:
            yield from self._set(found, self.constant.value)
            return
        for row in found:
            pk = row[0]
            try:
                before, after = self._edited(row)
            except ValidationError as error:
                yield pk, error
                continue
            yield pk, Change(pk, label_text(row[1]), before, after) if after else None

    def _set(
        self, found: Sequence[Row], new: Any
    ) -> Iterator[tuple[int, Change | None]]:
        """Kept tight, and with one mapping for all: it is dumped once."""
        column = self.columns[0]
        after = {column: new}
        for row in found:
            old = row[2]
            if same(old, new):
                yield row[0], None
            else:
                yield row[0], Change(row[0], label_text(row[1]), {column: old}, after)

    def _edited(self, row: Row) -> Edited:
        before, after = {}, {}
        errors: dict[str, list[str]] = {}
        for column, operate, place, others in self.steps:
            old = row[place]
            try:
                new = operate(old, *[row[other] for other in others])
            except ValidationError as error:
                errors[column] = error.messages
                continue
            if not same(old, new):
                before[column], after[column] = old, new
        if errors:
            raise self._all(errors)
        return before, after

    def _all(self, errors: Mapping[str, list[str]]) -> ValidationError:
        """What is wrong with a record; with the fields' names where there are more."""
        if len(self.steps) == 1:
            return ValidationError(dict(errors))
        return ValidationError(
            {
                column: [f"{self._label(column)}: {text}" for text in texts]
                for column, texts in errors.items()
            }
        )

    def _label(self, column: str) -> str:
        return capfirst(str(self.model.column(column).verbose_name))
