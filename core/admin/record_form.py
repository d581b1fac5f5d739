"""The form of one record: what it shows, what the operator edited, what may be saved.

It reads and translates; core.changes writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import Error as DatabaseError
from django.db import models
from django.utils.translation import gettext as _

from core.admin import choosing, members
from core.admin.inputs import RecordInput, is_too_long
from core.admin.shown import Shown, text_digest
from core.changes import InvalidValues, RecordRefused, fingerprint
from core.fields import BrokenJSON
from core.redaction import error_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.models.base import Record

PREFIX = "field-"
"""Before the names of inputs, so that a column called `q` or `reason` means itself."""

REFUSALS = (InvalidValues, RecordRefused, DatabaseError)
"""What can be said against a save that the operator may correct or try again."""


@dataclass
class FieldState:
    """One column of the form, as it stands."""

    input: RecordInput
    value: Any
    shown_text: str
    text: str
    is_null: bool
    is_locked: bool
    secret_name: str = ""
    """What the record calls the value, for JSON that is secret or not by its name."""
    errors: list[str] = field(default_factory=list)
    is_edited: bool = False
    is_moved: bool = False
    """MoviePilot changed the value since it was shown, and so would the operator."""
    is_cleared: bool = False


class RecordForm:
    """The form of a record that exists, or of one to be added (without a key).

    `raw` are the record's stored values, column → value, as core.changes.rows reads
    them; they must have been read before the record itself.
    """

    def __init__(self, record: Record, raw: Mapping[str, Any]) -> None:
        self.record = record
        self.raw = raw
        self.model = type(record)
        self.states = {
            each.attname: self._state(each)
            for each in self.model._meta.fields
            if each.concrete and not each.primary_key
        }
        self.shown = self._shown_now()
        self.problems: list[str] = []
        """What the database says against the record as a whole."""

    @property
    def signed(self) -> str:
        """What the hidden input carries."""
        return self.shown.sign(self.record)

    @property
    def has_errors(self) -> bool:
        """Whether something typed cannot be saved."""
        return any(state.errors for state in self.states.values())

    @property
    def has_moved(self) -> bool:
        """Whether MoviePilot wrote a column that the operator edited."""
        return any(state.is_moved for state in self.states.values())

    def read(self, data: Mapping[str, str]) -> dict[str, Any]:
        """The values of the columns the operator edited; errors are left in the form.

        Raises StaleForm for a form that is not of this record.
        """
        shown = Shown.parse(data.get("shown", ""), self.record)
        data = choosing.joined(data, [f"{PREFIX}{name}" for name in self.states])
        data = members.joined(data, self.model, PREFIX)
        values: dict[str, Any] = {}
        for name, state in self.states.items():
            if state.is_locked or not self._is_edited(state, data, shown):
                continue
            choice = data.get(f"{PREFIX}{name}-resolve")
            if choice == "theirs":
                continue
            self._take(state, data, shown)
            if choice is None and f"{PREFIX}{name}-moved" in data:
                state.is_moved = True
                state.errors.append(_("Choose which of the two values to keep."))
            try:
                values[name] = self._parse(state)
            except ValidationError as error:
                state.errors += error.messages
        return values

    def require(self) -> None:
        """Refuse a new record that lacks a text every record must have."""
        for state in self.states.values():
            column = state.input.field
            is_missing = not state.text and not column.null and not column.blank
            if is_missing and not state.is_locked and not state.errors:
                state.errors.append(_("This column always needs a value."))

    def refuse(self, error: Exception) -> None:
        """Keep why the values could not be saved: one of REFUSALS."""
        if isinstance(error, InvalidValues):
            for name, messages in error.errors.items():
                self.states[name].errors += messages
            return
        if isinstance(error, DatabaseError):
            text = _(
                "The database gave up: %s. The list of changes tells what it took."
            )
            self.problems.append(text % error_line(error))
            return
        self.problems.append(str(error))

    def withhold(self) -> None:
        """Take the secrets that were typed out of what the form shows once more."""
        for state in self.states.values():
            if state.is_edited and state.input.is_secret and state.text:
                state.text = ""
                state.errors.append(_("Type it again: a secret is never sent back."))
            elif state.is_edited and state.input.is_json:
                name = self._secret_name()
                state.text = state.input.sealed(state.text, secret_name=name)

    def move(self, names: Iterable[str]) -> None:
        """Ask what to do with columns that moved; saving again overwrites them."""
        now = self._shown_now()
        for name in names:
            self.states[name].is_moved = True
            self.shown.take(name, now)

    def _state(self, column: models.Field[Any, Any]) -> FieldState:
        name = column.attname
        value = getattr(self.record, name)
        entry = RecordInput(self.model, column.name)
        locked = {column.name, name} & self.model.locked_fields
        text = entry.text(value, secret_name=self._secret_name())
        return FieldState(
            input=entry,
            value=value,
            shown_text=text,
            text=text,
            is_null=value is None,
            is_locked=bool(locked) or is_too_long(value),
            secret_name=self._secret_name(),
        )

    def _secret_name(self) -> str:
        # Settings and plugin values are named by another column of their row.
        return str(getattr(self.record, "key", "") or "")

    def _shown_now(self) -> Shown:
        shown = Shown()
        for name, state in self.states.items():
            if state.is_locked:
                continue
            shown.stored[name] = fingerprint(self.model, name, self.raw.get(name))
            shown.texts[name] = text_digest(state.shown_text)
            shown.nulls |= {name} if state.value is None else set()
        return shown

    def _is_edited(
        self, state: FieldState, data: Mapping[str, str], shown: Shown
    ) -> bool:
        name = state.input.field.attname
        key = PREFIX + name
        if key not in data:
            return False
        state.is_cleared = state.input.is_secret and f"{key}-clear" in data
        was_null, is_null = name in shown.nulls, f"{key}-null" in data
        is_null_moved = state.input.has_null_box and was_null != is_null
        is_same = shown.is_same_text(name, data[key])
        return state.is_cleared or is_null_moved or not is_same

    def _take(self, state: FieldState, data: Mapping[str, str], shown: Shown) -> None:
        name = state.input.field.attname
        key = PREFIX + name
        is_new_text = not shown.is_same_text(name, data[key])
        was_null, is_null = name in shown.nulls, f"{key}-null" in data
        state.is_edited = True
        state.text = data[key]
        # Of the box and the text, what the operator touched last counts: a text typed
        # beside a box that was ticked before replaces NULL.
        state.is_null = is_null and not (was_null and is_new_text and state.text)
        if is_null and not was_null and is_new_text and state.text:
            state.errors.append(_("Tick NULL or type a text, not both."))
        self.shown.take(name, shown)

    def _parse(self, state: FieldState) -> Any:
        entry = state.input
        if state.is_cleared or (entry.has_null_box and state.is_null):
            return None if entry.can_be_null else ""
        if not state.text and not entry.field.blank:
            raise ValidationError(_("This column always needs a value."))
        return entry.parse(
            state.text, stored=self._hidden(state), secret_name=self._secret_name()
        )

    def _hidden(self, state: FieldState) -> Any:
        """The value that hidden parts of the input stand for."""
        return None if isinstance(state.value, BrokenJSON) else state.value
