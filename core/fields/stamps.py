"""Dates and times: text nearly everywhere, in MoviePilot's local time."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import forms as fields_forms
from core.fields.columns import TextColumn

if TYPE_CHECKING:
    from django import forms
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler


def local_now() -> dt.datetime:
    """Return the time on MoviePilot's wall, without a zone."""
    return dt.datetime.now(moviepilot_zone()).replace(tzinfo=None)


def stamp_now() -> str:
    """Return now as MoviePilot writes it, `YYYY-MM-DD HH:MM:SS`."""
    return f"{local_now():%Y-%m-%d %H:%M:%S}"


def day_now() -> str:
    """Return today as `YYYY-MM-DD`."""
    return f"{local_now():%Y-%m-%d}"


def clock_now() -> str:
    """Return the time of day as `HH:MM:SS`."""
    return f"{local_now():%H:%M:%S}"


def moviepilot_zone() -> ZoneInfo:
    """Return the zone of settings.MOVIEPILOT_TZ."""
    return _zone(settings.MOVIEPILOT_TZ)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


class StampField(TextColumn):
    """Text `YYYY-MM-DD HH:MM:SS`; compared and sorted as text."""

    description = _("time, as text")
    form_class: type[forms.Field] = fields_forms.StampFormField

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """Return a field that accepts only a real date and time."""
        return super().formfield(**{"form_class": self.form_class, **kwargs})


class DayField(StampField):
    """Text `YYYY-MM-DD`."""

    description = _("day, as text")
    form_class = fields_forms.DayFormField


class ClockField(StampField):
    """Text `HH:MM:SS`."""

    description = _("time of day, as text")
    form_class = fields_forms.ClockFormField


class LocalDateTimeField(models.Field):
    """A real DateTime column without a zone, in MoviePilot's local time.

    Values are naive datetimes, or the stored text where it is not a time: SQLite
    lets anything in, '' included. Columns that a move to PostgreSQL turned into
    `timestamp with time zone` are read and written in MoviePilot's zone.
    """

    description = _("local time")
    empty_strings_allowed = False
    default_error_messages: ClassVar = {"invalid": _("Enter a date and time.")}

    def get_internal_type(self) -> str:
        """Return a name no backend converts, unlike "DateTimeField"."""
        return "LocalDateTimeField"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the declared type."""
        if connection.vendor == "postgresql":
            return "timestamp without time zone"
        return "DATETIME"

    def select_format(
        self, compiler: SQLCompiler, sql: str, params: Any
    ) -> tuple[str, Any]:
        """Read what is stored, past the drivers, which raise for what is no time."""
        if compiler.connection.vendor == "postgresql":
            return f"{sql}::text", params
        # An expression has no declared type, so Django's converter keeps off.
        return f"+{sql}", params

    def from_db_value(
        self, value: Any, _expression: Any, _connection: BaseDatabaseWrapper
    ) -> dt.datetime | str | None:
        """Return a naive local time, or what stands there instead; never raises."""
        if value is None:
            return None
        return read_local(value) or str(value)

    def to_python(self, value: Any) -> Any:
        """Return a naive local time; raises ValidationError for other text."""
        if value is None:
            return None
        stamp = read_local(value)
        if stamp is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return stamp

    def get_prep_value(self, value: Any) -> Any:
        """Return a naive local time."""
        value = super().get_prep_value(value)
        return value if hasattr(value, "as_sql") else self.to_python(value)

    def get_db_prep_value(
        self,
        value: Any,
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        """Return the text to bind.

        PostgreSQL reads an offset only where the column has a zone, so the same
        text is right for both kinds of column.
        """
        value = super().get_db_prep_value(value, connection, prepared)
        if not isinstance(value, dt.datetime):
            return value
        if connection.vendor == "postgresql":
            value = value.replace(tzinfo=moviepilot_zone())
        return value.isoformat(sep=" ", timespec="microseconds")

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """Return a field that accepts only a real date and time."""
        defaults = {"form_class": fields_forms.LocalDateTimeFormField}
        return super().formfield(**{**defaults, **kwargs})


def read_local(value: Any) -> dt.datetime | None:
    """Return `value` as naive local time of MoviePilot, None where it is none."""
    stamp = value if isinstance(value, dt.datetime) else _parsed(value)
    if stamp is None or stamp.tzinfo is None:
        return stamp
    try:
        return stamp.astimezone(moviepilot_zone()).replace(tzinfo=None)
    except OverflowError:
        return None


def _parsed(value: Any) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
