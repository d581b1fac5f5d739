"""Columns whose values are chosen: names that an input suggests, and JSON lists that
are ticked in place of typed.

A list is sent as the JSON that was shown, the JSON of what else there was to choose
from, and a numbered box for each of these values. What was ticked before keeps its
order; what is new follows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core import choices
from core.admin import input_tags, json_view
from core.admin.kinds import Kind, kind_of
from core.current import current_operator
from core.permissions import may

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from core.models.base import Record

Value = int | str
Held = Mapping[Value, int]
"""What the lists of some records hold, and how many of them do."""
MOST = 300
"""Boxes a form shows; a longer list is edited as JSON."""
IN_SIGHT = 8
"""Values not chosen that stand beside the chosen ones; more are folded away."""
NAMED = 12
"""Sites a list names."""

SUGGESTED: dict[str, Callable[[], Sequence[str]]] = {
    "downloader": choices.downloaders,
    "save_path": choices.directories,
    "server": choices.media_servers,
}
"""Text column → what to write in it; anything else is taken too."""


class Box(NamedTuple):
    """One value to tick."""

    value: Value
    label: str
    code: str
    """What is stored, where the label does not say it."""
    is_picked: bool
    number: int
    holders: int | None = None
    """How many of the selected records hold it, where that is known."""


def _may_see(table: str) -> bool:
    """Whether names from this table may be offered to whoever is at work."""
    operator = current_operator()
    return operator is None or may(operator, "view", table)


def suggestions(name: str) -> list[tuple[str, str]]:
    """What an input of this column offers."""
    is_offered = name in SUGGESTED and _may_see("core.systemconfig")
    offered = SUGGESTED[name]() if is_offered else ()
    # A page cannot carry every text that JSON can.
    return [(text, text) for text in offered if json_view.printable(text) == text]


def is_listed(model: type[Record], name: str) -> bool:
    """Whether the column is a JSON list of things the console knows."""
    return name in ("sites", "filter_groups") and kind_of(model, name) is Kind.JSON


def known(name: str) -> dict[Value, str]:
    """What such a list may hold, with names; empty where nobody knows, or the operator
    may not see it.
    """
    if name == "sites":
        return dict(choices.sites()) if _may_see("sites.site") else {}
    if not _may_see("core.systemconfig"):
        return {}
    return {group: group for group in choices.rule_groups()}


def _by_text(offered: Mapping[Value, str]) -> dict[str, str]:
    """The names by text: a number written as text means the same site."""
    return {str(value): label for value, label in offered.items()}


def plain_list(text: str) -> list[Value] | None:
    """The values of a JSON text that is a list of numbers and texts, else None."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if is_plain(found) else None


def is_plain(value: object) -> bool:
    """Whether the value is a list, not too long, of whole numbers and texts."""
    return (
        isinstance(value, list)
        and len(value) <= MOST
        and all(type(each) in (int, str) for each in value)
    )


def boxes(name: str, text: str, held: Held | None = None) -> list[Box]:
    """The values of the list and what else there is to choose from: what is known, or
    what is `held`.

    Empty for a text that is no plain list, and where there is nothing to choose from:
    then the text is edited as it is.
    """
    listed, names = plain_list(text), known(name)
    offered = names if held is None else held
    if listed is None or not offered or len(listed) + len(offered) > MOST:
        return []
    given = {str(value) for value in listed}
    values = [*dict.fromkeys(listed), *(v for v in offered if str(v) not in given)]
    labels = _by_text(names)
    counts = held or {}
    return [
        Box(
            value,
            *_words(name, value, labels),
            value in listed,
            number,
            counts.get(value),
        )
        for number, value in enumerate(values)
    ]


def options(name: str, held: Held | None = None) -> list[tuple[Value, str]]:
    """The same for a select, of which one value is chosen."""
    return [
        (each.value, f"{each.label} ({each.code})" if each.code else each.label)
        for each in boxes(name, "[]", held)
        # A page cannot carry every text that JSON can.
        if json_view.printable(str(each.value)) == str(each.value)
    ]


def _words(name: str, value: Value, labels: Mapping[str, str]) -> tuple[str, str]:
    """The label of a box, and its code."""
    if str(value) in labels:
        return labels[str(value)], str(value) if name == "sites" else ""
    gone = _("Site %s (gone)") if name == "sites" else _("%s (gone)")
    return gone % value, ""


def group(
    name: str,
    key: str,
    text: str,
    attributes: input_tags.Attributes,
    held: Held | None = None,
) -> SafeString:
    """The boxes of a list as HTML; `key` is the name of the input."""
    found = boxes(name, text, held)
    picked = [each for each in found if each.is_picked]
    others = [each for each in found if not each.is_picked]
    offered = json.dumps([each.value for each in others])
    hidden = input_tags.hidden(key, json.dumps(plain_list(text)))
    hidden += input_tags.hidden(f"{key}-boxes", offered)
    html = _ticks(key, picked)
    if len(others) <= IN_SIGHT:
        html = _ticks(key, found)
    else:
        text = _("Not chosen: %d") if picked else _("Choose from %d")
        title = escape(text % len(others))
        folded = _ticks(key, others)
        state = "" if held is None else " open"  # all of it is to choose from
        html += f'<details class="fold"{state}><summary>{title}</summary>'
        html += f"{folded}</details>"
    return input_tags.grouped(mark_safe(hidden + html), attributes)  # noqa: S308


def _ticks(key: str, found: Iterable[Box]) -> str:
    items = "".join(f"<li>{_tick(key, each)}</li>" for each in found)
    return f'<ul class="picks">{items}</ul>' if items else ""


def _tick(key: str, box: Box) -> str:
    state = " checked" if box.is_picked else ""
    label = escape(json_view.printable(box.label))
    code = f" {_code(box.code)}" if box.code else ""
    code += f' <span class="count">{box.holders:,}</span>' if box.holders else ""
    return (
        f'<label><input type="checkbox" name="{escape(key)}-pick-{box.number}"{state}>'
        f"<span>{label}{code}</span></label>"
    )


def joined(data: Mapping[str, str], keys: Iterable[str]) -> Mapping[str, str]:
    """What was sent, with the boxes of each list as the JSON they stand for."""
    lists = {key: _picked(data, key) for key in keys if sent_as_boxes(data, key)}
    return {**{name: data[name] for name in data}, **lists} if lists else data


def sent_as_boxes(data: Mapping[str, str], key: str) -> bool:
    """Whether the input was sent as boxes."""
    return f"{key}-boxes" in data


def _picked(data: Mapping[str, str], key: str) -> str:
    shown = plain_list(data.get(key, ""))
    if shown is None:
        return data.get(key, "")
    offered = plain_list(data[f"{key}-boxes"]) or []
    picked = {
        value
        for number, value in enumerate([*dict.fromkeys(shown), *offered])
        if f"{key}-pick-{number}" in data
    }
    values = [each for each in [*shown, *offered] if each in picked]
    return json_view.dumps(values, indent=2)


def shower(model: type[Record], name: str) -> Callable[[Any], str] | None:
    """Shows lists of this column with names; None where the lists say it all."""
    if name != "sites" or not is_listed(model, name):
        return None
    labels: dict[str, str] = {}

    def show(value: Any) -> str:
        nonlocal labels
        if not value or not is_plain(value):
            return json_view.brief(value)
        labels = labels or _by_text(known(name))
        words = [_word(each, labels) for each in value[:NAMED]]
        words += ["…"] * (len(value) > NAMED)
        return f'<span class="named-list">{", ".join(words)}</span>'

    return show


def lines(model: type[Record], name: str, value: Any) -> list[str] | None:
    """A list with names, a line for each; None where the list says it all."""
    if name != "sites" or not is_listed(model, name) or not is_plain(value):
        return None
    labels = _by_text(known(name))
    return [f"{each} {labels.get(str(each), '')}".rstrip() for each in value]


def _word(value: Value, labels: Mapping[str, str]) -> str:
    label = escape(json_view.printable(labels.get(str(value), "")))
    # One word: a number alone on the next line would be the next site's.
    return f"{label}&nbsp;{_code(str(value))}" if label else _code(str(value))


def _code(text: str) -> str:
    return f"<code>{escape(json_view.printable(text))}</code>"
