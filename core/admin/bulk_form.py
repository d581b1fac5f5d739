"""The bulk edit form: for each field leave, set or set empty, never by guessing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.admin import choosing
from core.admin.inputs import RecordInput
from core.admin.kinds import Kind, choices_of
from core.admin.words import field_label
from core.changes import Operation, Set, SetNull
from core.changes.operations import operations_from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.admin.base import RecordAdmin
    from core.models.base import Record


class Mode(StrEnum):
    """What to do with a field."""

    LEAVE = "leave"
    SET = "set"
    EMPTY = "empty"


@dataclass
class BulkField:
    """One field: its mode, the text of its value, and what is wrong with them."""

    input: RecordInput
    mode: Mode = Mode.LEAVE
    text: str = ""
    known: Any = None
    """The value chosen before, where the hidden parts of JSON come from."""
    errors: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The field's name."""
        return self.input.name

    @property
    def value_name(self) -> str:
        """The name of the value in the form."""
        return f"{self.name}-value"

    @property
    def mode_name(self) -> str:
        """The name of the three states in the form."""
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
    def empty_value(self) -> str | None:
        """What “set empty” writes: `NULL`, `''`, or None where neither is taken."""
        if self.input.can_be_null:
            return "NULL"
        is_text = isinstance(self.input.field, models.CharField | models.TextField)
        return "''" if is_text and self.input.kind is not Kind.CHOICE else None

    @property
    def is_listed(self) -> bool:
        """Whether the value is a list to tick, where there is anything to tick."""
        model, name = self.input.model, self.name
        return choosing.is_listed(model, name) and self.input.has_boxes("[]")

    @property
    def modes(self) -> list[tuple[str, str, bool]]:
        """The states to choose from as (value, label, whether chosen)."""
        labels = {Mode.LEAVE: _("Leave"), Mode.SET: _("Set")}
        if self.empty_value is not None:
            labels[Mode.EMPTY] = _("Set empty (%s)") % self.empty_value
        return [
            (mode.value, label, mode == self.mode) for mode, label in labels.items()
        ]

    def html(self) -> SafeString:
        """The input of the value, empty unless one was given."""
        attrs = {"id": f"id_{self.name}", "aria-label": _("Value of %s") % self.label}
        if self.errors:
            attrs |= {
                "aria-invalid": "true",
                "aria-describedby": f"id_{self.name}_error",
            }
        if self.input.kind is Kind.FLAG:
            choices = [("", "—"), ("1", _("Yes")), ("0", _("No"))]
            return forms.Select(choices=choices).render(
                self.value_name, self.text, attrs
            )
        if self.input.kind is Kind.CHOICE:
            return self._suggesting(attrs)
        text = self.text or ("[]" if self.is_listed else "")
        return self.input.html(self.value_name, text, attrs)

    def _suggesting(self, attrs: dict[str, Any]) -> SafeString:
        """A line that offers the known values and takes any."""
        listed = {"list": f"id_{self.name}_values", "autocomplete": "off"}
        options = format_html_join(
            "",
            '<option value="{}">{}</option>',
            choices_of(self.input.model, self.name),
        )
        return format_html(
            '{}<datalist id="{}">{}</datalist>',
            forms.TextInput().render(self.value_name, self.text, attrs | listed),
            listed["list"],
            options,
        )

    def read(self, data: Mapping[str, str]) -> Operation | None:
        """The operation that was chosen. Notes what is wrong in `errors`."""
        self.text = data.get(self.value_name, "")
        try:
            self.mode = Mode(data.get(self.mode_name, Mode.LEAVE))
            if self.mode is not Mode.SET and choosing.is_unpicked(
                data, self.value_name
            ):
                self.text = ""
            return self._operation()
        except ValidationError as error:
            self.errors = error.messages
        except ValueError:
            self.errors = [_("Choose Leave, Set or Set empty.")]
        return None

    def _operation(self) -> Operation | None:
        if self.mode is not Mode.SET and self.text:
            raise ValidationError(
                _("A value was typed, but not chosen. Choose Set, or clear the value.")
            )
        if self.mode is Mode.SET:
            return Set(self._value())
        if self.mode is Mode.LEAVE:
            return None
        if self.empty_value is None:
            raise ValidationError(_("This column always needs a value."))
        return SetNull() if self.empty_value == "NULL" else Set("")

    def _value(self) -> Any:
        if self.text == "":
            raise ValidationError(_("Type a value, or choose Set empty."))
        value = self.input.parse(self.text, stored=self.known)
        if value is None:
            raise ValidationError(_("Type a value, or choose Set empty."))
        return value

    def show(self, operation: Operation) -> None:
        """Fill in an operation that was chosen before."""
        if isinstance(operation, SetNull) or vars(operation).get("value") == "":
            self.mode = Mode.EMPTY
        elif isinstance(operation, Set):
            self.mode, self.known = Mode.SET, operation.value
            self.text = self.input.text(self.known)


class BulkForm:
    """The fields of one table that may be edited in bulk."""

    def __init__(
        self,
        model_admin: RecordAdmin,
        data: Mapping[str, str] | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        self.fields = [
            BulkField(RecordInput(model_admin.model, name))
            for name in bulk_fields(model_admin)
        ]
        self.reason = reason
        self.errors: list[str] = []
        self.operations: dict[str, Operation] = {}
        self._show(initial or {})
        if data is not None:
            self._read(data)

    @property
    def is_valid(self) -> bool:
        """Whether the operations can be planned."""
        return not self.errors and not any(field.errors for field in self.fields)

    def _read(self, data: Mapping[str, str]) -> None:
        self.reason = data.get("reason", "").strip()
        data = choosing.joined(data, [row.value_name for row in self.fields])
        for row in self.fields:
            operation = row.read(data)
            if operation is not None:
                self.operations[row.name] = operation
        if not self.operations and self.is_valid:
            self.errors = [_("Nothing to do yet: choose Set or Set empty for a field.")]

    def _show(self, initial: Mapping[str, Any]) -> None:
        operations = operations_from_json(initial)
        for row in self.fields:
            if row.name in operations:
                row.show(operations[row.name])

    def refuse(self, errors: Mapping[str, list[str]]) -> None:
        """Take up what the engine said about the values. `errors` go by column."""
        rows = {row.input.field.attname: row for row in self.fields}
        for column, messages in errors.items():
            if column in rows:
                rows[column].errors += messages
            else:
                self.errors += messages


def bulk_fields(model_admin: RecordAdmin) -> list[str]:
    """The fields the table's page declares, but for those nobody may see or edit."""
    model: type[Record] = model_admin.model
    closed = model.secret_fields | model.locked_fields
    return [name for name in model_admin.bulk_fields if name not in closed]


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
