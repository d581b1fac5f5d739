"""Form fields of the columns: what was typed, as MoviePilot stores it."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.fields.jsontext import (
    parse_json,
    readable_json,
)


class TextFormField(forms.CharField):
    """Text with the blanks around it, and with plain line feeds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": False, **kwargs})

    def to_python(self, value: Any) -> str | None:
        """Return the text as MoviePilot writes it; browsers send CR LF."""
        text: str | None = super().to_python(value)
        return text.replace("\r\n", "\n") if text else text


class SwitchFormField(forms.TypedChoiceField):
    """Yes, no, and not set where the column may be NULL."""

    def __init__(self, *, kind: type[int] = bool, **kwargs: Any) -> None:
        choices: list[tuple[str, Any]] = [("1", _("Yes")), ("0", _("No"))]
        if not kwargs.get("required", True):
            choices.insert(0, ("", _("Not set")))
        super().__init__(
            **{
                "choices": choices,
                "coerce": lambda text: kind(text == "1"),
                "empty_value": None,
                **kwargs,
            }
        )

    def prepare_value(self, value: Any) -> Any:
        """Show True as the choice 1."""
        return int(value) if isinstance(value, bool) else value


class JSONFormField(forms.CharField):
    """JSON in a text area; an empty one is NULL, `null` is JSON null."""

    widget = forms.Textarea
    default_error_messages: ClassVar = {
        "invalid": _("This is not valid JSON: see line %(line)d, column %(column)d."),
        "number": _("This is not valid JSON: NaN, Infinity or too large a number."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": False, "empty_value": None, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Return the text to show: what was typed, or the value laid out."""
        return value if isinstance(value, TypedJSON) else readable_json(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed, marked as text and not as a JSON string."""
        if self.disabled:
            return initial
        return TypedJSON("" if data is None else data)

    def to_python(self, value: Any) -> Any:
        """Return the parsed value; raises ValidationError with the position."""
        if value is None or not value.strip():
            return None
        try:
            return parse_json(value)
        except json.JSONDecodeError as error:
            raise ValidationError(
                self.error_messages["invalid"],
                code="invalid",
                params={"line": error.lineno, "column": error.colno},
            ) from error
        except ValueError as error:
            raise ValidationError(
                self.error_messages["number"], code="number"
            ) from error

    def validate(self, value: Any) -> None:
        """Refuse only an empty text where something is required: {} is something."""
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Skip the text validators: the value is not text any more."""


class TypedJSON(str):
    """Text that an operator typed into a JSON field."""

    __slots__ = ()


class StampFormField(TextFormField):
    """Text `YYYY-MM-DD HH:MM:SS`, with a fraction where one was written."""

    default_error_messages: ClassVar = {
        "invalid": _("Enter a date and time as YYYY-MM-DD HH:MM:SS.")
    }
    shape = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?", re.ASCII)
    parse = staticmethod(dt.datetime.fromisoformat)

    def validate(self, value: Any) -> None:
        """Refuse other shapes, and days and times that do not exist."""
        super().validate(value)
        if value in self.empty_values:
            return
        if not self.shape.fullmatch(value) or not self._exists(value):
            raise ValidationError(self.error_messages["invalid"], code="invalid")

    def _exists(self, text: str) -> bool:
        try:
            self.parse(text)
        except ValueError:
            return False
        return True


class DayFormField(StampFormField):
    """Text `YYYY-MM-DD`."""

    default_error_messages: ClassVar = {"invalid": _("Enter a day as YYYY-MM-DD.")}
    shape = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class ClockFormField(StampFormField):
    """Text `HH:MM:SS`."""

    default_error_messages: ClassVar = {
        "invalid": _("Enter a time of day as HH:MM:SS.")
    }
    shape = re.compile(r"\d\d:\d\d:\d\d", re.ASCII)
    parse = staticmethod(dt.time.fromisoformat)  # type: ignore[assignment]


class LocalDateTimeFormField(StampFormField):
    """A date and time; gives a naive datetime."""

    def clean(self, value: Any) -> Any:
        """Return the datetime, or None."""
        text = super().clean(value)
        return dt.datetime.fromisoformat(text) if text else None
