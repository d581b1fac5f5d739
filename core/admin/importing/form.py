"""The form that maps the columns of a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core.admin.words import field_label
from core.changes import Does, Import, Match
from core.changes.importing import importable
from core.changes.importing.match import groups_of
from core.exchange import faults
from core.exchange.columns import guess
from core.secrets import MASK, is_secret_part, mask_json, mask_json_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

    from core.exchange.packed import PackedTable
    from core.models.base import Record

SAMPLE_ROWS = 5
SHOWN = 120
"""Characters of a sample."""


@dataclass(frozen=True)
class FileColumn:
    """One column of the file, and the column it goes to; '' for none."""

    place: int
    name: str
    samples: list[str]
    target: str
    is_guessed: bool

    @property
    def input_name(self) -> str:
        """What its choice is posted as."""
        return f"column-{self.place}"


@dataclass(frozen=True)
class Choice:
    """One answer to a question."""

    value: str
    label: str
    help: str
    is_chosen: bool


class MappingForm:
    """Where the columns go, what a row is matched by, and what is to be done."""

    def __init__(
        self,
        model: type[Record],
        table: PackedTable,
        data: QueryDict | None,
        *,
        kept: Mapping[str, Any],
        may_add: bool,
    ) -> None:
        self.model, self.table, self.data, self.kept = model, table, data, kept
        self.may_add = may_add
        self.names = table.head.names
        self.allowed = importable(model)
        self.guessed = guess(model, self.names, self.allowed)
        self.errors: list[str] = []
        self.sample = [cells for _number, cells in islice(table.rows(), SAMPLE_ROWS)]
        self.columns = [self._column(place) for place in range(len(self.names))]
        self.mapped = {each.target: each.place for each in self.columns if each.target}

    @property
    def count(self) -> int:
        """How many rows the file has."""
        return self.table.count

    @property
    def targets(self) -> list[tuple[str, str]]:
        """The columns of the table, for a choice."""
        return [(name, field_label(self.model, name)) for name in self.allowed]

    @property
    def matches(self) -> list[Choice]:
        """What a row can be matched by."""
        choices = [
            (Match.ID, _("By id"), _("The column with the ids has to be mapped."))
        ]
        if self.model.natural_key:
            keys = [_(" + ").join(self._labels(g)) for g in self.model.natural_key]
            choices.append(
                (Match.KEY, _("By what it is known by"), _(", else ").join(keys))
            )
        if self.may_add:
            text = _("Every row becomes a new record.")
            choices.append((Match.NONE, _("Not at all"), text))
        chosen = self._chosen("match", self._usual_match())
        return [Choice(*each, each[0] == chosen) for each in choices]

    @property
    def doings(self) -> list[Choice]:
        """What the import may do."""
        both = [
            (Does.BOTH, _("Create and update"), ""),
            (Does.CREATE, _("Only create"), _("Rows of known records are left out.")),
        ]
        update = (Does.UPDATE, _("Only update"), _("Rows of no record are left out."))
        choices = [both[0], update, both[1]] if self.may_add else [update]
        chosen = self._chosen("does", choices[0][0])
        return [Choice(*each, each[0] == chosen) for each in choices]

    @property
    def empties(self) -> list[Choice]:
        """What an empty cell means."""
        keeps = "1" if self.kept.get("keeps_empty") else ""
        chosen = keeps if self.data is None else self.data.get("empty", "")
        return [
            Choice(
                "",
                _("Sets the value empty"),
                _("A text becomes an empty text, anything else NULL."),
                chosen != "1",
            ),
            Choice("1", _("Leaves the value as it is"), "", chosen == "1"),
        ]

    def action(self) -> Import | None:
        """What the form says; None where it says the same column twice."""
        targets = [each.target for each in self.columns if each.target]
        for name in dict.fromkeys(each for each in targets if targets.count(each) > 1):
            self.errors.append(
                _("“%s” is chosen for more than one column of the file.")
                % field_label(self.model, name)
            )
        match = self._picked(self.matches)
        if match != Match.ID:
            self.mapped.pop("id", None)
        if self.errors:
            return None
        return Import(
            self.table,
            self.mapped,
            match=match,
            does=self._picked(self.doings),
            keeps_empty=self._picked(self.empties) == "1",
            name=str(self.kept.get("name", "")),
        )

    def refuse(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Show these messages, by column."""
        for name, texts in errors.items():
            label = field_label(self.model, name) if name else ""
            self.errors += [f"{label}: {text}" if label else text for text in texts]

    def _column(self, place: int) -> FileColumn:
        name, guessed = self.names[place], self.guessed[place]
        kept = self.kept.get("columns")
        if self.data is not None:
            target = self.data.get(f"column-{place}", "")
        elif kept is not None:
            target = next((each for each, at in kept.items() if at == place), "")
        else:
            target = guessed
        target = target if target in self.allowed else ""
        samples = [self._sample(cells, place, guessed) for cells in self.sample]
        return FileColumn(place, name, samples, target, is_guessed=target == guessed)

    def _sample(self, cells: Any, place: int, guessed: str) -> str:
        if isinstance(cells, str):
            return f"⚠ {faults.words(cells)}"
        name = self.names[place]
        cell = cells.get(name, "") if isinstance(cells, dict) else cells[place]
        if faults.fault_of(cell):
            return f"⚠ {faults.fault_of(cell)}"
        if cell not in ("", None) and self._is_secret(name, guessed, cell):
            return MASK
        text = _shown(name, cell)
        return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"

    def _is_secret(self, name: str, guessed: str, cell: Any) -> bool:
        """Whether a cell is not shown: it may hold what its column may not show."""
        secret = self.model.secret_fields
        if guessed in secret or (secret and not guessed):
            return True
        return is_secret_part(name, cell)

    def _labels(self, group: Sequence[str]) -> list[str]:
        return [field_label(self.model, name) for name in group]

    def _usual_match(self) -> str:
        if "id" in self.mapped or not self.may_add:
            return Match.ID
        return Match.KEY if groups_of(self.model, self.mapped) else Match.NONE

    def _chosen(self, name: str, usual: str) -> str:
        if self.data is not None:
            return self.data.get(name, usual)
        return str(self.kept.get(name, usual))

    @staticmethod
    def _picked(choices: Sequence[Choice]) -> str:
        return next((c.value for c in choices if c.is_chosen), choices[0].value)


def _shown(name: str, cell: Any) -> str:
    """A cell's text; of JSON without its secret parts."""
    if cell is None:
        return "NULL"
    if isinstance(cell, dict | list):
        return json.dumps(mask_json(cell, name=name), ensure_ascii=False)
    is_json = isinstance(cell, str) and cell.lstrip()[:1] in ("{", "[", '"')
    return mask_json_text(cell) if is_json else str(cell)
