"""Inputs as HTML: Django's widgets render a template each, and a form has dozens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from django.utils.safestring import SafeString, mark_safe

Attributes = Mapping[str, str | int]
Choices = Iterable[tuple[object, object]]


def line(name: str, text: str, attributes: Attributes) -> SafeString:
    """An input of one line."""
    given = _attributes({"type": "text", "name": name, "value": text, **attributes})
    return mark_safe(f"<input{given}>")  # noqa: S308  escaped


def hidden(name: str, text: str) -> SafeString:
    """An input that is sent and not seen."""
    given = _attributes({"type": "hidden", "name": name, "value": text})
    return mark_safe(f"<input{given}>")  # noqa: S308  escaped


def grouped(html: SafeString, attributes: Attributes) -> SafeString:
    """Inputs that are one for whoever reads the page aloud."""
    given = _attributes({"role": "group", **attributes})
    return mark_safe(f"<div{given}>{html}</div>")  # noqa: S308  escaped


def area(name: str, text: str, attributes: Attributes) -> SafeString:
    """An input of several lines."""
    given = _attributes({"name": name, **attributes})
    # A browser drops the first line break, so there has to be one.
    html = f"<textarea{given}>\n{escape(text)}</textarea>"
    return mark_safe(html)  # noqa: S308  escaped


def select(
    name: str, chosen: str, choices: Choices, attributes: Attributes
) -> SafeString:
    """One of few values."""
    html = (
        f"<select{_attributes({'name': name, **attributes})}>"
        f"{options(choices, chosen)}</select>"
    )
    return mark_safe(html)  # noqa: S308  escaped


def suggesting(
    name: str, text: str, choices: Choices, attributes: Attributes
) -> SafeString:
    """An input of one line that offers values and takes any."""
    list_id = f"{attributes.get('id', name)}_list"
    html = (
        line(name, text, {"list": list_id, **attributes})
        + f'<datalist id="{escape(list_id)}">{options(choices)}</datalist>'
    )
    return mark_safe(html)  # noqa: S308  escaped


def options(choices: Choices, chosen: str | None = None) -> SafeString:
    """The choices, (value, label) each."""
    html = "".join(
        f'<option value="{escape(str(value))}"'
        f"{' selected' if str(value) == chosen else ''}>{escape(str(label))}</option>"
        for value, label in choices
    )
    return mark_safe(html)  # noqa: S308  escaped


def _attributes(values: Attributes) -> str:
    return "".join(f' {key}="{escape(str(value))}"' for key, value in values.items())
