"""What a work would do, found out by asking it about every record without writing."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from core.changes.rows import Rows
from core.changes.snapshot import mask
from core.secrets import Masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.changes.rows import Change
    from core.changes.work import Work
    from core.models.base import Record

BATCH = 5000
SAMPLES = 5
MOST_PROBLEMS = 200
MOST_VALUES = 1000
SHOWN_VALUES = 12
SHOWN_LENGTH = 2000


@dataclass(frozen=True)
class Sample:
    """One record before and after; secrets are masked. Column → value, None for no
    record.
    """

    record_id: int
    label: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass
class Preview:
    """Counts, the first and last records, and how values would move.

    `distribution` maps column → [before, after, records], most frequent first;
    `has_more` names the columns with more different values than were counted.
    """

    count: int = 0
    changed: int = 0
    unchanged: int = 0
    invalid: list[tuple[int, str]] = field(default_factory=list)
    invalid_count: int = 0
    samples: list[Sample] = field(default_factory=list)
    distribution: dict[str, list[tuple[Any, Any, int]]] = field(default_factory=dict)
    has_more: list[str] = field(default_factory=list)
    carried: dict[str, int] = field(default_factory=dict)
    """Table → records of it that the change carries with it."""

    def to_json(self) -> dict[str, Any]:
        """For a plan to keep."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The preview of a plan."""
        values = dict(data)
        values["samples"] = [Sample(**sample) for sample in values.get("samples", [])]
        return cls(**values)


def preview(work: Work) -> Preview:
    """Ask the work about all its records. Reads every record once, writes nothing."""
    result, moves = Preview(count=work.total), Moves()
    first: list[Change] = []
    last: list[Change] = []
    rows = Rows(work.model)
    for batch in work.batches(0, lambda: BATCH):
        decision = work.decide(rows, batch, lock=False)
        changes = decision.changes
        result.changed += len(changes)
        result.unchanged += decision.unchanged
        result.invalid_count += len(decision.problems)
        for model, more in decision.carried:
            table = model._meta.label_lower
            result.carried[table] = result.carried.get(table, 0) + len(more)
        result.invalid += decision.problems[: MOST_PROBLEMS - len(result.invalid)]
        first += changes[: SAMPLES - len(first)]
        last = (last + changes[-SAMPLES:])[-SAMPLES:]
        moves.add(changes)
    chosen = {change.record_id: change for change in [*first, *last]}
    result.samples = [sample(work.model, change) for change in chosen.values()]
    result.distribution, result.has_more = moves.result(work.model)
    return result


class Moves:
    """How often each value becomes which, for columns with few different values."""

    def __init__(self) -> None:
        self.counters: dict[str, Counter[tuple[Any, Any]]] = {}
        self.has_more: set[str] = set()

    def add(self, changes: list[Change]) -> None:
        """Count a batch of edits; creations and deletions move every column."""
        pairs: dict[str, list[tuple[Any, Any]]] = {}
        for _pk, _label, before, after in changes:
            if before is not None and after is not None:
                for name, new in after.items():
                    pairs.setdefault(name, []).append(
                        (_short(before[name]), _short(new))
                    )
        for name, moved in pairs.items():
            counter = self.counters.setdefault(name, Counter())
            if len(counter) < MOST_VALUES:
                counter.update(moved)
            else:
                self.has_more.add(name)

    def result(
        self, model: type[Record]
    ) -> tuple[dict[str, list[tuple[Any, Any, int]]], list[str]]:
        """Column → moves, secret columns left out; columns with more moves."""
        shown = {}
        for name, counter in self.counters.items():
            if name in model.secret_fields:
                continue
            shown[name] = [
                (*move, count) for move, count in counter.most_common(SHOWN_VALUES)
            ]
            if len(counter) > SHOWN_VALUES:
                self.has_more.add(name)
        return shown, sorted(self.has_more)


def sample(model: type[Record], change: Change) -> Sample:
    """A change as it may be shown."""
    before, after = (
        None
        if values is None
        else {n: _shown(model, n, v, change.label) for n, v in values.items()}
        for values in (change.before, change.after)
    )
    return Sample(change.record_id, change.label, before, after)


def _shown(model: type[Record], name: str, value: Any, label: str) -> Any:
    value = mask(model, name, value, label=label)
    # What stands in a plan is plain JSON: a mask is told by its shape there.
    return {"masked": str(value)} if isinstance(value, Masked) else _short(value)


def _short(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()[:SHOWN_LENGTH]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no such number,
    if isinstance(value, str):
        return value[:SHOWN_LENGTH].replace("\x00", "␀")  # and jsonb no such text
    return value
