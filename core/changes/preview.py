"""What a work would do, found out by asking it about every record without writing."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from core.changes.consequences.told import Told
from core.changes.duplicates import Duplicates
from core.changes.rows import Rows
from core.changes.samples import Picks
from core.changes.snapshot import mask
from core.fields import JSONColumn, decode_json
from core.secrets import Masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.changes.rows import Change
    from core.changes.work import Decision, Work
    from core.models.base import Record

BATCH = 5000
MOST_PROBLEMS = 2000
"""Invalid records that are kept with their reasons; all of them are counted."""
MOST_VALUES = 1000
SHOWN_VALUES = 12
SHOWN_LENGTH = 2000

Move = tuple[Any, Any, int]
"""A value before, after, and how many records move so."""
Members = tuple[Any, int, int]
"""A member of JSON lists, and how many lists it comes to and goes from."""


@dataclass(frozen=True)
class Sample:
    """One record before and after; secrets are masked. Column → value, None for no
    record.
    """

    record_id: int
    label: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    place: str = "first"
    """`first`, `random` or `last` of what changes."""
    table: str = ""
    """The record's table, where a change is about several."""


@dataclass
class Preview:
    """Counts, a few of the records, and how values would move.

    `distribution` maps column → [before, after, records], most frequent first;
    `members` the same for JSON lists, member by member; `has_more` names the columns
    with more different values than were counted.
    """

    count: int = 0
    changed: int = 0
    unchanged: int = 0
    invalid: list[tuple[int, str]] = field(default_factory=list)
    invalid_count: int = 0
    samples: list[Sample] = field(default_factory=list)
    distribution: dict[str, list[Move]] = field(default_factory=dict)
    members: dict[str, list[Members]] = field(default_factory=dict)
    has_more: list[str] = field(default_factory=list)
    carried: dict[str, int] = field(default_factory=dict)
    """Table → records of it that the change carries with it."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What an action of its own kind has to tell beside, such as a remap."""
    consequences: list[dict[str, Any]] = field(default_factory=list)
    """The same told in words (core.changes.consequences.told)."""
    duplicates: list[dict[str, Any]] = field(default_factory=list)
    """Records that would look like others (core.changes.duplicates)."""

    def to_json(self) -> dict[str, Any]:
        """For a plan to keep."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The preview of a plan."""
        values = dict(data)
        values["samples"] = [Sample(**sample) for sample in values.get("samples", [])]
        return cls(**values)

    def count_in(self, decision: Decision) -> None:
        """Add what was decided about a batch."""
        self.changed += len(decision.changes)
        self.unchanged += decision.unchanged
        self.invalid_count += len(decision.problems)
        self.invalid += decision.problems[: MOST_PROBLEMS - len(self.invalid)]


def preview(work: Work, *, seed: str = "") -> Preview:
    """Ask the work about all its records. Reads every record once, writes nothing.

    `seed` decides which records are shown as samples at random.
    """
    result, moves, picks = Preview(count=work.total), Moves(work.model), Picks(seed)
    told, duplicates = Told(), Duplicates()
    for batch in work.batches(0, lambda: BATCH):
        decision = work.decide(Rows(batch.model), batch, lock=False)
        result.count_in(decision)
        told.add(decision.consequences)
        duplicates.add(batch.model, decision.changes)
        picks.add(batch.model, decision.changes)
        if batch.model is work.model:
            moves.add(decision.changes)
    result.samples = [
        sample(model, change, place, main=work.model)
        for place, model, change in picks.result()
    ]
    result.distribution, result.has_more = moves.result(), sorted(moves.has_more)
    result.members = dict(moves.members())
    result.carried, result.consequences = told.carried(), told.result()
    result.duplicates = duplicates.result()
    return result


class Moves:
    """How often each value becomes which, for columns with few different values."""

    def __init__(self, model: type[Record]) -> None:
        self.model = model
        self.counters: dict[str, Counter[tuple[Any, Any]]] = {}
        self.has_more: set[str] = set()

    def add(self, changes: Sequence[Change]) -> None:
        """Count a batch of edits; creations and deletions move every column."""
        pairs: dict[str, list[tuple[Any, Any]]] = defaultdict(list)
        for _pk, _label, before, after in changes:
            if before is not None and after is not None:
                for name, new in after.items():
                    pairs[name].append((before[name], new))
        for name, moved in pairs.items():
            if name not in self.model.secret_fields:
                self._count(name, Counter(moved))

    def _count(self, name: str, moved: Counter[tuple[Any, Any]]) -> None:
        """Count; once there is much of it, on with what is known, but nothing new."""
        counter = self.counters.setdefault(name, Counter())
        if len(counter) < MOST_VALUES:
            for (old, new), count in moved.items():
                counter[short(old), short(new)] += count
            return
        # Without `short`, which takes its time; a text that it cuts stays uncounted.
        known = counter.keys() & moved.keys()
        for pair in known:
            counter[pair] += moved[pair]
        if len(known) < len(moved):
            self.has_more.add(name)

    def result(self) -> dict[str, list[Move]]:
        """Column → moves, but for secret columns."""
        shown = {}
        for name, counter in self.counters.items():
            common = counter.most_common(SHOWN_VALUES)
            shown[name] = [(*pair, count) for pair, count in common]
            if len(counter) > SHOWN_VALUES:
                self.has_more.add(name)
        return shown

    def members(self) -> Iterator[tuple[str, list[Members]]]:
        """(column, members) of the columns that hold lists of numbers and texts."""
        fields = self.model._meta.fields
        known = {each.attname for each in fields if isinstance(each, JSONColumn)}
        for name in known.intersection(self.counters):
            counter = self.counters[name]
            come: Counter[Any] = Counter()
            gone: Counter[Any] = Counter()
            for (old, new), count in counter.items():
                one, other = _members(old), _members(new)
                if one is None or other is None:
                    break
                come.update(dict.fromkeys(other - one, count))
                gone.update(dict.fromkeys(one - other, count))
            else:
                common = (come + gone).most_common(SHOWN_VALUES)
                yield name, [(value, come[value], gone[value]) for value, _n in common]


def _members(raw: Any) -> set[Any] | None:
    """The members of a stored list; None for anything else."""
    if isinstance(raw, str) and len(raw) == SHOWN_LENGTH:
        return None  # it was cut
    value = decode_json(raw)
    if not value and not isinstance(value, dict | str):
        return set()  # NULL, JSON null, or an empty list
    if not isinstance(value, list):
        return None
    is_plain = all(type(each) in (int, str) for each in value)
    return set(value) if is_plain else None


def sample(
    model: type[Record],
    change: Change,
    place: str = "first",
    *,
    main: type[Record] | None = None,
) -> Sample:
    """A change as it may be shown. `main` is the table the whole change is about."""
    before, after = (
        None
        if values is None
        else {n: _shown(model, n, v, change.label) for n, v in values.items()}
        for values in (change.before, change.after)
    )
    table = model._meta.label_lower if main not in (None, model) else ""
    return Sample(change.record_id, change.label, before, after, place, table)


def _shown(model: type[Record], name: str, value: Any, label: str) -> Any:
    value = mask(model, name, value, label=label)
    # What stands in a plan is plain JSON: a mask is told by its shape there.
    return {"masked": str(value)} if isinstance(value, Masked) else short(value)


def short(value: Any) -> Any:
    """A raw value as a plan keeps it for showing."""
    if isinstance(value, bytes):
        return value.hex()[:SHOWN_LENGTH]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no such number,
    if isinstance(value, str):
        return value[:SHOWN_LENGTH].replace("\x00", "␀")  # and jsonb no such text
    return value
