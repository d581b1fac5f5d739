"""Several steps in one transaction: all of them, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.changes.journal import open_change_set
from core.changes.models import Kind
from core.changes.records import RecordMoved, RecordRefused
from core.changes.rows import Rows
from core.changes.run import run
from core.changes.work import Batch, Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.changes.models import ChangeSet
    from core.changes.steps import Step
    from core.changes.work import SlicedWork
    from core.models.base import Record
    from core.models.operators import Operator


class TogetherWork:
    """Works of one batch each, all of whose records have to change.

    The last one's table is the change set's; the others' records are carried with its
    own. `proof` is asked under the lock, when all has been read, and raises what is to
    stop the change.
    """

    def __init__(self, works: Sequence[SlicedWork], proof: Callable[[], None]) -> None:
        self.works, self.proof = works, proof
        self.model: type[Record] = works[-1].model
        self.total = len(works[-1].items)

    def batches(self, start: int, size: Callable[[], int]) -> Iterator[Batch]:
        """A single one."""
        if start < self.total:
            yield Batch(self.model, self.works[-1].items, self.total)

    def decide(self, rows: Rows, batch: Batch, *, lock: bool) -> Decision:
        """Raises RecordMoved where something cannot be changed, or is so already."""
        decision = Decision(is_whole=True)
        for work in self.works:
            each = _decided(work, lock=lock)
            decision.carried += each.carried
            if work is self.works[-1]:
                decision.changes = each.changes
            else:
                decision.carried.append((work.model, each.changes))
        self.proof()
        return decision


def _decided(work: SlicedWork, *, lock: bool) -> Decision:
    if not work.items:
        raise RecordMoved({})
    [batch] = work.batches(0, lambda: work.total)
    decision: Decision = work.decide(Rows(work.model), batch, lock=lock)  # type: ignore[attr-defined]
    if decision.problems or decision.unchanged:
        raise RecordMoved({})
    return decision


def change_together(
    *steps: Step,
    proof: Callable[[], None],
    reason: str = "",
    by: Operator | None = None,
    **kept: Any,
) -> ChangeSet:
    """Do the steps at once as one change set, which keeps `kept` as its selection.

    For few records. Raises InvalidValues, RecordMoved, RecordRefused and whatever
    `proof` raises; then nothing was written and no change set remains.
    """
    work = TogetherWork([step.work() for step in steps], proof)
    change_set = open_change_set(work, Kind.EDIT, by=by, reason=reason, selection=kept)
    try:
        run(change_set, work)
    finally:
        if change_set.is_trace_free:
            change_set.delete()
    if change_set.failed:
        raise RecordRefused(change_set.problems[0][1])
    return change_set
