"""One secret value for the eyes of somebody who may see it."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString, mark_safe

from core.admin.json_view import printable
from core.admin.kinds import Kind
from core.fields import JSON_NULL, BrokenJSON, JSONColumn, decode_json
from core.fields.jsontext import readable_json
from core.redaction import mask_text
from core.secrets import mask_json

if TYPE_CHECKING:
    from core.admin.record_form import FieldState
    from core.models.base import Record

# Letters that nobody sees, or that turn round the text beside them. Tab and line feed
# stand for themselves.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\uffff\U000e0000-\U000e0fff]"
)


def can_be_revealed(model: type[Record], name: str) -> bool:
    """Whether a column may hold a secret that is of use to a person."""
    if name in model.never_revealed:
        return False
    return name in model.secret_fields or isinstance(model.column(name), JSONColumn)


def hides_something(state: FieldState) -> bool:
    """Whether what a page shows of the value is not all of it."""
    value, entry = state.value, state.input
    if value is None or value == "" or value is JSON_NULL:
        return False
    if entry.kind is Kind.SECRET:
        return True
    if isinstance(value, BrokenJSON):
        return entry.kind is Kind.SECRET_JSON or mask_text(value) != value
    every = entry.kind is Kind.SECRET_JSON and entry.model.every_text_is_secret(
        state.secret_name
    )
    try:
        masked = mask_json(value, every_text=every, name=state.secret_name)
    except RecursionError:
        return True
    return bool(masked != value)


def text_of(model: type[Record], name: str, raw: Any) -> str:
    """A raw value as text: '' for nothing, JSON laid out."""
    if isinstance(model.column(name), JSONColumn):
        value = decode_json(raw)
        return "" if value is JSON_NULL or value == "" else readable_json(value)
    if isinstance(raw, bytes):
        return raw.decode(errors="backslashreplace")
    return "" if raw is None else str(raw)


def as_html(text: str) -> SafeString:
    """The text as it is, to read and to copy; what nobody would see is pointed out."""
    shown = UNSEEN.sub(_point_out, escape(printable(text)))
    # The element inside keeps a line feed at the very beginning from being dropped.
    return mark_safe(f'<pre class="revealed"><bdi>{shown}</bdi></pre>')  # noqa: S308  escaped


def _point_out(found: re.Match[str]) -> str:
    char = found[0]
    # A browser takes a carriage return for a line feed unless it is spelled like this.
    kept = {"\r": "&#13;", "\0": "\ufffd"}.get(char, char)
    code = f"U+{ord(char):04X}"
    return f'<bdi class="unseen" data-code="{code}">{kept}</bdi>'
