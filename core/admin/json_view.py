"""JSON for reading: one line for lists, a tree for pages; secret parts masked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from itertools import islice
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.fields import JSON_NULL, BrokenJSON
from core.redaction import mask_text
from core.secrets import mask_json

BRIEF = 60
FEW = 6
MANY = 12
MOST_NODES = 1500
MOST_TEXT = 4000
OPEN_UP_TO, OPEN_AT_TOP = 8, 40
SURROGATE = re.compile("[\ud800-\udfff]")
NULL = '<span class="null">NULL</span>'
JSON_NULL_HTML = '<span class="null">JSON null</span>'


def printable(text: str) -> str:
    """The text with half characters, which no page can carry, escaped as in JSON."""
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def dumps(value: Any, *, indent: int | None = None) -> str:
    """JSON for people: Chinese as Chinese, on several lines with `indent`."""
    return printable(json.dumps(plain(value), ensure_ascii=False, indent=indent))


def plain(value: Any) -> Any:
    """The value as the json module knows it."""
    return None if value is JSON_NULL else value


def size(value: dict[str, Any] | list[Any]) -> str:
    """How much an object or a list holds."""
    text = f"{{{len(value)}}}" if isinstance(value, dict) else f"[{len(value)}]"
    return f'<span class="json-brief">{text}</span>'


def brief(value: Any) -> str:
    """The value in one short line."""
    if value is JSON_NULL:
        return JSON_NULL_HTML
    if isinstance(value, BrokenJSON):
        title, start = _("Not valid JSON"), escape(mask_text(value)[:BRIEF])
        return f'<span class="broken" title="{title}">{start}</span>'
    text = _outline(mask_json(value))
    if len(text) <= BRIEF:
        return f'<span class="json-brief">{escape(text)}</span>'
    if isinstance(value, dict | list):
        return size(value)
    return f'<span class="json-brief">{escape(text[:BRIEF])}…</span>'


def _outline(value: Any) -> str:
    """The value down to its first level; what lies deeper is only counted."""
    if isinstance(value, dict):
        pairs = islice(value.items(), FEW)
        words = [f"{_word(key)}: {_scalar(child)}" for key, child in pairs]
        return "{" + ", ".join(words + ["…"] * (len(value) > FEW)) + "}"
    if isinstance(value, list):
        words = [_scalar(child) for child in value[:MANY]]
        return "[" + ", ".join(words + ["…"] * (len(value) > MANY)) + "]"
    return _word(value)


def _scalar(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{len(value)}}}"
    return f"[{len(value)}]" if isinstance(value, list) else _word(value)


def _word(value: Any) -> str:
    return dumps(value[: BRIEF * 2] if isinstance(value, str) else value)


def tree(value: Any, name: str = "", *, every_text: bool = False) -> SafeString:
    """The whole value as nested lists that open and close; secret parts masked.

    `name` is the value's own; with `every_text` all its texts and numbers are secret.
    """
    if value is None:
        return mark_safe(NULL)  # noqa: S308  constant
    if value is JSON_NULL:
        return mark_safe(JSON_NULL_HTML)  # noqa: S308  constant
    if isinstance(value, BrokenJSON):
        return mark_safe(_broken(value))  # noqa: S308  escaped inside
    try:
        parts = _Tree().render(mask_json(value, every_text=every_text, name=name))
    except RecursionError:
        parts = _("Nested too deeply to show.")
    return mark_safe(f'<div class="json-view">{parts}</div>')  # noqa: S308  escaped inside


def _broken(value: str) -> str:
    # Of a text that has no parts, only what a name gives away can be masked.
    title = escape(_("Not valid JSON"))
    text = escape(printable(mask_text(value)[:MOST_TEXT]))
    return f'<pre class="json-text broken" title="{title}">{text}</pre>'


class _Tree:
    """Renders a tree of at most MOST_NODES nodes."""

    def __init__(self) -> None:
        self.left = MOST_NODES

    def render(self, value: Any, key: str = "") -> str:
        self.left -= 1
        if isinstance(value, dict | list) and value:
            return self._node(value, key)
        return f'<span class="json-leaf">{key}{_leaf(value)}</span>'

    def _node(self, value: dict[str, Any] | list[Any], key: str) -> str:
        most = OPEN_UP_TO if key else OPEN_AT_TOP
        opened = " open" if len(value) <= most else ""
        children = "".join(self._children(value))
        return (
            f'<details class="json-node"{opened}><summary>{key}{size(value)}</summary>'
            f"<ul>{children}</ul></details>"
        )

    def _children(self, value: dict[str, Any] | list[Any]) -> Iterator[str]:
        known: dict[Any, Any]
        known = value if isinstance(value, dict) else dict(enumerate(value))
        for done, (key, child) in enumerate(known.items()):
            if self.left <= 0:
                rest = escape(_("… and %d more") % (len(value) - done))
                yield f"<li>{rest}</li>"
                return
            yield f"<li>{self.render(child, _key(key))}</li>"


def _key(key: str | int) -> str:
    text = escape(printable(json.dumps(key, ensure_ascii=False)))
    return f'<span class="json-key">{text}</span> '


def _leaf(value: Any) -> str:
    if isinstance(value, str):
        text = value if len(value) <= MOST_TEXT else f"{value[:MOST_TEXT]}…"
        return f'<span class="json-string">{escape(printable(text))}</span>'
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    kind = "number" if is_number else "word"
    return f'<span class="json-{kind}">{escape(dumps(value))}</span>'
