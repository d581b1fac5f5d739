"""What an import does, decided row by row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.changes import consequences
from core.changes.checks import RecordChecks
from core.changes.fitting import fit
from core.changes.importing.cells import LEFT, told
from core.changes.importing.match import LEFT_OUT, Match, read_id
from core.changes.importing.match import told as told_match
from core.changes.last_one import LastOne
from core.changes.operations import stored_value
from core.changes.rows import Change, NoFreeId, Rows, label_text, same
from core.changes.work import Batch, Decision, Problem, default
from core.exchange.faults import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from core.changes.importing import Import
    from core.changes.rows import Values
    from core.models.base import Record


@dataclass(slots=True)
class Item:
    """One row of the file. `seen` is what its record held when `after` was found."""

    number: int
    cells: Any
    found: int
    seen: tuple[Any, ...] | None = None
    after: Values | None = None
    error: str = ""


class ImportWork:
    """Create and update records from rows that have been matched.

    `tally` counts what the last preview found.
    """

    def __init__(self, model: type[Record], action: Import, ids: Sequence[int]) -> None:
        self.model, self.action, self.ids = model, action, ids
        self.total = len(ids)
        rows = Rows(model)
        self.readers = [
            action.reader(rows, name)
            for name in action.columns
            if name not in model.locked_fields
        ]
        self.columns = [reader.column for reader in self.readers]
        self.labels = {
            field.attname: capfirst(str(field.verbose_name))
            for field in model._meta.fields
        }
        self.order = [field.attname for field in model._meta.fields]
        self.defaults, self.missing = self._defaults(rows)
        names = {name for f in model._meta.fields for name in (f.name, f.attname)}
        self.new_checks = FileChecks(rows, names)
        self.checks = FileChecks(rows, self.columns)
        self.last = LastOne(model, self.columns)
        flags = [name for name in self.last.columns if name in rows.types]
        read = [*self.columns, *self.checks.columns, *flags]
        self.wanted = [*dict.fromkeys(read)]
        self.id_reader = action.reader(rows, "id") if action.match == Match.ID else None
        self.is_followed = consequences.are_possible(model, self.columns)
        self.tally: Counter[str] = Counter()

    def _defaults(self, rows: Rows) -> tuple[Values, list[str]]:
        """What new records hold in columns without a cell; those that need one."""
        found: Values = {}
        missing = []
        for field in self.model._meta.fields:
            if field.primary_key or field.attname not in rows.types:
                continue
            try:
                found[field.attname] = stored_value(rows, field, default(field))
            except ValidationError:
                missing.append(field.attname)
        return found, missing

    # --- Before the lock is taken

    def batches(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        """Batches whose cells have been read, which takes longer than writing them."""
        _ = self.highest_given  # looked for now
        source = self.action.table.rows(start)
        while start < self.total:
            chunk = [*islice(source, size())]
            items = [
                Item(number, cells, self.ids[start + index])
                for index, (number, cells) in enumerate(chunk)
            ]
            start += len(items)
            self._prepare(Rows(self.model), items)
            yield Batch(self.model, items, start)

    def _prepare(self, rows: Rows, items: Sequence[Item]) -> None:
        ids = [item.found for item in items if item.found > 0]
        current = {pk: now for pk, *now in rows.read(ids, self.columns)} if ids else {}
        for item in items:
            if item.found > 0:
                if item.found in current:
                    self._weigh(item, current[item.found])
            elif item.found in LEFT_OUT:
                continue
            elif item.found == 0:
                self._fill(item)
            else:
                self._explain(item)

    def _weigh(self, item: Item, now: Sequence[Any]) -> None:
        """What is to become of a record that holds this."""
        after, problems = {}, []
        for reader, old in zip(self.readers, now, strict=True):
            cell = reader.cell(item.cells)
            if cell is LEFT or reader.is_held(cell, old):
                continue
            try:
                new = reader.raw(cell)
            except ValidationError as error:
                problems.append(told(self.labels[reader.column], error))
            else:
                if not same(old, new):
                    after[reader.column] = new
        item.seen, item.after = tuple(now), after
        item.error = "\n".join(problems)

    def _fill(self, item: Item) -> None:
        """What a new record is to hold."""
        values, given, problems = dict(self.defaults), set(), []
        for reader in self.readers:
            cell = reader.cell(item.cells)
            if cell is LEFT:
                continue
            given.add(reader.column)
            try:
                values[reader.column] = reader.raw(cell)
            except ValidationError as error:
                problems.append(told(self.labels[reader.column], error))
        for name in self.missing:
            if name not in given:
                needed = ValidationError(_("This column always needs a value."))
                problems.append(told(self.labels[name], needed))
        item.after = {name: values[name] for name in self.order if name in values}
        item.error = "\n".join(problems)

    def _explain(self, item: Item) -> None:
        """All that is wrong with a row that is about no record."""
        if isinstance(item.cells, str):
            item.error = words(item.cells)
            return
        known = [told_match(item.found)]
        try:
            self._given_id(item)
        except ValidationError as error:
            known.append(told(self.labels["id"], error))
        self._fill(item)
        known += item.error.split("\n")
        item.error = "\n".join(filter(None, known))

    def _given_id(self, item: Item) -> int | None:
        """The id the row gives its record; None for none. Raises ValidationError."""
        if self.id_reader is None:
            return None
        cell = self.id_reader.cell(item.cells)
        return None if cell is LEFT else read_id(cell)

    @cached_property
    def highest_given(self) -> int:
        """Of the ids that rows give to new records, in whichever batch; 0 for none."""
        if self.id_reader is None or 0 not in self.ids:
            return 0
        rows = zip(self.ids, self.action.table.rows(), strict=True)
        new = (Item(*row, found) for found, row in rows if found == 0)
        return max((self._given_id(item) or 0 for item in new), default=0)

    # --- Under the lock

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        """What the rows of the batch come to."""
        decision, items = Decision(), batch.items
        self._decide_updates(rows, items, decision, lock=lock)
        updated = len(decision.changes)
        self._decide_new(rows, items, decision, lock=lock)
        for item in items:
            if item.found in LEFT_OUT:
                decision.unchanged += 1
            elif item.found < 0:
                self._refuse(item, item.error, decision, lock=lock)
        if not lock:
            self.tally["updated"] += updated
            self.tally["created"] += len(decision.changes) - updated
        return decision

    def _decide_updates(
        self, rows: Rows, items: Sequence[Item], decision: Decision, *, lock: bool
    ) -> None:
        by_id = {item.found: item for item in items if item.found > 0}
        wanted = [rows.label_column, *self.wanted]
        found = rows.read([*by_id], wanted, lock=lock) if by_id else []
        changes, context = [], {}
        for pk, label, *now in found:
            item, held = by_id[pk], tuple(now[: len(self.columns)])
            if held != item.seen:
                self._weigh(item, held)
            if item.error:
                self._refuse(item, item.error, decision, lock=lock)
            elif not item.after:
                decision.unchanged += 1
            else:
                context[pk] = dict(zip(self.wanted, now, strict=True))
                before = {name: context[pk][name] for name in item.after}
                changes.append(Change(pk, label_text(label), before, item.after))
        gone = by_id.keys() - {pk for pk, *_ in found}
        for pk in sorted(gone):
            number = pk if lock else by_id[pk].number
            decision.problems.append((number, Problem.GONE.value))
        if self.checks:
            changes, misfits = self.checks.refuse(rows, changes, context, lock=lock)
            self._refuse_all(by_id, misfits, decision, lock=lock)
        fitting = fit(
            rows,
            changes,
            context,
            last=self.last,
            is_followed=self.is_followed,
            lock=lock,
        )
        self._refuse_all(by_id, fitting.misfits, decision, lock=lock)
        decision.take(fitting)

    def _decide_new(
        self, rows: Rows, items: Sequence[Item], decision: Decision, *, lock: bool
    ) -> None:
        new = [item for item in items if item.found == 0]
        for item in new:
            if item.error:
                self._refuse(item, item.error, decision, lock=lock)
        by_id = self._placed([i for i in new if not i.error], rows, decision, lock=lock)
        changes = [
            Change(pk, _label(rows, item.after or {}), None, item.after)
            for pk, item in by_id.items()
        ]
        if self.new_checks and changes:
            changes, misfits = self.new_checks.refuse(rows, changes, {}, lock=lock)
            self._refuse_all(by_id, misfits, decision, lock=lock)
        if not lock:
            self.last.remember(rows, changes, {})
        decision.changes += changes

    def _placed(
        self, items: Sequence[Item], rows: Rows, decision: Decision, *, lock: bool
    ) -> dict[int, Item]:
        """The new records by their ids; before they have one, the row's negated."""
        if not lock:
            return {-item.number: item for item in items}
        placed = {}
        unnamed = []
        for item in items:
            pk = self._given_id(item)
            if pk is None:
                unnamed.append(item)
            else:
                placed[pk] = item
        try:
            given = [self.highest_given]
            fresh = rows.free_ids(len(unnamed), given) if unnamed else []
        except NoFreeId as error:
            for item in unnamed:
                self._refuse(item, str(error), decision, lock=lock)
            return placed
        return placed | dict(zip(fresh, unnamed, strict=True))

    def _refuse_all(
        self,
        items: Mapping[int, Item],
        misfits: Mapping[int, ValidationError],
        decision: Decision,
        *,
        lock: bool,
    ) -> None:
        for pk, error in misfits.items():
            self._refuse(items[pk], self._lines(error), decision, lock=lock)

    def _lines(self, error: ValidationError) -> str:
        """The messages of an error, each with its column."""
        if not hasattr(error, "error_dict"):
            return "\n".join(error.messages)
        return "\n".join(
            told(self.labels.get(name, name), ValidationError(messages))
            for name, messages in error.message_dict.items()
        )

    def _refuse(self, item: Item, text: str, decision: Decision, *, lock: bool) -> None:
        """Pass over a row. In a preview rows have their numbers, in the log records."""
        if lock:
            line = text.replace("\n", " ")
            told = _("Row %(row)s: %(problem)s") % {"row": item.number, "problem": line}
            decision.problems.append((max(item.found, 0), told))
        else:
            decision.problems.append((item.number, text))


class FileChecks(RecordChecks):
    """The checks of a table, told in the numbers of rows where there is no id yet."""

    def _told(self, group: tuple[str, ...], holder: int) -> str:
        if holder >= 0:
            return super()._told(group, holder)
        labels = [str(self.model.column(name).verbose_name) for name in group]
        return _(
            "Row %(row)s has the same %(columns)s; MoviePilot expects only one such"
            " record."
        ) % {"row": f"{-holder:,}", "columns": _(" and ").join(labels)}


def _label(rows: Rows, values: Values) -> str:
    return label_text(values.get(rows.label_column, ""))
