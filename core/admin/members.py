"""Columns that hold a JSON object of known members, each with an input of its own.

The object is sent as JSON, as it was shown and may have been edited, and beside it
what the inputs of its members showed. Only a member whose input holds something else
by now is set in the JSON; all others stay as they are there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.admin import input_tags, json_view
from core.admin.kinds import Kind, kind_of
from core.fields import JSON_NULL
from core.fields.jsontext import parse_json
from core.secrets import MASK

if TYPE_CHECKING:
    from core.models.base import Members, Record

ON = "on"
LONG = 200
"""Characters from which a text is left to the JSON."""
# What an input of one line does not send back as it was.
NEVER_IN_A_LINE = frozenset("\r\n\0")


class Part(NamedTuple):
    """One member with an input of its own."""

    name: str
    label: str
    shown: str
    """What its input holds; of a switch that is on, ON."""
    note: str
    """The stored value, where the input does not say it."""


def known(model: type[Record], name: str) -> Members | None:
    """What is known of the members of this column; None where nothing is."""
    found = model.members.get(name)
    return found if found and kind_of(model, name) is Kind.JSON else None


def parts(found: Members, text: str) -> list[Part]:
    """The inputs for an object, given as JSON. None for a text that is no object."""
    held = _object(text)
    if held is None:
        return []
    part = _switch if found.are_switches else _line
    made = [part(held, name, str(label)) for name, label in found.vocabulary.choices]
    return [each for each in made if each is not None]


def others(found: Members, text: str) -> dict[str, Any]:
    """The members that have no input of their own."""
    shown = {part.name for part in parts(found, text)}
    held = _object(text) or {}
    return {name: value for name, value in held.items() if name not in shown}


def group(
    found: Members, key: str, text: str, attributes: input_tags.Attributes
) -> SafeString:
    """The inputs as HTML; `key` is the name of the input that holds the JSON."""
    made = parts(found, text)
    shown = json.dumps({part.name: part.shown for part in made})
    render = _switch_html if found.are_switches else _line_html
    items = "".join(render(key, part) for part in made)
    css = "picks" if found.are_switches else "member-lines"
    html = f'{input_tags.hidden(f"{key}-members", shown)}<ul class="{css}">{items}</ul>'
    return input_tags.grouped(mark_safe(html), attributes)  # noqa: S308  escaped


def joined(
    data: Mapping[str, str], model: type[Record], prefix: str
) -> Mapping[str, str]:
    """What was sent, with the edited members of each object in its JSON."""
    edited = {
        f"{prefix}{name}": _edited(data, f"{prefix}{name}", found)
        for name in model.members
        if f"{prefix}{name}-members" in data and (found := known(model, name))
    }
    return {**{name: data[name] for name in data}, **edited} if edited else data


def words(model: type[Record], name: str, value: Any) -> list[str] | None:
    """The labels of the switches that are on; None for a value that is no object."""
    found = known(model, name)
    if found is None or not found.are_switches:
        return None
    if value is None or value is JSON_NULL:
        return []
    if not isinstance(value, dict):
        return None
    labels = dict(found.vocabulary.choices)
    # As the boxes of the form, which also show 1 and "true" as on.
    return [
        str(labels.get(key, key))
        for key, held in value.items()
        if held is True or (held and key in labels)
    ]


def _object(text: str) -> dict[str, Any] | None:
    """The object of a JSON text. Where nothing is stored, one may be begun."""
    if text == "":
        return {}
    try:
        value = parse_json(text)
    except (ValueError, RecursionError):
        return None
    if value is JSON_NULL:
        return {}
    return value if isinstance(value, dict) else None


def _switch(held: Mapping[str, Any], name: str, label: str) -> Part:
    value = held.get(name)
    is_plain = name not in held or isinstance(value, bool)
    note = "" if is_plain else json_view.dumps(value)[:LONG]
    return Part(name, label, ON if value else "", note)


def _line(held: Mapping[str, Any], name: str, label: str) -> Part | None:
    value = held.get(name)
    if value is None:
        return Part(name, label, "", "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = json_view.printable(str(value))
    is_hidden = MASK in text
    if len(text) > LONG or is_hidden or not NEVER_IN_A_LINE.isdisjoint(text):
        return None
    is_number = not isinstance(value, str)
    return Part(name, label, text, _("a number") if is_number else "")


def _switch_html(key: str, part: Part) -> str:
    state = " checked" if part.shown else ""
    note = ""
    if part.note:
        text = escape(_("stored as %s") % part.note)
        note = f' <span class="muted">{text}</span>'
    return (
        f'<li><label><input type="checkbox" name="{_input_name(key, part)}"{state}>'
        f"<span>{escape(part.label)} <code>{escape(part.name)}</code>{note}</span>"
        "</label></li>"
    )


def _line_html(key: str, part: Part) -> str:
    name = _input_name(key, part)
    given = {"id": f"id_{name}", "autocomplete": "off"}
    note = f' <span class="muted">{escape(part.note)}</span>' if part.note else ""
    return (
        f'<li><label for="id_{name}">{escape(part.label)} '
        f"<code>{escape(part.name)}</code>{note}</label>"
        f"{input_tags.line(name, part.shown, given)}</li>"
    )


def _input_name(key: str, part: Part) -> str:
    return escape(f"{key}-member-{part.name}")


def _edited(data: Mapping[str, str], key: str, found: Members) -> str:
    """The JSON that was sent, with the members that were edited beside it."""
    text = data.get(key, "").replace("\r\n", "\n")
    held, new = _object(text), _new_values(data, key, found)
    if held is None or not new:
        return data.get(key, "")
    return json_view.dumps({**held, **new}, indent=2)


def _new_values(data: Mapping[str, str], key: str, found: Members) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, was in _shown(data.get(f"{key}-members", "")).items():
        sent = data.get(f"{key}-member-{name}", "")
        now = ON if found.are_switches and sent else sent
        if name not in found.vocabulary.values or now == was:
            continue
        # MoviePilot's own pages write null for a line that was emptied.
        values[name] = bool(now) if found.are_switches else now or None
    return values


def _shown(text: str) -> dict[str, str]:
    """What the inputs showed, as the form carried it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
