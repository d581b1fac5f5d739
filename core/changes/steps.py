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

from core.changes.journal import open_change_set
from core.changes.models import Kind
from core.changes.operations import Set, operations_to_json
from core.changes.run import run
from core.changes.selection import existing, kept_selection
from core.changes.work import CreateWork, DeleteWork, EditWork, SlicedWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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
    """Set the same values in these records. Ids that do not exist are passed over."""

    model: type[Record]
    ids: Sequence[int]
    values: Mapping[str, Any]
    kind = Kind.EDIT

    def work(self) -> EditWork:
        """Raises InvalidValues."""
        ids = existing(self.model, self.ids)
        return EditWork(self.model, ids, self._operations())

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
    """Delete these records. Ids that do not exist are passed over."""

    model: type[Record]
    ids: Sequence[int]
    kind = Kind.DELETE

    def work(self) -> DeleteWork:
        """The deletion, and what it carries."""
        return DeleteWork(self.model, existing(self.model, self.ids))

    def kept(self, work: SlicedWork) -> dict[str, Any]:
        """What the change set keeps of it, beside its entries."""
        return kept_selection(self.model, work.items)


Step = CreateRecords | EditRecords | DeleteRecords


def change(
    *steps: Step, reason: str = "", by: Operator | None = None
) -> ChangeSet | None:
    """Do the steps in their order as one change set, which is undone as one.

    Its table is the last step's. Each step is committed by itself, so put first what
    must not be missing should the machine stop between. A record that the database
    refuses does not stop the others; it is among the problems. Returns None when
    nothing differed; raises InvalidValues before anything is written.
    """
    works = [step.work() for step in steps]
    is_one = len(steps) == 1
    work: Work = works[0] if is_one else ChainWork(works)
    kind = steps[0].kind if is_one else Kind.EDIT
    kept = steps[0].kept(works[0]) if is_one else {}
    change_set = open_change_set(work, kind, by=by, reason=reason, **kept)
    try:
        run(change_set, work)
    finally:
        if change_set.is_trace_free and not change_set.problems:
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
