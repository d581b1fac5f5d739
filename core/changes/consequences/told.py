"""Consequences as a preview tells them: counted, with a few records to look at."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.changes.consequences.kinds import What

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.changes.consequences.kinds import Consequence

SAMPLES = 5
MOST_NAMES = 20

Subject = tuple[str, str, str, str, str]
"""What happens, the table, and for names the column, property and key they stand in."""


@dataclass
class Line:
    """One thing that happens to records of one table."""

    gone: int = 0
    ids: set[int] = field(default_factory=set)
    """Of records that stay, which several batches may come back to."""
    samples: dict[int, str] = field(default_factory=dict)
    names: dict[str, str | None] = field(default_factory=dict)
    emptied: set[int] = field(default_factory=set)

    def add(self, consequence: Consequence) -> None:
        """Count in what a batch carries."""
        if consequence.what == What.GOES:
            self.gone += len(consequence.changes)
        else:
            self.ids.update(change.record_id for change in consequence.changes)
        for change in consequence.changes:
            if len(self.samples) >= SAMPLES:
                break
            self.samples[change.record_id] = change.label
        self.names.update(consequence.names)
        self.emptied |= consequence.emptied

    @property
    def count(self) -> int:
        """How many records it happens to."""
        return self.gone + len(self.ids)


class Told:
    """What the batches of a preview carry."""

    def __init__(self) -> None:
        self.lines: dict[Subject, Line] = defaultdict(Line)

    def add(self, consequences: Sequence[Consequence]) -> None:
        """Count in what a batch carries."""
        for each in consequences:
            table, place = each.model._meta.label_lower, each.place
            where = (place.column, place.property, place.key) if place else ("", "", "")
            self.lines[(str(each.what), table, *where)].add(each)

    def result(self) -> list[dict[str, Any]]:
        """Plain values, for a plan to keep."""
        return [
            {
                "what": what,
                "table": table,
                "column": column,
                "property": name,
                "key": key,
                "count": line.count,
                "samples": [[pk, label] for pk, label in line.samples.items()],
                "names": [[*moved] for moved in line.names.items()][:MOST_NAMES],
                "names_count": len(line.names),
                "emptied": len(line.emptied),
            }
            for (what, table, column, name, key), line in self.lines.items()
            if line.count
        ]

    def carried(self) -> dict[str, int]:
        """Table → records of it, each counted once."""
        gone: Counter[str] = Counter()
        edited: dict[str, set[int]] = defaultdict(set)
        for (_what, table, *_place), line in self.lines.items():
            gone[table] += line.gone
            edited[table] |= line.ids
        counted = {table: n + len(edited[table]) for table, n in gone.items()}
        return {table: n for table, n in counted.items() if n}
