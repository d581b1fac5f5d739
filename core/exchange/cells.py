r"""Raw values as they stand in files: in the cells of a table, in a document.

A cell (CSV, TSV, XLSX) is a text, and reading gives back exactly what was written:

    NULL            \N
    ''              an empty cell
    \N, \\N, …      the same with one more backslash (and \x… likewise)
    =1+1, +, -, @ … the same with a ' in front, or a spreadsheet would take it for a
                    formula; so has a text that itself begins with '
    7, 7.5, 1e+20   numbers as Python writes them
    true, false     flags that hold 1 or 0; one that holds another number: the number
    {"a": 1}        JSON columns: the stored text, to the byte; JSON null is null
    'abc            text that SQLite let into a column of numbers or flags
    \x00ff          bytes, or a text with NUL: hexadecimal
    \-              a value left out, because there are secrets in it: not NULL, and to
                    be left as it is by an import (`is_left_out`)

A document (JSON, JSON Lines, YAML) has null, numbers, true, false and texts of its own.
A JSON column is its value where that value, written as MoviePilot writes it, is the
stored text again; else {"$json": "stored text"}, so JSON null is {"$json": "null"}.
Bytes are {"$bytes": "00ff"}; text among numbers or flags has its ' here too. Of a value
that is left out, the name is too.

Whatever a database holds can be written. Read back can be what its column may hold:
text in a column of numbers, bytes and NUL raise ValidationError. An import that asks
`is_cell_of` or `is_document_of` first leaves those alone where nobody touched them.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from core.fields import (
    JSON_NULL,
    BooleanColumn,
    BrokenJSON,
    FlagField,
    JSONColumn,
    LocalDateTimeField,
    encode_json,
)
from core.fields.jsontext import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

    Field = models.Field[Any, Any]

NULL = r"\N"
FORMULA = "'=+-@\t\r\n＝＋－＠"
"""What a cell may not begin with: spreadsheets read a formula, in any width."""
LEFT_OUT = r"\-"
ESCAPED = re.compile(r"\\+(N|-|x(?:[0-9a-f]{2})*)")
BYTES = re.compile(r"\\x((?:[0-9a-f]{2})*)")
SUSPECT = frozenset(FORMULA + "\\")
INTEGER = re.compile(r"\s*([+-]?[0-9]{1,400})(?:\.0*)?\s*")
NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
FLAGS = {"true": True, "1": True, "false": False, "0": False}
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
LIKE_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
SHEET_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
HALF_CHARACTER = re.compile("[\ud800-\udfff]")


# --- What a column holds


def stored_field(field: Field) -> Field:
    """The field that says what the column holds: for a reference, the other's id."""
    return field.target_field if isinstance(field, models.ForeignKey) else field


def is_flag(field: Field) -> bool:
    """Whether the column holds yes or no."""
    return isinstance(field, FlagField | BooleanColumn)


def is_number(field: Field) -> bool:
    """Whether the column holds numbers that are no flags."""
    numbers = (models.IntegerField, models.AutoField, models.FloatField)
    return not is_flag(field) and isinstance(stored_field(field), numbers)


# --- Cells of a table


def to_cell(field: Field, raw: Any) -> str:
    """The text of a cell for a raw value (core.changes.rows)."""
    return cell_writer(field)(raw)


def cell_writer(field: Field) -> Callable[[Any], str]:
    """`to_cell` for many values of one column."""
    if is_flag(field):
        return _flag_cell
    return _number_cell if is_number(field) else _text_cell


def from_cell(field: Field, text: str) -> Any:
    """The value of a cell, as operations.Set takes it.

    None is NULL, JSON_NULL is JSON null, JSON text that MoviePilot would have written
    otherwise is BrokenJSON, which is stored as it is. Raises ValidationError.
    """
    if text == NULL:
        return None
    text = _unescaped(text)
    if isinstance(field, JSONColumn):
        return _json_value(text)
    if is_flag(field):
        return _flag(field, text.strip().lower())
    if is_number(field):
        return _number(field, text)
    return _text(field, text)


def is_left_out(text: str) -> bool:
    """Whether the cell has no value, not even NULL, as the export left it out."""
    return text == LEFT_OUT


def is_cell_of(field: Field, raw: Any, text: str) -> bool:
    """Whether the cell is what an export writes for this raw value."""
    return to_cell(field, raw) == text


def _text_cell(raw: Any) -> str:
    if type(raw) is not str:
        return _other_cell(raw)
    if raw[:1] in SUSPECT or "\0" in raw:
        return _escaped(raw)
    return raw


def _number_cell(raw: Any) -> str:
    if type(raw) is not str:
        return _other_cell(raw)
    return raw if NUMBER.fullmatch(raw) else _marked(raw)


def _flag_cell(raw: Any) -> str:
    if type(raw) is int and raw in (0, 1):
        return "true" if raw else "false"
    return _marked(raw) if type(raw) is str else _other_cell(raw)


def _other_cell(raw: Any) -> str:
    if raw is None:
        return NULL
    if isinstance(raw, bytes):
        return rf"\x{raw.hex()}"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return repr(raw)


def _escaped(raw: str) -> str:
    if "\0" in raw:
        return rf"\x{raw.encode().hex()}"
    if ESCAPED.fullmatch(raw):
        return f"\\{raw}"
    return f"'{raw}" if raw[:1] in FORMULA else raw


def _marked(raw: str) -> str:
    return _escaped(raw) if "\0" in raw else f"'{raw}"


def _unescaped(text: str) -> str:
    if is_left_out(text):
        raise ValidationError(_("This value was left out of the export."), code="left")
    if BYTES.fullmatch(text):
        raise ValidationError(_("Bytes cannot be stored here."), code="bytes")
    if ESCAPED.fullmatch(text):
        return text[1:]
    if text[:1] == "'" and text[1:2] and text[1] in FORMULA:
        return text[1:]
    return text


# --- Cells of a workbook


def to_sheet(cell: str) -> str:
    """A cell's text as XLSX has it: what XML cannot hold is written _x000D_."""
    text = LIKE_ESCAPED.sub("_x005F_", cell) if "_x" in cell else cell
    return UNWRITABLE.sub(lambda char: f"_x{ord(char[0]):04X}_", text)


def from_sheet(text: str) -> str:
    """The text of a cell of XLSX."""
    if "_x" not in text:
        return text
    return SHEET_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


# --- Values in a document


def to_document(field: Field, raw: Any) -> Any:
    """What stands for a raw value in JSON, JSON Lines and YAML."""
    return document_writer(field)(raw)


def document_writer(field: Field) -> Callable[[Any], Any]:
    """`to_document` for many values of one column."""
    if isinstance(field, JSONColumn):
        return _json_document
    if is_flag(field):
        return _flag_document
    return _number_document if is_number(field) else _other_document


def from_document(field: Field, value: Any) -> Any:
    """The value, as operations.Set takes it. Raises ValidationError."""
    if isinstance(value, bytes) or _only_key(value) == "$bytes":
        raise ValidationError(_("Bytes cannot be stored here."), code="bytes")
    if value is None:
        return None
    if isinstance(field, JSONColumn):
        return _json_given(value)
    if isinstance(value, list | dict | set | tuple):
        raise ValidationError(_("A single value belongs here."), code="nested")
    if is_flag(field):
        return _flag(field, value)
    if isinstance(value, bool):
        raise ValidationError(_("True or false does not belong here."), code="flag")
    if is_number(field):
        return _number(field, _spelled(value))
    return _text(field, _spelled(value))


def is_document_of(field: Field, raw: Any, value: Any) -> bool:
    """Whether the value is what an export writes for this raw value."""
    try:
        return json.dumps(to_document(field, raw)) == json.dumps(value)
    except (TypeError, ValueError, RecursionError):  # a date, say, which YAML knows
        return False


def _flag_document(raw: Any) -> Any:
    if type(raw) is int and raw in (0, 1):
        return bool(raw)
    return _flag_cell(raw) if isinstance(raw, str) else _other_document(raw)


def _number_document(raw: Any) -> Any:
    return _number_cell(raw) if isinstance(raw, str) else _other_document(raw)


def _other_document(raw: Any) -> Any:
    if isinstance(raw, bytes):
        return {"$bytes": raw.hex()}
    if isinstance(raw, float) and not math.isfinite(raw):
        return repr(raw)
    return raw


def _json_document(raw: Any) -> Any:
    if raw is None or isinstance(raw, int | bytes):
        return _other_document(raw)
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else {"$json": repr(raw)}
    try:
        value = parse_json(raw)
        is_same = encode_json(value) == raw
    except (ValueError, RecursionError):
        is_same = False
    if not is_same or value is JSON_NULL or _only_key(value) in ("$json", "$bytes"):
        return {"$json": raw}
    # Half a character has an escape in JSON, but not in every reader of YAML.
    is_whole = "\\ud" not in raw or not _has_half(value)
    return value if is_whole else {"$json": raw}


def _json_given(value: Any) -> Any:
    if _only_key(value) == "$json":
        if not isinstance(value["$json"], str):
            raise ValidationError(_("A text belongs after $json."), code="json")
        return _json_value(value["$json"])
    try:
        encode_json(value)
    except (TypeError, ValueError, RecursionError):
        raise ValidationError(
            JSONColumn.default_error_messages["invalid"], code="invalid"
        ) from None
    return value


def _json_value(text: str) -> Any:
    """The value where it is written like this, else the text as it is."""
    try:
        value = parse_json(text)
        return value if encode_json(value) == text else BrokenJSON(text)
    except (ValueError, RecursionError):
        raise ValidationError(
            JSONColumn.default_error_messages["broken"], code="broken"
        ) from None


def _has_half(value: Any) -> bool:
    return bool(HALF_CHARACTER.search(json.dumps(value, ensure_ascii=False)))


def _only_key(value: Any) -> Any:
    return next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None


# --- Both


def _flag(field: Field, given: Any) -> bool | int:
    """Yes or no; another whole number is left to the field to refuse."""
    word = given if isinstance(given, str) else repr(given).lower()
    if word not in FLAGS:
        raise ValidationError(_("Write true or false."), code="flag")
    flag = FLAGS[word]
    return int(flag) if isinstance(field, FlagField) else flag


def _number(field: Field, text: str) -> int | float:
    if not text.strip():
        raise ValidationError(
            _("An empty cell is an empty text; write \\N for NULL."), code="empty"
        )
    if isinstance(stored_field(field), models.FloatField):
        if NUMBER.fullmatch(text):
            return float(text)
        raise ValidationError(_("Enter a number."), code="number")
    whole = INTEGER.fullmatch(text)
    if not whole:
        raise ValidationError(_("Enter a whole number."), code="number")
    return int(whole[1])


def _spelled(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # YAML knows hexadecimal numbers; Python prints no such length
        raise ValidationError(_("The number is too large."), code="large") from None


def _text(field: Field, text: str) -> str:
    if isinstance(field, LocalDateTimeField):
        field.to_python(text)  # raises
    return text
