"""One column's value as text in a form, and back.

What an input shows for a value is compared with what comes back from the browser;
only where the two differ has the operator edited it.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.admin import choosing, input_tags, json_view, values
from core.admin.kinds import Kind, choices_of, column_of, kind_of, option_label
from core.admin.masking import (
    UnknownPlaceholder,
    mask_for_edit,
    restore,
    seal_for_edit,
    seal_texts,
)
from core.fields import BrokenJSON
from core.fields.jsontext import parse_json
from core.redaction import mask_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models.base import Record

LONG = 80
"""Characters from which a text gets an area instead of a line."""
MOST = 400_000
"""Characters a form carries for one value; settings say how much all may be."""
BLANK = "~blank"
"""In a select, the empty text that is stored; nothing chosen is NULL."""
# Plugins and other versions of MoviePilot bring values of their own here.
OPEN = frozenset({"src_storage", "dest_storage", "mode", "channel", "mtype"})
TEXTS = frozenset({Kind.TEXT, Kind.PATH, Kind.IMAGE, Kind.LINK})
AREA = {"class": "is-mono", "spellcheck": "false"}


def as_posted(text: str) -> str:
    """The text as a browser sends it back unedited, but with plain line feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")


class RecordInput:
    """The input of one column."""

    def __init__(self, model: type[Record], name: str) -> None:
        self.field = column_of(model, name)
        self.model = model
        self.name = name
        self.kind = kind_of(model, name)

    @property
    def can_be_null(self) -> bool:
        """Whether the column may be set to NULL."""
        return not self.model.is_required(self.name)

    @property
    def has_null_box(self) -> bool:
        """Whether NULL and the empty text both stand for something here."""
        is_line = self.kind in TEXTS or self.kind is Kind.STAMP or self.is_open
        return self.field.null and is_line and self.field.empty_strings_allowed

    @property
    def is_open(self) -> bool:
        """Whether a vocabulary only suggests what to write."""
        return self.kind is Kind.CHOICE and self.name in OPEN

    @property
    def is_switch(self) -> bool:
        """Whether one of few values is chosen."""
        return self.kind is Kind.FLAG or (self.kind is Kind.CHOICE and not self.is_open)

    @property
    def is_secret(self) -> bool:
        """Whether the value is never shown, not even in part."""
        return self.kind is Kind.SECRET

    @property
    def is_json(self) -> bool:
        """Whether the column holds JSON."""
        return self.kind in (Kind.JSON, Kind.SECRET_JSON)

    def has_boxes(self, text: str) -> bool:
        """Whether the text is a list that is ticked in place of typed."""
        is_listed = choosing.is_listed(self.model, self.name)
        return is_listed and bool(choosing.boxes(self.name, text))

    @cached_property
    def form_field(self) -> forms.Field:
        """Django's field, which validates what was typed."""
        field = self.field.formfield()
        return field if isinstance(field, forms.Field) else forms.CharField()

    def show(self, value: Any, secret_name: str = "") -> SafeString:
        """The value for reading, in full length; secret parts masked."""
        if choosing.is_listed(self.model, self.name) and choosing.is_plain(value):
            return values.show(self.model, self.name, value)
        if self.is_json and self.name not in self.model.locked_fields:
            is_hidden = self.kind is Kind.SECRET_JSON and isinstance(value, BrokenJSON)
            if is_hidden:
                return values.SECRET
            every = self._hides_every_text(secret_name)
            return json_view.tree(value, secret_name, every_text=every)
        return values.show_full(self.model, self.name, value)

    def text(self, value: Any, *, secret_name: str = "") -> str:
        """The value as the input shows it; never a secret.

        `secret_name` is what the record calls the value, for JSON that is secret
        or not by its name.
        """
        if value is None or self.is_secret:
            return ""
        if self.is_json:
            return self._json_text(value, secret_name)
        if self.is_switch:
            return self._switch_text(value)
        return str(value)

    def parse(self, text: str, *, stored: Any = None, secret_name: str = "") -> Any:
        """The value that was typed. Raises ValidationError.

        `stored` is the record's present value, where hidden parts come from.
        """
        if self.is_switch and text in ("", BLANK):
            return "" if text else None
        if self.is_switch and self.kind is Kind.CHOICE:
            return self.field.to_python(text)
        text = _line_feeds(text)
        if text == "" and self.field.empty_strings_allowed:
            return ""
        value = self.form_field.clean(text)
        if self.is_json and value is not None:
            return self._restore(value, stored, secret_name)
        return None if value == "" else value

    def sealed(self, text: str, *, secret_name: str = "") -> str:
        """JSON that was typed, as the form shows it once more: without secrets."""
        every = self._hides_every_text(secret_name)
        try:
            value = parse_json(text)
            sealed = seal_for_edit(value, secret_name, every_text=every)
            return text if sealed == value else json_view.dumps(sealed, indent=2)
        except (ValueError, RecursionError):
            is_harmless = self.kind is Kind.JSON and mask_text(text) == text
            return text if is_harmless else seal_texts(text)

    def html(self, name: str, text: str, attrs: dict[str, Any]) -> SafeString:
        """The input as HTML. `attrs` are its own attributes."""
        if self.is_switch:
            return input_tags.select(name, text, self._options(text), attrs)
        if self.has_boxes(text):
            return choosing.group(self.name, name, text, attrs)
        # A browser takes every kind of line break out of a line.
        if self.is_json or "\n" in text or "\r" in text or len(text) > LONG:
            rows = min(text.count("\n") + 1, 16) if self.is_json else 4
            return input_tags.area(name, text, {**AREA, "rows": max(rows, 2), **attrs})
        attrs = {"autocomplete": "off", **attrs}
        if suggested := self._suggested():
            return input_tags.suggesting(name, text, suggested, attrs)
        if self.kind in (Kind.NUMBER, Kind.SIZE):
            attrs["inputmode"] = "decimal"
        return input_tags.line(name, text, attrs)

    def _suggested(self) -> Sequence[tuple[Any, str]]:
        """What a line offers to write in it."""
        if self.is_open:
            return choices_of(self.model, self.name)
        return choosing.suggestions(self.name) if self.kind in TEXTS else []

    def _switch_text(self, value: Any) -> str:
        if isinstance(value, bool):
            return str(int(value))
        # Where NULL cannot stand, nothing chosen is free to mean the empty text.
        return BLANK if value == "" and self.field.null else str(value)

    def _json_text(self, value: Any, secret_name: str) -> str:
        if isinstance(value, BrokenJSON):
            # Which parts of a broken text are secret nobody can tell.
            is_secret = self.kind is Kind.SECRET_JSON or mask_text(value) != value
            return "" if is_secret else str(value)
        try:
            every = self._hides_every_text(secret_name)
            masked = mask_for_edit(value, secret_name, every_text=every)
            return json_view.dumps(masked, indent=2)
        except RecursionError:
            return ""

    def _restore(self, value: Any, stored: Any, secret_name: str) -> Any:
        try:
            every = self._hides_every_text(secret_name)
            return restore(value, stored, secret_name, every_text=every)
        except UnknownPlaceholder:
            raise ValidationError(
                _("A hidden value was altered; type the whole new value instead.")
            ) from None

    def _hides_every_text(self, secret_name: str) -> bool:
        is_secret = self.kind is Kind.SECRET_JSON
        return is_secret and self.model.every_text_is_secret(secret_name)

    def _options(self, text: str) -> list[tuple[Any, str]]:
        """What a select offers: among it the value that is stored, whatever it is."""
        if self.kind is Kind.FLAG:
            known: list[tuple[Any, str]] = [(1, _("Yes")), (0, _("No"))]
        else:
            found = choices_of(self.model, self.name)
            known = [(value, option_label(value, label)) for value, label in found]
        options = [("", "NULL"), *known] if self.can_be_null else [*known]
        if not text and not self.can_be_null:
            # Else a browser would choose the first, unasked.
            options.insert(0, ("", "NULL" if self.field.null else "—"))
        if text == BLANK:
            options.append((BLANK, _("empty")))
        elif text and text not in {str(value) for value, _label in known}:
            options.append((text, text))
        return options


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n")


def is_too_long(value: Any) -> bool:
    """Whether a value is more than a form can carry."""
    if isinstance(value, str):
        return len(value) > MOST
    return isinstance(value, dict | list) and len(json.dumps(value)) > MOST
