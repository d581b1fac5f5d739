"""A list's filters: the bar of inputs, and the chips for those in force.

The choices come from MoviePilot's vocabularies, never from the table: looking for
the values that occur would read all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.admin import input_tags
from core.admin.kinds import (
    Kind,
    choices_of,
    column_of,
    is_code,
    kind_of,
    option_label,
)

if TYPE_CHECKING:
    from core.models.base import Record

EMPTY = "~empty"
"""In a select, the choice of records where the column holds nothing."""


@dataclass(frozen=True)
class Control:
    """One filter of the bar."""

    label: str
    names: list[str]
    """Names of its inputs: two for a span of days."""
    values: list[str]
    options: str = ""
    """A select's choices as HTML."""
    kind: str = "text"

    @property
    def name(self) -> str:
        """The name of the first input."""
        return self.names[0]

    @property
    def value(self) -> str:
        """The value of the first input."""
        return self.values[0]


@dataclass(frozen=True)
class Chip:
    """One filter in force, and the page without it."""

    label: str
    value: str
    remove_url: str


def label_of(model: type[Record], name: str) -> str:
    """The column's name for people, or that of a filter which is no column's."""
    if name in model.conditions:
        return str(model.conditions[name].label)
    return capfirst(str(column_of(model, name).verbose_name))


def control(model: type[Record], entry: str, given: Mapping[str, str]) -> Control:
    """The input for one of `filter_fields`: a column, or column__lookup."""
    name, _sep, lookup = entry.partition("__")
    label = label_of(model, name)
    if name in model.conditions:
        words = [("1", _("Yes")), ("0", _("No"))]
        return _select(label, entry, words, given.get(entry, ""))
    kind = kind_of(model, name)
    if lookup == "empty":
        words = [("0", _("Has a value")), ("1", _("Empty"))]
        return _select(label, entry, words, given.get(entry, ""))
    if not lookup and kind is Kind.STAMP:
        names = [f"{name}__gte", f"{name}__lte"]
        days = [given.get(each, "")[:10] for each in names]
        return Control(label, names, days, kind="days")
    if not lookup and kind in (Kind.FLAG, Kind.CHOICE):
        return _choice(model, name, given)
    if lookup == "contains":
        label = _("%s contains") % label
    return Control(label, [entry], [given.get(entry, "")])


def _choice(model: type[Record], name: str, given: Mapping[str, str]) -> Control:
    words = [("1", _("Yes")), ("0", _("No"))]
    if kind_of(model, name) is Kind.CHOICE:
        known = choices_of(model, name)
        words = [(str(value), option_label(value, label)) for value, label in known]
    if column_of(model, name).null:
        words.append((EMPTY, _("Empty")))
    chosen = EMPTY if given.get(f"{name}__empty") == "1" else given.get(name, "")
    return _select(label_of(model, name), name, words, chosen)


def _select(label: str, name: str, words: list[tuple[str, str]], now: str) -> Control:
    if now and now not in dict(words):
        words = [*words, (now, now)]
    options = input_tags.options([("", _("Any")), *words], now)
    return Control(label, [name], [now], options, kind="select")


def chip_label(model: type[Record], entry: str) -> str:
    """What a filter asks of its column."""
    name, _sep, lookup = entry.partition("__")
    patterns = {
        "contains": _("%s contains"),
        "startswith": _("%s starts with"),
        "gte": _("%s from"),
        "lte": _("%s to"),
    }
    return patterns.get(lookup, "%s").replace("%s", label_of(model, name))


def chip_value(model: type[Record], entry: str, value: str) -> str:
    """The value of a filter for people."""
    name, _sep, lookup = entry.partition("__")
    if lookup == "empty":
        return _("empty") if value == "1" else _("not empty")
    if name in model.conditions or kind_of(model, name) is Kind.FLAG:
        return {"1": _("Yes"), "0": _("No")}.get(value, value)
    labels = {str(known): label for known, label in choices_of(model, name)}
    return str(labels[value]) if value in labels and is_code(value) else value


def chips(
    model: type[Record], given: Mapping[str, str], url: Callable[..., str]
) -> Iterator[Chip]:
    """The filters in force. `url(without=name)` is the page without one of them."""
    for entry, value in given.items():
        shown = chip_value(model, entry, value)
        yield Chip(chip_label(model, entry), shown, url(without=entry))
