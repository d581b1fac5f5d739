"""Selections and operations in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin import choosing, values
from core.admin.list_state import ListState
from core.changes import ChangeSet, Kind, Operation, Plan, Set, SetNull
from core.changes.operations import (
    Copy,
    ListAdd,
    ListRemove,
    ListReplace,
    operations_from_json,
)

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin
    from core.models.base import Record


@dataclass(frozen=True)
class OperationWords:
    """What happens to one field."""

    label: str
    name: str
    text: SafeString


def field_label(model: type[Record], name: str) -> str:
    """The field's label; of a column the model does not know, its name."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    return capfirst(str(getattr(field, "verbose_name", name)))


def table_label(model: type[Record]) -> str:
    """What the table's records are called."""
    return capfirst(str(model._meta.verbose_name_plural))


def selection_query(selection: Mapping[str, Any]) -> dict[str, str]:
    """The selection's filter as its list page has it in the address."""
    query = {str(name): str(value) for name, value in selection["filter"].items()}
    return query | ({"q": str(selection["q"])} if selection["q"] else {})


def selection_words(
    model_admin: RecordAdmin, selection: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """The conditions of a selection as (what, value); empty for all records."""
    if "filter" not in selection:
        return []
    chips = ListState.parse(model_admin, selection_query(selection)).chips
    return [(str(chip.label), str(chip.value)) for chip in chips]


def selection_summary(selection: Mapping[str, Any]) -> str:
    """Which records, in a few words that the conditions may follow."""
    if selection.get("ids") is not None:
        count = len(selection["ids"])
        text = ngettext("%d chosen record", "%d chosen records", count)
        return text % count
    if selection.get("filter") or selection.get("q"):
        return _("All records where")
    return _("All records of the table")


def operations_words(made: Plan | ChangeSet) -> list[OperationWords]:
    """What a plan or change does, field by field; secrets stay hidden."""
    in_words = WORDS.get(Kind(made.kind)) if made.kind else None
    return in_words(made) if in_words else []


def _edit_words(made: Plan | ChangeSet) -> list[OperationWords]:
    model = made.model
    return [
        OperationWords(field_label(model, name), name, _read(model, name, data))
        for name, data in made.operations.items()
    ]


def _read(model: type[Record], name: str, data: Mapping[str, Any]) -> SafeString:
    if name in model.secret_fields:
        return _hidden_words(str(data.get("op", "")))
    operation = operations_from_json({name: data})[name]
    return _operation_words(model, name, operation)


def _hidden_words(op: str) -> SafeString:
    """An operation on a secret field, without what it writes."""
    if op == Set.name:
        return format_html(_("set to {}"), values.SECRET)
    if op == SetNull.name:
        return format_html(_("set empty: {}"), values.NULL)
    known = Operation.registry.get(op)
    return format_html("{} {}", known.label if known else op, values.SECRET)


def _operation_words(
    model: type[Record], name: str, operation: Operation
) -> SafeString:
    if isinstance(operation, SetNull):
        return format_html(_("set empty: {}"), values.NULL)
    if isinstance(operation, Set) and operation.value == "":
        return format_html(_("set empty: {}"), values.show(model, name, ""))
    if isinstance(operation, Set):
        return format_html(_("set to {}"), values.show(model, name, operation.value))
    if isinstance(operation, Copy):
        source = field_label(model, operation.source)
        return format_html(_("copy from {}"), source)
    if choosing.is_listed(model, name):
        return _members_words(model, name, operation)
    return format_html("{}", operation.words())


def _members_words(model: type[Record], name: str, operation: Operation) -> SafeString:
    """What is done to a list, with the names of its members."""

    def named(*members: Any) -> SafeString:
        return values.show(model, name, [*members])

    if isinstance(operation, ListAdd):
        return format_html(_("add {} to the list"), named(*operation.values))
    if isinstance(operation, ListRemove):
        return format_html(_("remove {} from the list"), named(*operation.values))
    if isinstance(operation, ListReplace):
        old, new = named(operation.old), named(operation.new)
        return format_html(_("replace {} in the list with {}"), old, new)
    return format_html("{}", operation.words())


def _import_words(made: Plan | ChangeSet) -> list[OperationWords]:
    """Which file, and which columns of it."""
    kept = made.operations
    file, columns = str(kept.get("name") or ""), kept.get("columns") or {}
    labels = ", ".join(field_label(made.model, name) for name in columns)
    return [
        OperationWords(what, "", format_html("{}", how))
        for what, how in ((_("File"), file), (_("Columns"), labels))
        if how
    ]


def _remap_words(made: Plan | ChangeSet) -> list[OperationWords]:
    """Which prefix becomes which."""
    moved = [made.operations.get(side, "") for side in ("old", "new")]
    arrow = format_html("<del>{}</del> → <ins>{}</ins>", *moved)
    return [OperationWords(_("Paths"), "", arrow)]


WORDS: dict[Kind, Callable[[Plan | ChangeSet], list[OperationWords]]] = {
    Kind.EDIT: _edit_words,
    Kind.IMPORT: _import_words,
    Kind.REMAP: _remap_words,
}
"""A change is told without its payload, which is gone once it is done."""
