"""An import: rows of a file become new records and new values of records.

    table = read(stream, name="sites.csv", is_sealed=True).packed
    doing = Import(table, columns={"domain": 0, "pri": 3}, match=Match.KEY)
    made = plan(Site, doing, selection=Selection(Site, ids=[]))

What a row is about is bound by the plan like the ids of a selection: when another
record has come to match by the time it is applied, nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext as _

from core.changes.actions import Action, Kept
from core.changes.importing.cells import CellReader
from core.changes.importing.match import (
    LEFT_OUT,
    Does,
    Found,
    Match,
    Matcher,
    groups_of,
)
from core.changes.importing.work import ImportWork
from core.changes.models import Kind
from core.changes.rows import Rows
from core.changes.work import InvalidValues
from core.exchange.packed import PackedTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from core.changes.models import ChangeSet, Plan
    from core.changes.preview import Preview
    from core.changes.selection import Selection
    from core.models.base import Record


@dataclass(frozen=True)
class Import(Action):
    """Create and update records as the rows of a table say. Never deletes one.

    `columns` maps a column of the model to the place of the file's, from 0. With
    `keeps_empty` a cell that is empty changes nothing; else it sets the value empty.
    """

    kind: ClassVar[Kind] = Kind.IMPORT
    table: PackedTable
    columns: Mapping[str, int]
    match: str = Match.ID
    does: str = Does.BOTH
    keeps_empty: bool = False
    name: str = ""
    """Of the file."""

    def ids(self, selection: Selection) -> list[int]:
        """Row by row the record it is about, or what is `Found` in place of one.

        Raises InvalidValues.
        """
        self.check(selection.model)
        return Matcher(selection.model, self).match()

    def work(self, model: type[Record], ids: Sequence[int]) -> ImportWork:
        """Raises InvalidValues for columns that cannot be imported so."""
        self.check(model)
        return ImportWork(model, self, ids)

    def preview(self, work: Any, *, seed: str = "") -> Preview:
        """What the rows come to; how many of which kind stands in `facts`."""
        work.tally.clear()
        found = super().preview(work, seed=seed)
        left_out = sum(each in LEFT_OUT for each in work.ids)
        found.facts = {
            "created": work.tally["created"],
            "updated": work.tally["updated"],
            "left_out": left_out,
            "same": found.unchanged - left_out,
        }
        return found

    def keep(self, model: type[Record]) -> Kept:
        """The rows are packed already, and sealed where there are secrets in them."""
        kept = {
            "columns": dict(self.columns),
            "match": str(self.match),
            "does": str(self.does),
            "keeps_empty": self.keeps_empty,
            "name": self.name,
        }
        return Kept(kept, self.table.payload)

    @classmethod
    def of(cls, made: Plan | ChangeSet) -> Self:
        names = ("columns", "match", "does", "keeps_empty", "name")
        kept = {name: made.operations[name] for name in names}
        return cls(PackedTable(bytes(made.payload)), **kept)

    def reader(self, rows: Rows, column: str) -> CellReader:
        """What reads the cells of a column."""
        head, place = self.table.head, self.columns[column]
        return CellReader(
            rows,
            rows.model.column(column),
            head.names[place] if head.is_document else place,
            is_document=head.is_document,
            keeps_empty=self.keeps_empty,
        )

    def check(self, model: type[Record]) -> None:
        """Raises InvalidValues for columns that cannot be imported so."""
        known = importable(model, self.match)
        errors: dict[str, list[str]] = {
            name: [_("This column cannot be imported.")]
            for name in self.columns
            if name not in known
        }
        if problem := self._unmatched(model):
            errors[""] = [problem]
        if errors:
            raise InvalidValues(errors)

    def _unmatched(self, model: type[Record]) -> str:
        """Why no row can be told to be about a record or a new one; '' where it can."""
        if not self.columns:
            return _("No column of the file is to be imported.")
        if self.match == Match.ID and "id" not in self.columns:
            return _("To match by id, a column with the ids is needed.")
        if self.match == Match.KEY and not groups_of(model, self.columns):
            return _("To match by the natural key, all its columns are needed.")
        if self.match == Match.NONE and self.does == Does.UPDATE:
            return _("Without matching, no record can be updated.")
        return ""


def importable(model: type[Record], match: str = "") -> list[str]:
    """The columns that a file may be mapped to, in the order of the table.

    What nobody edits is among them where records are matched by it; it is not written.
    """
    known = Rows(model).types
    by = {"id"} | {name for group in model.natural_key for name in group}
    return [
        field.attname
        for field in model._meta.fields
        if field.attname in known
        and (field.attname not in model.locked_fields or field.attname in by)
        and not (field.attname == "id" and match not in ("", Match.ID))
    ]


__all__ = ["Does", "Found", "Import", "Match", "importable"]
