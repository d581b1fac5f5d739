"""The action of a remap, and its work: edits of several tables, one after the other."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.utils.translation import gettext as _

from core.changes.actions import Action, Kept
from core.changes.duplicates import Duplicates
from core.changes.models import Kind
from core.changes.paths import path_swap
from core.changes.plan import plan
from core.changes.preview import BATCH, MOST_PROBLEMS, Preview
from core.changes.remap.places import PLACES, Part, parts
from core.changes.remap.prefix import Prefix
from core.changes.remap.search import find, occurs, paths_of
from core.changes.rows import Rows
from core.changes.selection import Selection
from core.changes.steps import ChainWork
from core.changes.work import EditWork, InvalidValues, check_editable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from core.changes.models import ChangeSet, Plan
    from core.changes.paths import PathSwap
    from core.changes.rows import Change
    from core.models.base import Record
    from core.models.operators import Operator

FIRST, LAST = 3, 2
"""How many of a place's records stand in the preview."""
EVERYWHERE = tuple(place.name for place in PLACES)


@dataclass
class Remap(Action):
    """Put the prefix `new` in place of `old`, in the places of these names.

    `ignore_case` None is the rule of the form `old` is written in. Raises ValueError
    for prefixes that are empty or one and the same.
    """

    kind: ClassVar[Kind] = Kind.REMAP
    old: str
    new: str
    places: Collection[str] = EVERYWHERE
    ignore_case: bool | None = None
    tables: dict[str, int] = field(default_factory=dict, compare=False)
    """Records with hits by table, once these were looked for."""

    def __post_init__(self) -> None:
        if self.swap(self.old) in (None, self.old):
            raise ValueError("The prefixes are the same.")

    @property
    def swap(self) -> PathSwap:
        """What it does to one path."""
        return path_swap(self.old, self.new, ignore_case=self.ignore_case)

    def ids(self, selection: Selection) -> list[int]:
        """The hits of every part in one list: how many, and their ids, part by part."""
        found = find(self.old, self.new, self.places, ignore_case=self.ignore_case)
        self.tables = counted(parts(self.places), found)
        return [number for ids in found for number in (len(ids), *ids)]

    def work(self, model: type[Record], ids: Sequence[int]) -> RemapWork:
        chosen = parts(self.places)
        works = [
            SwapWork(part, found, self)
            for part, found in zip(chosen, by_part(ids), strict=True)
            if found
        ]
        return RemapWork(works, model)

    def preview(self, work: RemapWork, *, seed: str = "") -> Preview:
        found = preview_remap(work)
        found.facts["occurs"] = occurs(
            self.new, self.places, ignore_case=self.ignore_case
        )
        return found

    def keep(self, model: type[Record]) -> Kept:
        return Kept(
            {
                "old": self.old,
                "new": self.new,
                "places": [*self.places],
                "ignore_case": self.ignore_case,
                "tables": self.tables,
            }
        )

    @classmethod
    def of(cls, made: Plan | ChangeSet) -> Self:
        return cls(**made.operations)


def plan_remap(remap: Remap, *, reason: str = "", by: Operator | None = None) -> Plan:
    """What a remap would do, previewed. Raises ValueError where no place is chosen."""
    chosen = parts(remap.places)
    if not chosen:
        raise ValueError("No place is chosen.")
    model = chosen[0].model
    selection = Selection(model, ids=[])
    return plan(model, remap, selection=selection, reason=reason, by=by)


def by_part(numbers: Sequence[int]) -> list[Sequence[int]]:
    """The ids of every part, out of the list that `Remap.ids` made."""
    found, start = [], 0
    while start < len(numbers):
        end = start + 1 + numbers[start]
        found.append(numbers[start + 1 : end])
        start = end
    return found


def counted(chosen: Sequence[Part], found: Sequence[Sequence[int]]) -> dict[str, int]:
    """How many records were found in which table, in order."""
    counts: dict[str, int] = {}
    for part, ids in zip(chosen, found, strict=True):
        if ids:
            counts[part.table] = counts.get(part.table, 0) + len(ids)
    return counts


def moved_tables(made: Plan) -> dict[str, tuple[set[int], set[int]]]:
    """Of the tables whose hits are not those of the plan: ids added, ids gone."""
    remap = Remap.of(made)
    shown, now = by_part(made.record_ids()), by_part(remap.ids(Selection(made.model)))
    moved: dict[str, tuple[set[int], set[int]]] = {}
    for part, before, after in zip(parts(remap.places), shown, now, strict=True):
        added, gone = {*after} - {*before}, {*before} - {*after}
        if added or gone:
            more, less = moved.setdefault(part.table, (set(), set()))
            more |= added
            less |= gone
    return moved


class SwapWork(EditWork):
    """Swap the prefix in the places of one part, in records given by id."""

    def __init__(self, part: Part, ids: Sequence[int], remap: Remap) -> None:
        self.part = part
        prefix = Prefix(remap.old, ignore_case=remap.ignore_case)
        self.made = {
            place.column: paths_of(place, prefix, remap.swap) for place in part.places
        }
        super().__init__(part.model, ids, {})

    def _compile(self, rows: Rows) -> dict[str, Callable[[Any], Any]]:
        made = {name: each for name, each in self.made.items() if name in rows.types}
        for column in made:
            check_editable(rows, column)
        if not made:
            why = [_("There is no such column.")]
            raise InvalidValues(dict.fromkeys(self.made, why))
        return {**made}


class RemapWork(ChainWork):
    """Swap the prefix in one table after the other; its own is the first with hits."""

    works: Sequence[SwapWork]

    def __init__(self, works: Sequence[SwapWork], model: type[Record]) -> None:
        self.works = works
        self.model = works[0].model if works else model
        self.total = sum(work.total for work in works)


# --- The preview


class Seen:
    """What a remap does in one place, as far as it was looked at."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[Change] = []
        self.last: deque[Change] = deque(maxlen=LAST)

    def add(self, change: Change) -> None:
        """One record more."""
        self.count += 1
        if len(self.first) < FIRST:
            self.first.append(change)
        else:
            self.last.append(change)


def preview_remap(work: RemapWork) -> Preview:
    """Ask the work about all its records: how many change in which place, and how.

    `facts` of the preview are `places`: place → records and samples, these as [id,
    label, place within JSON, path before, path after]; and `problems` as [table, id,
    reason]. A Remap adds whether its new prefix `occurs` already. Of a value that may
    hold secrets only the paths under the prefix are told.
    """
    result, duplicates = Preview(count=work.total), Duplicates()
    seen: list[dict[str, Seen]] = [
        {column: Seen() for column in each.columns} for each in work.works
    ]
    problems: list[tuple[str, int, str]] = []
    for batch in work.batches(0, lambda: BATCH):
        decision = work.decide(Rows(batch.model), batch, lock=False)
        duplicates.add(batch.model, decision.changes)
        result.changed += len(decision.changes)
        result.unchanged += decision.unchanged
        result.invalid_count += len(decision.problems)
        table = batch.model._meta.label_lower
        room = MOST_PROBLEMS - len(problems)
        problems += [(table, *problem) for problem in decision.problems[:room]]
        for change in decision.changes:
            for column in change.after or ():
                seen[batch.part][column].add(change)
    result.invalid = [(pk, why) for _table, pk, why in problems]
    result.duplicates = duplicates.result()
    result.facts = {"places": _places(work, seen), "problems": problems}
    return result


def _places(work: RemapWork, seen: Sequence[dict[str, Seen]]) -> dict[str, Any]:
    return {
        place.name: {
            "count": each[place.column].count,
            "samples": _samples(part_work, place.column, each[place.column]),
        }
        for part_work, each in zip(work.works, seen, strict=True)
        for place in part_work.part.places
        if place.column in each and each[place.column].count
    }


def _samples(work: SwapWork, column: str, seen: Seen) -> list[tuple[Any, ...]]:
    return [
        (change.record_id, change.label, *move)
        for change in (*seen.first, *seen.last)
        for move in work.made[column].moves((change.before or {})[column])[:FIRST]
    ]
