"""Text of the environment as values: what MoviePilot accepts, and nothing besides.

django-environ's own casts take any word for False and drop letters from numbers.
"""

from __future__ import annotations

import json
import math
import re
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from collections.abc import Callable

TRUE = {"1", "on", "t", "true", "y", "yes"}
FALSE = {"0", "off", "f", "false", "n", "no"}
HOST_IN_BRACKETS = re.compile(r"\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]")


def convert(text: str, kind: Any) -> Any:
    """The value of this type that the text stands for; empty is None where it may be.

    Raises ValueError, which says what to write and does not repeat the text.
    """
    kinds = get_args(kind)
    if NoneType in kinds:
        if not text:
            return None
        kind = next(each for each in kinds if each is not NoneType)
    return CASTS[kind](text)


def to_bool(text: str) -> bool:
    """Raises ValueError for what is neither of both."""
    word = text.strip().lower()
    if word not in TRUE | FALSE:
        raise ValueError("write true or false")
    return word in TRUE


def to_int(text: str) -> int:
    """Raises ValueError for what is no whole number."""
    try:
        return int(text)
    except ValueError:
        raise ValueError("write a whole number") from None


def to_float(text: str) -> float:
    """Raises ValueError for what is no number, or infinite."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("write a number such as 0.5")
    return number


def to_texts(text: str) -> list[str]:
    """A list of texts. Raises ValueError."""
    items = _items(text, 'write a list such as ["a", "b"], or a,b')
    return [str(item) for item in items]


def to_numbers(text: str) -> list[int]:
    """A list of whole numbers. Raises ValueError."""
    wanted = "write a list of whole numbers such as [1, 2], or 1,2"
    try:
        return [int(str(item)) for item in _items(text, wanted)]
    except ValueError:
        raise ValueError(wanted) from None


def _items(text: str, wanted: str) -> list[str | int | float]:
    """A list as MoviePilot writes it, in JSON, or with commas."""
    plain = [part.strip() for part in text.split(",") if part.strip()]
    hosts = [part for part in plain if HOST_IN_BRACKETS.fullmatch(part)]
    # A list of hosts may begin with a bracket too: [::1],localhost
    if not text.strip().startswith("[") or plain[:1] == hosts[:1] != []:
        return [*plain]
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(wanted) from None
    if not all(type(item) in (str, int, float) for item in items):
        raise ValueError(wanted)
    return [*items]


CASTS: dict[Any, Callable[[str], Any]] = {
    str: str,
    bool: to_bool,
    int: to_int,
    float: to_float,
    list[str]: to_texts,
    list[int]: to_numbers,
}
