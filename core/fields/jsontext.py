"""JSON text as MoviePilot reads and writes it."""

from __future__ import annotations

import enum
import json
import math
import re
from typing import Any, Final

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class JSONNull(enum.Enum):
    """The JSON value `null`, which is not the same as an SQL NULL."""

    NULL = "null"

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return "null"


JSON_NULL: Final = JSONNull.NULL


class BrokenJSON(str):
    """Text found in a JSON column that is not JSON, exactly as it stands there."""

    __slots__ = ()


def encode_json(value: Any) -> str:
    r"""Return the text MoviePilot would store: \uXXXX, ", ", ": ", keys in order.

    Raises ValueError for NaN and the infinities, TypeError for what JSON lacks.
    """
    if isinstance(value, BrokenJSON):
        return str(value)
    if value is JSON_NULL:
        return "null"
    return _ENCODER.encode(value)


def parse_json(text: str | bytes) -> Any:
    """Parse strictly; the value `null` comes back as JSON_NULL.

    Raises ValueError (json.JSONDecodeError where a position is known).
    """
    try:
        value = _DECODER.decode(text) if isinstance(text, str) else _loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return JSON_NULL if value is None else value


def decode_json(stored: Any) -> Any:
    """Return what a JSON column holds, whatever it holds; never raises.

    SQLite gives bare numbers as int or float, because a column declared JSON
    has numeric affinity. What is not JSON comes back as BrokenJSON.
    """
    if stored is None or isinstance(stored, int):
        return stored
    if isinstance(stored, float):
        return stored if math.isfinite(stored) else BrokenJSON(stored)
    try:
        return parse_json(stored)
    except (ValueError, TypeError):
        return BrokenJSON(_as_text(stored))


def readable_json(value: Any) -> str:
    """Return JSON laid out for people, with characters instead of escapes."""
    if value is None or isinstance(value, BrokenJSON):
        return value or ""
    if value is JSON_NULL:
        return "null"
    text = json.dumps(value, indent=2, ensure_ascii=False)
    # Half a surrogate pair cannot be sent to a browser; its escape can.
    return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def escape_non_ascii(text: str) -> str:
    """Return `text` as it stands inside JSON that MoviePilot wrote."""
    return "".join(char if char.isascii() else json.dumps(char)[1:-1] for char in text)


def _as_text(stored: Any) -> str:
    if isinstance(stored, bytes):
        return stored.decode(errors="backslashreplace")
    return str(stored)


def _loads(text: Any) -> Any:
    return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite_float)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is out of range")
    return value


# Made once: an export asks for each value of millions.
_ENCODER = json.JSONEncoder(allow_nan=False)
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite_float)
