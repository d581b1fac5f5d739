"""Several things done to records one knows, also of several tables, as one change.

change(
    CreateRecords(TransferHistory, [{"src": "/a.mkv"}]),
    DeleteRecords(TransferHistory, [7]),
    reason="transferred again",
)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.changes.journal import count_problems, open_change_set
from core.changes.models import Kind
from core.changes.operations import Set, operations_to_json
from core.changes.records import RecordRefused
from core.changes.run import run
from core.changes.selection import existing, kept_along, kept_selection
from core.changes.work import CreateWork, DeleteWork, EditWork, SlicedWork

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from core.changes.models import ChangeSet
    from core.changes.rows import Rows
    from core.changes.work import Batch, Decision, Work
    from core.models.base import Record
    from core.models.operators import Operator


@dataclass(frozen=True)
class CreateRecords:
    """Create these records: field → value each."""

    model: type[Record]
    rows: Sequence[Mapping[str, Any]]
    kind = Kind.CREATE

    def work(self) -> CreateWork:
        """Raises InvalidValues."""
        return CreateWork(self.model, self.rows)

    def kept(self, work: SlicedWork) -> dict[str, Any]:
        """What the change set keeps of it, beside its entries."""
        return {}


@dataclass(frozen=True)
class EditRecords:
    """Set the same values in these records. Ids that do not exist are passed over.

    `unlocked` names locked fields of which this value was not typed by somebody.
    """

    model: type[Record]
    ids: Sequence[int]
    values: Mapping[str, Any]
    unlocked: Collection[str] = ()
    kind = Kind.EDIT

    def work(self) -> EditWork:
        """Raises InvalidValues."""
        ids = existing(self.model, self.ids)
        return EditWork(self.model, ids, self._operations(), unlocked=self.unlocked)

    def kept(self, work: SlicedWork) -> dict[str, Any]:
        """What the change set keeps of it, beside its entries."""
        return {
            **kept_selection(self.model, work.items),
            "operations": operations_to_json(self.model, self._operations()),
        }

    def _operations(self) -> dict[str, Set]:
        return {name: Set(value) for name, value in self.values.items()}


@dataclass(frozen=True)
class DeleteRecords:
    """Delete these records. Ids that do not exist are passed over.

    `along` names what else is to go of what is offered (core.changes.consequences).
    """

    model: type[Record]
    ids: Sequence[int]
    along: Sequence[str] = ()
    kind = Kind.DELETE

    def work(self) -> DeleteWork:
        """The deletion, and what it carries."""
        return DeleteWork(self.model, existing(self.model, self.ids), self.along)

    def kept(self, work: SlicedWork) -> dict[str, Any]:
        """What the change set keeps of it, beside its entries."""
        return {**kept_selection(self.model, work.items), **kept_along(self.along)}


Step = CreateRecords | EditRecords | DeleteRecords


def change(
    *steps: Step, reason: str = "", by: Operator | None = None
) -> ChangeSet | None:
    """Do the steps in their order as one change set, which is undone as one.

    Its table is the last step's. Each step is committed by itself, so put first what
    must not be missing should the machine stop between. Returns None when nothing
    differed; raises InvalidValues before anything is written. Of a single step a record
    that the database refuses does not stop the others; it is among the problems. Of
    several steps a refused record stops those that come after it and raises
    RecordRefused; what was written before stands in a stopped change set.
    """
    if len(steps) > 1:
        return _change_in_steps(steps, reason, by)
    [step] = steps
    work = step.work()
    kept = step.kept(work)
    change_set = open_change_set(work, step.kind, by=by, reason=reason, **kept)
    return _run(change_set, work)


def _change_in_steps(
    steps: Sequence[Step], reason: str, by: Operator | None
) -> ChangeSet | None:
    work = StepsWork([step.work() for step in steps])
    work.change_set = open_change_set(work, Kind.EDIT, by=by, reason=reason)
    return _run(work.change_set, work)


def _run(change_set: ChangeSet, work: Work) -> ChangeSet | None:
    """Run a work; one that comes to nothing leaves no change set."""
    try:
        run(change_set, work)
    except RecordRefused:
        if change_set.is_trace_free:
            change_set.delete()
        raise
    finally:
        if change_set.pk and change_set.is_trace_free and not change_set.problems:
            change_set.delete()
    return change_set if change_set.pk else None


def edit_records(
    model: type[Record],
    ids: Sequence[int],
    values: Mapping[str, Any],
    *,
    by: Operator | None = None,
    reason: str = "",
) -> ChangeSet | None:
    """Set the same values in these records at once; None when they all held them."""
    return change(EditRecords(model, ids, values), by=by, reason=reason)


class ChainWork:
    """One work after the other."""

    def __init__(self, works: Sequence[Work]) -> None:
        self.works = works
        self.model = works[-1].model
        self.total = sum(work.total for work in works)

    def batches(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        before = 0
        for part, work in enumerate(self.works):
            if start < before + work.total:
                for batch in work.batches(max(0, start - before), size):
                    yield batch._replace(end=before + batch.end, part=part)
            before += work.total

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        """What the work says that the batch belongs to."""
        return self.works[batch.part].decide(rows, batch, lock=lock)


class StepsWork(ChainWork):
    """Works of which none is begun once a record of an earlier one was refused."""

    change_set: ChangeSet

    def batches(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        """Raises RecordRefused."""
        for batch in super().batches(start, size):
            yield batch
            for problem in self.change_set.problems:
                _skipped, failed = count_problems([problem])
                if failed:
                    raise RecordRefused(problem[1])
