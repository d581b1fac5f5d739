"""The JSON columns: type JSON on SQLite, `json` (never `jsonb`) on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import lookups
from django.utils.translation import gettext_lazy as _

from core.fields import forms as fields_forms
from core.fields import shapes
from core.fields.jsontext import (
    BrokenJSON,
    decode_json,
    encode_json,
    escape_non_ascii,
    parse_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django import forms
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler


class JSONColumn(models.Field):
    """JSON kept as the text MoviePilot wrote.

    Python values: None is SQL NULL, JSON_NULL is JSON null, BrokenJSON is text
    that is not JSON, anything else is the parsed value. `shape` is a JSON Schema of
    the values that MoviePilot can read; what stands in the database may be otherwise.
    """

    description = _("JSON text")
    empty_strings_allowed = False
    default_error_messages: ClassVar = {
        "invalid": _("This cannot be written as JSON."),
        "broken": _("This is not valid JSON."),
    }

    def __init__(
        self, *args: Any, shape: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        # Not part of deconstruct(): the column is the same whatever it should hold.
        self.shape = shape
        super().__init__(*args, **kwargs)

    def get_internal_type(self) -> str:
        """Return a name no backend converts, unlike "JSONField"."""
        return "JSONColumn"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the declared type."""
        return "json" if connection.vendor == "postgresql" else "JSON"

    def select_format(
        self, compiler: SQLCompiler, sql: str, params: Any
    ) -> tuple[str, Any]:
        """Read text on PostgreSQL, so that the driver does not parse it."""
        if compiler.connection.vendor == "postgresql":
            sql = f"{sql}::text"
        return sql, params

    def from_db_value(
        self, value: Any, _expression: Any, _connection: BaseDatabaseWrapper
    ) -> Any:
        """Return the parsed value; never raises."""
        return decode_json(value)

    def to_python(self, value: Any) -> Any:
        """Return `value`: a str here is a JSON string, not JSON text."""
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return the text to store."""
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "as_sql"):
            return value
        return encode_json(value)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse text that is not JSON, values JSON cannot hold, and other shapes."""
        if isinstance(value, BrokenJSON):
            self._validate_broken(value)
        try:
            encode_json(value)
        except (TypeError, ValueError) as error:
            raise ValidationError(
                self.error_messages["invalid"], code="invalid"
            ) from error
        # Emptiness is a matter of SQL NULL only: {} and [] are values.
        if value is None and not self.null:
            raise ValidationError(self.error_messages["null"], code="null")
        if self.shape is not None and value is not None:
            shapes.check(self.shape, value)

    def value_to_string(self, obj: models.Model) -> Any:
        """Return the stored text, for serializers."""
        return self.get_prep_value(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """Return a text area with the JSON laid out."""
        defaults = {"form_class": fields_forms.JSONFormField}
        return super().formfield(**{**defaults, **kwargs})

    def _validate_broken(self, value: BrokenJSON) -> None:
        try:
            parse_json(value)
        except ValueError as error:
            raise ValidationError(
                self.error_messages["broken"], code="broken"
            ) from error


def json_text(value: Any) -> Any:
    """Return what a lookup compares with: text as it is, other values as JSON."""
    if isinstance(value, str) or hasattr(value, "as_sql"):
        return value
    return encode_json(value)


@JSONColumn.register_lookup
class JSONExact(lookups.Exact):
    """The stored text is exactly this text, or this value as MoviePilot writes it."""

    def get_prep_lookup(self) -> Any:
        """Return the text to compare with."""
        return json_text(self.rhs)

    def process_lhs(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, lhs: Any = None
    ) -> tuple[str, Any]:
        """Compare as text: PostgreSQL has no `=` for json."""
        sql, params = super().process_lhs(compiler, connection, lhs)
        if connection.vendor == "postgresql":
            sql = f"{sql}::text"
        return sql, params


class _SearchesBothSpellings:
    r"""Find 电影 written as it is and written as \u7535\u5f71."""

    lhs: Any
    rhs: Any

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Any]:
        sql, params = super().as_sql(compiler, connection)  # type: ignore[misc]
        if not isinstance(self.rhs, str) or self.rhs.isascii():
            return sql, params
        escaped = type(self)(self.lhs, escape_non_ascii(self.rhs))  # type: ignore[call-arg]
        more, more_params = escaped.as_sql(compiler, connection)
        return f"({sql} OR {more})", [*params, *more_params]


@JSONColumn.register_lookup
class JSONContains(_SearchesBothSpellings, lookups.Contains):
    """The stored text contains this text."""


@JSONColumn.register_lookup
class JSONIContains(_SearchesBothSpellings, lookups.IContains):
    """The stored text contains this text in any case."""
