"""The one door: everything that changes a MoviePilot record goes through here.

    slow = Selection(Site, filter={"timeout__gte": "60"})
    made = plan(Site, {"timeout": Set(15)}, selection=slow, reason="…")
    made.preview                            # what would happen; nothing is written yet
    change_set = apply(made, by=operator)   # exactly that, to exactly those records
    undo(change_set, by=operator)           # as it was, where nobody else has written

docs/architecture.md draws the steps; core.changes.run is where rows are written.
"""

from core.changes.actions import Action, Create, Delete, Edit
from core.changes.importing import Does, Import, Match
from core.changes.models import (
    BatchState,
    ChangeBatch,
    ChangeEntry,
    ChangeSet,
    Kind,
    Plan,
    State,
)
from core.changes.operations import Operation, Set, SetNull
from core.changes.plan import (
    InvalidRecords,
    PlanUsed,
    SelectionMoved,
    apply,
    claim,
    complete,
    draft,
    plan,
    prove,
    resume,
    work_of,
)
from core.changes.preview import Preview, Sample
from core.changes.records import (
    RecordGone,
    RecordMoved,
    RecordRefused,
    create_records,
    delete_records,
    fingerprint,
    preview_deletion,
    read_stored,
    save_record,
)
from core.changes.remap import Remap, plan_remap
from core.changes.selection import Selection, existing
from core.changes.settle import settle, settle_all
from core.changes.snapshot import FieldChange
from core.changes.steps import (
    CreateRecords,
    DeleteRecords,
    EditRecords,
    change,
    edit_records,
)
from core.changes.together import change_together
from core.changes.undo import NothingToUndo, UndoResult, undo
from core.changes.work import InvalidValues, Problem

__all__ = [
    "Action",
    "BatchState",
    "ChangeBatch",
    "ChangeEntry",
    "ChangeSet",
    "Create",
    "CreateRecords",
    "Delete",
    "DeleteRecords",
    "Does",
    "Edit",
    "EditRecords",
    "FieldChange",
    "Import",
    "InvalidRecords",
    "InvalidValues",
    "Kind",
    "Match",
    "NothingToUndo",
    "Operation",
    "Plan",
    "PlanUsed",
    "Preview",
    "Problem",
    "RecordGone",
    "RecordMoved",
    "RecordRefused",
    "Remap",
    "Sample",
    "Selection",
    "SelectionMoved",
    "Set",
    "SetNull",
    "State",
    "UndoResult",
    "apply",
    "change",
    "change_together",
    "claim",
    "complete",
    "create_records",
    "delete_records",
    "draft",
    "edit_records",
    "existing",
    "fingerprint",
    "plan",
    "plan_remap",
    "preview_deletion",
    "prove",
    "read_stored",
    "resume",
    "save_record",
    "settle",
    "settle_all",
    "undo",
    "work_of",
]
