"""Records out of JSON, JSON Lines and YAML: one object each."""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING, Any, TextIO

import yaml
from django.utils.translation import gettext as _

from core.exchange.faults import BROKEN_JSON, NO_OBJECT, TOO_DEEP, TOO_MANY
from core.exchange.limits import (
    MEGABYTE,
    MOST_CELL,
    MOST_DEPTH,
    MOST_LINE,
    MOST_VALUES,
    Unreadable,
    has_too_many_values,
    refuse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.exchange.packed import Row

BLANK = re.compile(r"[ \t\r\n]*")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def json_lines(text: TextIO) -> Iterator[Row]:
    """(line, object) of each line that is not blank. Raises Unreadable."""
    for number, line in enumerate(iter(lambda: text.readline(MOST_LINE), ""), 1):
        if len(line) == MOST_LINE:
            _too_long(number)
        if not line.isspace():
            yield number, _object(line)


def _object(line: str) -> Any:
    if has_too_many_values(line):
        return TOO_MANY
    try:
        value = DECODER.decode(line)
    except ValueError:
        return BROKEN_JSON
    except RecursionError:
        return TOO_DEEP
    return _checked(value)


def _checked(value: Any) -> Any:
    """The object, or what is wrong with it."""
    if not isinstance(value, dict):
        return NO_OBJECT
    return TOO_DEEP if is_deep(value) else value


def is_deep(value: Any) -> bool:
    """Whether lists and objects stand in one another too many times."""
    level = [value]
    for _depth in range(MOST_DEPTH):
        level = [
            each
            for outer in level
            for each in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(each, dict | list)
        ]
        if not level:
            return False
    return True


def json_array(text: TextIO) -> Iterator[Row]:
    """(number, object) of the objects in a list, or of a single one.

    Reads no more of the text at a time than one of them takes. Raises Unreadable.
    """
    window = _Window(text)
    if window.peek() == "{":
        yield 1, _checked(window.value(1))
    else:
        window.take("[", 1)
        number = 0
        while window.peek() != "]":
            number += 1
            if number > 1:
                window.take(",", number)
            yield number, _checked(window.value(number))
        window.take("]", number)
    if window.peek():
        refuse(_("More text follows the end of the JSON."))


class _Window:
    """The part of a JSON text that is being read."""

    def __init__(self, text: TextIO) -> None:
        self.text, self.data, self.at = text, "", 0

    def fill(self) -> bool:
        """Read on; False at the end."""
        more = self.text.read(MEGABYTE)
        self.data = self.data[self.at :] + more
        self.at = 0
        return bool(more)

    def peek(self) -> str:
        """The next character that is not blank; '' at the end."""
        while True:
            blank = BLANK.match(self.data, self.at)
            self.at = blank.end() if blank else self.at
            if self.at < len(self.data) or not self.fill():
                return self.data[self.at : self.at + 1]

    def take(self, char: str, number: int) -> None:
        """Go past this character. Raises Unreadable where another one stands."""
        if self.peek() != char:
            refuse(
                _("Record %(number)s: “%(char)s” is expected before or after it.")
                % {"number": f"{number:,}", "char": char}
            )
        self.at += 1

    def value(self, number: int) -> Any:
        """The value that begins here. Raises Unreadable."""
        if self.peek() != "{":
            refuse(_("Record %s is no object, or is missing.") % f"{number:,}")
        while True:
            is_long = len(self.data) - self.at > MEGABYTE
            if is_long and has_too_many_values(self.data[self.at :]):
                refuse(_("Record %s holds too many values.") % f"{number:,}")
            try:
                value, self.at = DECODER.raw_decode(self.data, self.at)
            except RecursionError:
                refuse(_("Record %s is nested too deeply.") % f"{number:,}")
            except ValueError:
                if len(self.data) - self.at > MOST_LINE:
                    _too_long(number)
                if not self.fill():
                    refuse(_("Record %s is not valid JSON.") % f"{number:,}")
            else:
                return value


def _too_long(number: int) -> None:
    refuse(
        _("Record %(number)s is not valid JSON, or longer than %(most)s characters.")
        % {"number": f"{number:,}", "most": f"{MOST_LINE:,}"}
    )


# --- YAML

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,400})")
FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?")
"""No 1e5: others write such a text without quotation marks. And no 12:30:00, which is
45,000 in YAML 1.1, nor 2024-05-01: times are texts here.
"""
TAG = "tag:yaml.org,2002:"


def yaml_list(text: TextIO) -> Iterator[Row]:
    """(number, object) of the objects in a list. Raises Unreadable."""
    loader = LOADER(text)
    try:
        yield from _records(loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{mark.line + 1:,}" if mark else "?"
        refuse(_("Line %s: this is not valid YAML.") % line)
    finally:
        loader.dispose()


def _records(loader: Any) -> Iterator[Row]:
    loader.get_event()  # the stream's start
    if loader.check_event(yaml.StreamEndEvent):
        return
    loader.get_event()  # the document's
    if not loader.check_event(yaml.SequenceStartEvent):
        refuse(_("A list of objects is expected, one for each record."))
    loader.get_event()
    number = 0
    while not loader.check_event(yaml.SequenceEndEvent):
        number += 1
        value = _yaml_value(loader, 0, count(1))
        yield number, value if isinstance(value, dict) else NO_OBJECT
    loader.get_event()
    loader.get_event()  # the document's end
    if not loader.check_event(yaml.StreamEndEvent):
        refuse(_("The file holds more than one document."))


def _yaml_value(loader: Any, depth: int, values: Iterator[int]) -> Any:
    """The value that begins here; `values` counts those of the record."""
    event = loader.get_event()
    if next(values) > MOST_VALUES:
        refuse(_("Line %s: the record holds too many values.") % _line(event))
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    line = _line(event)
    if isinstance(event, yaml.AliasEvent):
        # A few lines of them stand for gigabytes.
        refuse(_("Line %s: aliases (*name) are not read.") % line)
    if depth >= MOST_DEPTH:
        refuse(_("Line %s: nested too deeply.") % line)
    if isinstance(event, yaml.SequenceStartEvent):
        found: Any = []
        while not loader.check_event(yaml.SequenceEndEvent):
            found.append(_yaml_value(loader, depth + 1, values))
        loader.get_event()
        return found
    found = {}
    while not loader.check_event(yaml.MappingEndEvent):
        if not loader.check_event(yaml.ScalarEvent):
            refuse(_("Line %s: a name is expected.") % line)
        name = loader.get_event().value
        found[name] = _yaml_value(loader, depth + 1, values)
    loader.get_event()
    return found


def _line(event: Any) -> str:
    return f"{event.start_mark.line + 1:,}"


def _scalar(event: Any) -> Any:
    value: str = event.value
    if len(value) > MOST_CELL:
        _too_long(event.start_mark.line + 1)
    if event.implicit[0]:
        return _plain(value)
    tag = (event.tag or "").removeprefix(TAG)
    if tag in ("", "!", "str") or event.implicit[1]:
        return value
    if tag in ("int", "float", "bool", "null"):
        return _plain(value)
    raise Unreadable(
        _("Line %(line)s: values of the kind %(tag)s are not read.")
        % {"line": _line(event), "tag": event.tag}
    )


def _plain(text: str) -> Any:
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if FLOAT.fullmatch(text) else text
