"""The bulk edit form: for each field what to do with it, never by guessing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.admin import choosing
from core.admin.bulk.choices import input_of
from core.admin.bulk.held import HeldMembers
from core.admin.inputs import RecordInput
from core.admin.kinds import Kind
from core.admin.words import field_label
from core.changes import Operation, Set, SetNull
from core.changes.operations import offered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.admin.base import RecordAdmin
    from core.admin.bulk.inputs import ParamInput
    from core.models.base import Record

LEAVE = "leave"
EMPTY = "empty"
"""Set to the empty text, which no operation of its own does."""


@dataclass
class Doing:
    """One thing that can be done with a field."""

    key: str
    label: str
    inputs: list[ParamInput] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def is_given(self) -> bool:
        """Whether somebody filled in what it asks for."""
        return any(each.is_given for each in self.inputs)

    def operation(self) -> Operation:
        """The operation as it was filled in. Raises ValidationError."""
        if self.key == EMPTY:
            return Set("")
        values, errors = {}, []
        for each in self.inputs:
            try:
                value = each.value()
            except ValidationError as error:
                name = f"{each.label}: " if len(self.inputs) > 1 else ""
                errors += [f"{name}{text}" for text in error.messages]
                continue
            if each.param.required or value not in (None, ""):
                values[each.param.name] = value
        if errors:
            raise ValidationError(errors)
        return Operation.registry[self.key](**values)

    def show(self, operation: Operation) -> None:
        """Fill in an operation that was chosen before."""
        for each in self.inputs:
            each.fill(operation)


class BulkField:
    """One field: what can be done with it, what is to be, and what is wrong with it."""

    def __init__(self, model: type[Record], name: str, held: HeldMembers) -> None:
        self.input = RecordInput(model, name)
        self.mode = LEAVE
        self.errors: list[str] = []
        self.doings = {each.key: each for each in self._doings(held)}

    def _doings(self, held: HeldMembers) -> list[Doing]:
        found = []
        for kind in offered(self.input.model, self.name):
            key, label = kind.name, str(kind.label)
            if kind is SetNull:
                label = _("Set empty (%s)") % "NULL"
            inputs = [input_of(self.input, key, param, held) for param in kind.params]
            found.append(Doing(key, label, inputs))
        if self.may_be_empty:
            place = 1 + any(each.key == SetNull.name for each in found)
            found.insert(place, Doing(EMPTY, _("Set empty (%s)") % "''"))
        return found

    @property
    def name(self) -> str:
        """The field's name."""
        return self.input.name

    @property
    def mode_name(self) -> str:
        """The name of the choice what to do."""
        return f"{self.name}-mode"

    @property
    def label(self) -> str:
        """The field's label."""
        return field_label(self.input.model, self.name)

    @property
    def help_text(self) -> str:
        """What the field means."""
        return str(self.input.field.help_text)

    @property
    def is_left(self) -> bool:
        """Whether nothing is to be done with it."""
        return self.mode == LEAVE

    @property
    def may_be_empty(self) -> bool:
        """Whether the column takes the empty text."""
        is_text = isinstance(self.input.field, models.CharField | models.TextField)
        return is_text and (self.input.kind is not Kind.CHOICE or self.input.is_open)

    @property
    def modes(self) -> list[tuple[str, str, bool]]:
        """What to choose from as (value, label, whether chosen)."""
        labels = {LEAVE: _("Leave")} | {
            k: each.label for k, each in self.doings.items()
        }
        return [(key, label, key == self.mode) for key, label in labels.items()]

    def html(self) -> SafeString:
        """The inputs of each thing that can be done; CSS shows those of the chosen."""
        return mark_safe("".join(map(self._group, self.doings.values())))  # noqa: S308

    def _group(self, doing: Doing) -> str:
        if not doing.inputs:
            return ""
        attributes: dict[str, str] = {}
        if self.errors and doing.key == self.mode:
            error_id = f"id_{self.name}_error"
            attributes = {"aria-invalid": "true", "aria-describedby": error_id}
        # The place among the choices: a style sheet can count, but not compare names.
        place = 2 + [*self.doings].index(doing.key)
        state = " is-forgotten" if doing.errors else ""
        inputs = "".join(each.html(attributes) for each in doing.inputs)
        return (
            f'<fieldset class="bulk-inputs{state}" data-place="{place}" '
            f'data-doing="{doing.key}" aria-label="{escape(doing.label)}">'
            f"{inputs}</fieldset>"
        )

    def read(self, data: Mapping[str, str]) -> Operation | None:
        """The operation that was chosen. Notes what is wrong in `errors`."""
        for doing in self.doings.values():
            for each in doing.inputs:
                each.take(data)
        self.mode = data.get(self.mode_name, LEAVE)
        if self.mode not in (LEAVE, *self.doings):
            self.mode, self.errors = LEAVE, [_("Choose what to do with this field.")]
            return None
        self._refuse_forgotten()
        if self.is_left:
            return None
        try:
            return self.doings[self.mode].operation()
        except ValidationError as error:
            self.errors += error.messages
        return None

    def _refuse_forgotten(self) -> None:
        """What was given for what is not chosen is asked about, not dropped."""
        text = _(
            "Something was given for “%s”, which is not chosen. Choose it, or clear"
            " what was given."
        )
        for doing in self.doings.values():
            if doing.key != self.mode and doing.is_given:
                doing.errors = [text % doing.label]
                self.errors += doing.errors

    def show(self, operation: Operation) -> None:
        """Fill in an operation that was chosen before."""
        is_empty = isinstance(operation, Set) and operation.value == ""
        key = EMPTY if is_empty else operation.name
        if key in self.doings:
            self.mode = key
            self.doings[key].show(operation)


class BulkForm:
    """The fields of one table that may be edited in bulk."""

    def __init__(
        self,
        model_admin: RecordAdmin,
        data: Mapping[str, str] | None = None,
        *,
        initial: Mapping[str, Operation] | None = None,
        reason: str = "",
        ids: Callable[[], Sequence[int]] = tuple,
    ) -> None:
        held = HeldMembers(model_admin.model, ids)
        self.fields = [
            BulkField(model_admin.model, name, held)
            for name in bulk_fields(model_admin)
        ]
        self.reason = reason
        self.errors: list[str] = []
        self.operations: dict[str, Operation] = {}
        for row in self.fields:
            if initial and row.name in initial:
                row.show(initial[row.name])
        if data is not None:
            self._read(data)

    @property
    def is_valid(self) -> bool:
        """Whether the operations can be planned."""
        return not self.errors and not any(field.errors for field in self.fields)

    @property
    def wrong(self) -> list[BulkField]:
        """The fields in which something is wrong."""
        return [row for row in self.fields if row.errors]

    def _read(self, data: Mapping[str, str]) -> None:
        self.reason = data.get("reason", "").strip()
        names = [each.name for each in self._inputs()]
        data = choosing.joined(data, names)
        for row in self.fields:
            operation = row.read(data)
            if operation is not None:
                self.operations[row.name] = operation
        if not self.operations and self.is_valid:
            self.errors = [_("Nothing to do yet: choose what to do with a field.")]

    def _inputs(self) -> list[ParamInput]:
        return [
            each
            for row in self.fields
            for doing in row.doings.values()
            for each in doing.inputs
        ]

    def refuse(self, errors: Mapping[str, list[str]]) -> None:
        """Take up what the engine said about the values. `errors` go by column."""
        rows = {row.input.field.attname: row for row in self.fields}
        for column, messages in errors.items():
            if column in rows:
                rows[column].errors += messages
            else:
                self.errors += messages


def bulk_fields(model_admin: RecordAdmin) -> list[str]:
    """The columns that the table's page declares, but for those nobody may edit."""
    names = model_admin.bulk_fields
    return [name for name in names if offered(model_admin.model, name)]


def sections(
    model_admin: RecordAdmin, form: BulkForm
) -> list[tuple[str, list[BulkField]]]:
    """The form's fields under the titles of the record page."""
    titles: dict[str, list[BulkField]] = {}
    title_of = {
        name: str(title or "")
        for title, options in model_admin.fieldsets or ()
        for name in options["fields"]
    }
    for row in form.fields:
        titles.setdefault(title_of.get(row.name, ""), []).append(row)
    return [*titles.items()]
