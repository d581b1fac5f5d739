"""Selections, operations and their warnings in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin import values
from core.admin.in_memory import IN_MEMORY, restart_notice
from core.admin.list_state import ListState
from core.changes import Kind, Operation, Set, SetNull
from core.changes.operations import operations_from_json
from core.secrets import UnreadableSecret

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin
    from core.changes import ChangeSet, Plan, Preview
    from core.models.base import Record

SYNCED = frozenset({"core.mediaserveritem"})
"""Tables MoviePilot writes anew from elsewhere."""


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
    """What an edit does to each field; secrets stay hidden."""
    if made.kind != Kind.EDIT:
        return []
    model = made.model
    return [
        OperationWords(field_label(model, name), name, _read(model, name, data))
        for name, data in made.operations.items()
    ]


def _read(model: type[Record], name: str, data: Any) -> SafeString:
    try:
        operation = operations_from_json({name: data})[name]
    except UnreadableSecret:
        return format_html(_("set to {}"), values.SECRET)
    return _operation_words(model, name, operation)


def _operation_words(
    model: type[Record], name: str, operation: Operation
) -> SafeString:
    if isinstance(operation, SetNull):
        return format_html(_("set empty: {}"), values.NULL)
    if isinstance(operation, Set) and operation.value == "":
        return format_html(_("set empty: {}"), values.show(model, name, ""))
    if isinstance(operation, Set):
        return format_html(_("set to {}"), values.show(model, name, operation.value))
    return format_html("{}", operation.name)


def carried_words(preview: Preview) -> list[tuple[str, int]]:
    """(table, records of it) that a change carries with it."""
    return [
        (table_label(apps.get_model(table)), count)
        for table, count in preview.carried.items()
    ]


def warnings(table: str, *, is_delete: bool = False) -> list[str]:
    """What an operator must know before changing these records beside MoviePilot."""
    found = []
    if table in IN_MEMORY:
        found.append(restart_notice())
    if table in SYNCED and is_delete:
        found.append(
            _(
                "MoviePilot builds these records again at its next synchronisation with"
                " the media server."
            )
        )
    elif table in SYNCED:
        found.append(
            _(
                "MoviePilot writes this table anew at each synchronisation with the"
                " media server, so the change lasts until the next one."
            )
        )
    return found
