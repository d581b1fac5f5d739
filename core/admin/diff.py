"""Two long values as one text with what went and what came."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.admin import choosing
from core.admin.json_view import dumps, printable
from core.fields import JSONColumn
from core.fields.jsontext import BrokenJSON, decode_json
from core.secrets import Masked, mask_json

if TYPE_CHECKING:
    from core.models.base import Record

LONG = 40
"""Characters from which two values are easier to read as one text."""
MOST = 100_000
MOST_LINES = 2_000
AROUND = 40
"""Characters of common text shown on either side of a difference."""
MOST_SHOWN = 4_000


def diff(model: type[Record], name: str, before: Any, after: Any) -> SafeString | None:
    """The difference of two raw values, or None where side by side says it as well."""
    if not isinstance(before, str) or not isinstance(after, str):
        return None
    if not LONG < len(before) + len(after) < MOST:
        return None
    if is_json(model, name):
        return _diff_json(model, name, before, after)
    if isinstance(before, Masked) or isinstance(after, Masked):
        return None
    if "\n" in before or "\n" in after:
        return _diff_lines(before.splitlines(), after.splitlines())
    return _diff_texts(before, after)


def is_json(model: type[Record], name: str) -> bool:
    """Whether the column holds JSON; columns the model does not know hold text."""
    try:
        return isinstance(model._meta.get_field(name), JSONColumn)
    except FieldDoesNotExist:
        return False


def _diff_json(
    model: type[Record], name: str, before: str, after: str
) -> SafeString | None:
    named = [choosing.lines(model, name, decode_json(raw)) for raw in (before, after)]
    old, new = named if all(named) else (_laid_out(before), _laid_out(after))
    return None if old is None or new is None else _diff_lines(old, new)


def _laid_out(raw: str) -> list[str] | None:
    """The lines of a JSON text, secrets masked; None where it cannot be masked."""
    if isinstance(raw, Masked):
        try:
            return dumps(json.loads(raw), indent=2).splitlines()
        except ValueError:
            return None
    value = decode_json(raw)
    try:
        return (
            None
            if isinstance(value, BrokenJSON)
            else dumps(mask_json(value), indent=2).splitlines()
        )
    except RecursionError:
        return None


def _diff_lines(before: list[str], after: list[str]) -> SafeString | None:
    if max(len(before), len(after)) > MOST_LINES:
        return None
    if before == after:
        # A secret part, the spacing or the escapes: nothing that may be or can be read.
        text = _("Only hidden parts or the spelling of the JSON differ.")
        return mark_safe(f'<span class="muted">{escape(text)}</span>')  # noqa: S308
    lines = [*difflib.unified_diff(before, after, lineterm="", n=2)][2:]
    # The first hunk's head says that something was left out: not before the first line.
    html = "\n".join(map(_line, lines[lines[0].startswith("@@ -1") :]))
    return mark_safe(f'<pre class="json-text text-diff">{html}</pre>')  # noqa: S308


def _line(line: str) -> str:
    sign, text = line[:1], escape(line[1 : MOST_SHOWN + 1])
    if sign == "@":
        return '<span class="muted">…</span>'
    tags = {"+": ("<ins>", "</ins>"), "-": ("<del>", "</del>")}
    opening, closing = tags.get(sign, ("", ""))
    return f"{opening}{text}{closing}"


def _diff_texts(before: str, after: str) -> SafeString:
    """One line: what is common at both ends, and what differs between."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    head = before[:start]
    tail = before[len(before) - end :]
    parts = [
        ("…" if len(head) > AROUND else "") + head[-AROUND:],
        before[start : len(before) - end],
        after[start : len(after) - end],
        tail[:AROUND] + ("…" if len(tail) > AROUND else ""),
    ]
    shown = [escape(printable(part[:MOST_SHOWN])) for part in parts]
    gone = f"<del>{shown[1]}</del>" if shown[1] else ""
    came = f"<ins>{shown[2]}</ins>" if shown[2] else ""
    html = f'<span class="text-diff">{shown[0]}{gone}{came}{shown[3]}</span>'
    return mark_safe(html)  # noqa: S308  every part is escaped


def _common(one: str, other: str) -> int:
    """Characters the two begin with alike."""
    most = min(len(one), len(other))
    return next((place for place in range(most) if one[place] != other[place]), most)
