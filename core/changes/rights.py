"""What a change does to which tables, as those who do it must be allowed to.

What MoviePilot itself would have done along with it needs no right of its own; what was
offered to go along, and was chosen, does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.db.models import BooleanField, ExpressionWrapper, Q

from core.changes.actions import Delete
from core.changes.importing.match import Does
from core.changes.models import Kind

if TYPE_CHECKING:
    from collections.abc import Set

    from core.changes.models import ChangeSet, Plan

Deed = Literal["add", "change", "delete"]
Deeds = frozenset[tuple[Deed, str]]
"""(what is done, table `app.model`)"""

OPPOSITE: dict[Deed, Deed] = {"add": "delete", "change": "change", "delete": "add"}


def deeds(made: ChangeSet | Plan) -> Deeds:
    """What it does to the tables it was started on; of an undo, what that does."""
    match made.kind:
        case Kind.UNDO:
            return _undo_deeds(made)
        case Kind.REMAP:
            tables = [*made.operations.get("tables", ())] or [made.table]
            return frozenset(("change", table) for table in tables)
        case Kind.DELETE:
            chosen = {*Delete.of(made).along}
            offers = [each for each in made.model.offers if each.name in chosen]
            tables = [made.table, *(each.table.lower() for each in offers)]
            return frozenset(("delete", table) for table in tables)
        case Kind.CREATE:
            return frozenset({("add", made.table)})
        case Kind.IMPORT:
            return _import_deeds(made)
    return _edit_deeds(made)


def opposite(done: Set[tuple[Deed, str]]) -> Deeds:
    """What taking these back does."""
    return frozenset((OPPOSITE[deed], table) for deed, table in done)


def _undo_deeds(made: ChangeSet | Plan) -> Deeds:
    undone = getattr(made, "undoes", None)
    return opposite(deeds(undone)) if undone else frozenset({("change", made.table)})


def _import_deeds(made: ChangeSet | Plan) -> Deeds:
    # Rows of known records are left out of one that only creates; who may not edit
    # them must not be told which those are.
    done: list[Deed] = ["change"]
    if made.operations.get("does") != Does.UPDATE:
        done.append("add")
    return frozenset((deed, made.table) for deed in done)


def _edit_deeds(made: ChangeSet | Plan) -> Deeds:
    done: set[tuple[Deed, str]] = {("change", made.table)}
    entries = getattr(made, "entries", None)
    if made.operations or entries is None:
        return frozenset(done)
    # A form's, of one record; or steps in one (core.changes.steps), which also add and
    # delete. There are few entries.
    among = entries.filter(table=made.table).order_by()
    ends = among.annotate(is_new=_is_null("before"), is_gone=_is_null("after"))
    for is_new, is_gone in ends.values_list("is_new", "is_gone").distinct():
        done |= {("add", made.table)} if is_new else set()
        done |= {("delete", made.table)} if is_gone else set()
    return frozenset(done)


def _is_null(side: str) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(Q(**{side: None}), output_field=BooleanField())
