"""One stored value as escaped HTML. What is shown never says more than may be seen."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.admin import choosing, json_view
from core.admin.kinds import Kind, choices_of, is_code, kind_of
from core.fields import JSON_NULL, JSONColumn, decode_json
from core.models.base import Record
from core.secrets import MASK, Masked

SHORT = 160
"""Characters of a text that a list shows; the record's page has all of them."""
TITLE = 300
PATH_TAIL = 20
SMALL_IMAGE = 6000
"""Characters of an embedded picture that a list still shows."""
NULL = mark_safe('<span class="null">NULL</span>')
SECRET = mark_safe(f'<span class="secret">{MASK}</span>')  # noqa: S308  constant
# Letters that run right to left, and marks that turn the text around them.
TURNS = re.compile(
    r"[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]"
)
WEB = re.compile(r"https?://[^\s]+", re.IGNORECASE)
PICTURE = re.compile(
    r"https://[^\s\"'<>]+|data:image/(?:png|jpe?g|gif|webp|ico|x-icon|bmp|svg\+xml);base64,"
    r"[a-z0-9+/=\s]+",
    re.IGNORECASE,
)
# The Movie Database keeps each picture in several widths.
TMDB_SIZE = re.compile(r"(image\.tmdb\.org/t/p/)(?:w\d+|original)/")
UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

Show = Callable[[Any], str]
Choices = tuple[tuple[Any, str], ...]


def show(model: type[Record], name: str, value: Any) -> SafeString:
    """The value in one short line."""
    return mark_safe(shower(model, name)(value))  # noqa: S308  every shower escapes


def show_full(model: type[Record], name: str, value: Any) -> SafeString:
    """The value in full length, JSON as a tree that opens."""
    kind = kind_of(model, name)
    if kind is Kind.JSON:
        return json_view.tree(value)
    if kind in (Kind.TEXT, Kind.PATH) and isinstance(value, str) and value:
        return mark_safe(turned(escape(value)))  # noqa: S308  escaped
    return show(model, name, value)


def show_raw(model: type[Record], name: str, raw: Any) -> SafeString:
    """A value as the database gives it, or core.secrets.Masked, in one line."""
    if isinstance(raw, Masked):
        return mark_safe(f'<span class="secret">{escape(raw)}</span>')  # noqa: S308
    if isinstance(model._meta.get_field(name), JSONColumn):
        return show(model, name, decode_json(raw))
    return show(model, name, raw)


def shower(model: type[Record], name: str) -> Show:
    """The function that shows this column's values, to be called for many."""
    if named := choosing.shower(model, name):
        return lambda value: NULL if value is None else named(value)
    kind = kind_of(model, name)
    if kind is Kind.CHOICE:
        return _choice_shower(choices_of(model, name))
    return flag_shower() if kind is Kind.FLAG else SHOWERS[kind]


def turned(escaped: str) -> str:
    """The text kept from turning round what stands beside it."""
    if escaped.isascii() or not TURNS.search(escaped):
        return escaped
    return f"<bdi>{escaped}</bdi>"


def empty_text() -> str:
    """The empty text, which is not NULL."""
    word = escape(_("empty"))
    return f'<span class="empty-text">{word}</span>'


def _nothing(value: Any) -> str | None:
    if value is None:
        return NULL
    return empty_text() if value == "" else None


def show_text(value: Any) -> str:
    """Text, cut where it is too long for a list."""
    if not value and (nothing := _nothing(value)):
        return nothing
    text = str(value)
    if len(text) <= 40:
        return turned(escape(text))
    shown = text if len(text) <= SHORT else f"{text[:SHORT]}…"
    return f'<span title="{escape(text[:TITLE])}">{turned(escape(shown))}</span>'


def show_path(value: Any) -> str:
    """A path in two parts, so that a narrow column keeps its end in sight."""
    if not value and (nothing := _nothing(value)):
        return nothing
    text = str(value)
    if len(text) < PATH_TAIL + 4:
        return turned(escape(text))
    head, tail = text[:-PATH_TAIL][-TITLE:], text[-PATH_TAIL:]
    return (
        f'<span class="path" title="{escape(text[-TITLE:])}">'
        f'<span class="path-head">{turned(escape(head))}</span>'
        f'<span class="path-tail">{turned(escape(tail))}</span></span>'
    )


def show_number(value: Any) -> str:
    """A number as it is stored: without separators, exact."""
    if value is None or value == "":
        return _nothing(value) or ""
    return escape(str(value))


def show_size(value: Any) -> str:
    """Bytes in the unit that keeps them readable."""
    if not isinstance(value, int | float):
        return show_number(value)
    size, unit = float(value), 0
    while abs(size) >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f'<span title="{value}">{size:.{2 if unit else 0}f} {UNITS[unit]}</span>'


def show_flag(value: Any) -> str:
    """Yes or no; anything else that stands in the column is shown as it is."""
    return flag_shower()(value)


def flag_shower() -> Show:
    """Shows flags in the language of this request."""
    yes, no = escape(_("Yes")), escape(_("No"))
    # 1 and 0 are the same keys as True and False.
    known = {
        None: NULL,
        True: f'<span class="flag is-on">{yes}</span>',
        False: f'<span class="flag is-off">{no}</span>',
        "": empty_text(),
    }

    def show_known(value: Any) -> str:
        if value in known:
            return known[value]
        return f'<span class="broken">{escape(str(value)[:SHORT])}</span>'

    return show_known


def show_stamp(value: Any) -> str:
    """A time as MoviePilot wrote it, in its own zone."""
    if not value and (nothing := _nothing(value)):
        return nothing
    if isinstance(value, datetime.datetime):
        value = value.replace(tzinfo=None).isoformat(" ", "seconds")
    return f'<time class="stamp">{escape(str(value)[:SHORT])}</time>'


def show_link(value: Any) -> str:
    """An address, to follow only where it leads to the web."""
    if not isinstance(value, str) or not WEB.fullmatch(value):
        return show_text(value)
    return (
        f'<a href="{escape(value)}" rel="noopener noreferrer" target="_blank">'
        f"{show_text(value)}</a>"
    )


def show_image(value: Any) -> str:
    """A small picture, or the text where it is none."""
    address = picture(value)
    if address:
        return thumbnail(address)
    if isinstance(value, str) and value.startswith("data:"):
        text = escape(_("picture, %d kB") % (len(value) // 1024))
        return f'<span class="muted">{text}</span>'
    return show_link(value)


def show_json(value: Any) -> str:
    """JSON in one line."""
    return NULL if value is None else json_view.brief(value)


def show_secret(value: Any) -> str:
    """Whether there is a secret, never which."""
    return _nothing(value) or SECRET


def show_secret_json(value: Any) -> str:
    """The shape of JSON that holds secrets, and nothing of what is in it."""
    if value is None or value is JSON_NULL:
        return show_json(value)
    if isinstance(value, dict | list):
        return json_view.size(value)
    return SECRET


def picture(value: Any) -> str:
    """The address of a picture a page may show, or '' where there is none."""
    if not isinstance(value, str) or len(value) > SMALL_IMAGE:
        return ""
    # MoviePilot stores uploads as data:image/ico;base64,b'…', b and quotes included.
    value = value.replace(";base64,b'", ";base64,").removesuffix("'")
    return TMDB_SIZE.sub(r"\1w92/", value) if PICTURE.fullmatch(value) else ""


def thumbnail(address: str, *, css: str = "poster") -> str:
    """The picture, fetched late and without telling its server where it is shown."""
    return (
        f'<img class="{css}" src="{escape(address)}" alt="" width="28" height="42" '
        'loading="lazy" decoding="async" referrerpolicy="no-referrer">'
    )


def _choice_shower(choices: Choices) -> Show:
    known = {value: _word(value, str(label)) for value, label in choices}

    def show_choice(value: Any) -> str:
        return known[value] if value in known else show_text(value)

    return show_choice


def _word(value: Any, label: str) -> str:
    # MoviePilot's words stand as they are stored; single letters are spelled out.
    text, title = (label, str(value)) if is_code(value) else (str(value), label)
    if text == title:
        return escape(text)
    return f'<span title="{escape(title)}">{escape(text)}</span>'


SHOWERS: dict[Kind, Show] = {
    Kind.TEXT: show_text,
    Kind.PATH: show_path,
    Kind.IMAGE: show_image,
    Kind.LINK: show_link,
    Kind.NUMBER: show_number,
    Kind.SIZE: show_size,
    Kind.STAMP: show_stamp,
    Kind.JSON: show_json,
    Kind.SECRET: show_secret,
    Kind.SECRET_JSON: show_secret_json,
}
