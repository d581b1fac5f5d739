"""The inputs of an operation in the bulk edit form: one for each of its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.admin import choosing, input_tags
from core.admin.inputs import LONG, RecordInput
from core.admin.json_view import dumps
from core.admin.kinds import Kind, choices_of
from core.admin.words import field_label
from core.changes.operations.base import Param
from core.secrets import UnreadableSecret, decrypt, encrypt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.admin.bulk.held import HeldMembers
    from core.changes import Operation

MONO = {"class": "is-mono", "spellcheck": "false"}


@dataclass
class ParamInput:
    """One parameter: what was typed for it, and what that stands for."""

    entry: RecordInput
    """The column the operation is done to."""
    doing: str
    """What the form calls the operation."""
    param: Param
    held: HeldMembers
    """What the lists of the selected records hold."""
    text: str = ""
    typed: str = ""
    """Of the text, what a person can see in the page."""
    known: Any = None
    """The value chosen before, where the hidden parts of JSON come from."""

    @property
    def name(self) -> str:
        """The name of the input."""
        return f"{self.entry.name}-{self.doing}-{self.param.name}"

    @property
    def label(self) -> str:
        """What to type."""
        return str(self.param.label)

    @property
    def is_secret(self) -> bool:
        """Whether what is typed is never sent back."""
        return self.entry.kind in (Kind.SECRET, Kind.SECRET_JSON)

    @property
    def is_given(self) -> bool:
        """Whether somebody filled it in."""
        return bool(self.typed)

    def take(self, data: Mapping[str, str]) -> None:
        """Take what was sent."""
        self.text = self.typed = data.get(self.name, "").replace("\r\n", "\n")
        if self.is_secret and not self.text:
            self.text = _unsealed(data.get(f"{self.name}-kept", ""))

    def value(self) -> Any:
        """What was typed, for the operation. Raises ValidationError."""
        if self.text or not self.param.required:
            return self.parse()
        raise ValidationError(_("Type something here."))

    def parse(self) -> Any:
        """The value of the text. Raises ValidationError."""
        return self.text

    def fill(self, operation: Operation) -> None:
        """Fill in what was chosen before."""
        self.show(getattr(operation, self.param.name))

    def show(self, value: Any) -> None:
        """Fill in a value that was chosen before."""
        self.text = self.typed = "" if value is None else str(value)

    def html(self, attributes: Mapping[str, str]) -> SafeString:
        """The label and the input."""
        given = {"id": f"id_{self.name}", **attributes}
        tag = self._secret_tag(given) if self.is_secret else self.tag(given)
        return self.labelled(tag)

    def labelled(self, tag: SafeString) -> SafeString:
        """The input below its label."""
        text, help_text = escape(self.label), escape(str(self.param.help))
        more = f'<small class="field-help">{help_text}</small>' if help_text else ""
        html = f'<label class="bulk-input"><span>{text}</span>{tag}{more}</label>'
        return mark_safe(html)  # noqa: S308  escaped

    def tag(self, attributes: Mapping[str, Any]) -> SafeString:
        """The input with what was typed."""
        if "\n" in self.text or len(self.text) > LONG:
            return input_tags.area(self.name, self.text, {"rows": 3, **attributes})
        return input_tags.line(self.name, self.text, attributes)

    def _secret_tag(self, attributes: Mapping[str, Any]) -> SafeString:
        """An input that shows nothing; what was typed before goes along sealed."""
        sealed = _sealed(self.text)
        if sealed:
            text = _("Kept as it was typed; type to replace it")
            attributes = {**attributes, "placeholder": text}
        given = {**attributes, "autocomplete": "off", "spellcheck": "false"}
        make = input_tags.area if self.entry.is_json else input_tags.line
        html = make(self.name, "", given)
        if sealed:
            html += input_tags.hidden(f"{self.name}-kept", sealed)
        return mark_safe(html)  # noqa: S308  escaped


class ValueInput(ParamInput):
    """A value of the column itself."""

    @property
    def name(self) -> str:
        return f"{self.entry.name}-value"

    @property
    def is_listed(self) -> bool:
        """Whether the value is a list to tick, where there is anything to tick."""
        name = self.entry.name
        return choosing.is_listed(self.entry.model, name) and bool(choosing.known(name))

    @property
    def is_given(self) -> bool:
        return bool(self.typed) and choosing.plain_list(self.typed) != []

    def value(self) -> Any:
        if self.text == "":
            raise ValidationError(_("Type a value, or choose Set empty."))
        value = self.entry.parse(self.text, stored=self.known)
        if value is None:
            raise ValidationError(_("Type a value, or choose Set empty."))
        return value

    def show(self, value: Any) -> None:
        self.known = value
        if self.is_secret:
            self.text = dumps(value) if self.entry.is_json else str(value)
        else:
            self.text = self.typed = self.entry.text(value)

    def html(self, attributes: Mapping[str, str]) -> SafeString:
        label = _("Value of %s") % field_label(self.entry.model, self.entry.name)
        given = {"id": f"id_{self.entry.name}", "aria-label": label, **attributes}
        return self._secret_tag(given) if self.is_secret else self.tag(given)

    def tag(self, attributes: Mapping[str, Any]) -> SafeString:
        given = dict(attributes)
        if self.entry.kind is Kind.FLAG:
            flags = [("", "—"), ("1", _("Yes")), ("0", _("No"))]
            return input_tags.select(self.name, self.text, flags, given)
        if self.entry.kind is Kind.CHOICE:
            known = choices_of(self.entry.model, self.entry.name)
            given["autocomplete"] = "off"
            return input_tags.suggesting(self.name, self.text, known, given)
        text = self.entry.sealed(self.text) if self.entry.is_json else self.text
        return self.entry.html(
            self.name, text or ("[]" if self.is_listed else ""), given
        )


class MonoInput(ParamInput):
    """A pattern or a path: every character counts."""

    def tag(self, attributes: Mapping[str, Any]) -> SafeString:
        folders = choosing.suggestions("save_path") if self.is_folder else []
        given = {**attributes, **MONO}
        if folders:
            return input_tags.suggesting(self.name, self.text, folders, given)
        return input_tags.line(self.name, self.text, given)

    @property
    def is_folder(self) -> bool:
        """Whether folders that MoviePilot knows may be meant."""
        return self.param.kind == "path" and self.entry.kind is Kind.PATH


class NumberInput(ParamInput):
    """A number."""

    def parse(self) -> int | float | None:
        return number(self.text) if self.text.strip() else None

    def tag(self, attributes: Mapping[str, Any]) -> SafeString:
        given = {"inputmode": "decimal", **attributes}
        return input_tags.line(self.name, self.text, given)


class ChoiceInput(ParamInput):
    """One of few choices; the first stands there."""

    @property
    def is_given(self) -> bool:
        return False

    def value(self) -> Any:
        keys = [key for key, _label in self.param.choices]
        if (self.text or keys[0]) not in keys:
            raise ValidationError(_("Choose one of those listed."))
        flags = {"": None, "1": True, "0": False}
        text = self.text or keys[0]
        return flags[text] if flags.keys() >= {*keys} else text

    def show(self, value: Any) -> None:
        flags = {None: "", True: "1", False: "0"}
        self.text = flags[value] if value in flags else str(value)

    def tag(self, attributes: Mapping[str, Any]) -> SafeString:
        chosen = self.text or self.param.choices[0][0]
        return input_tags.select(self.name, chosen, self.param.choices, attributes)


class FlagInput(ParamInput):
    """Yes or no."""

    def value(self) -> bool:
        return bool(self.text)

    def show(self, value: Any) -> None:
        self.text = "on" if value else ""

    def html(self, attributes: Mapping[str, str]) -> SafeString:
        box = f'<input type="checkbox" name="{escape(self.name)}"'
        box += " checked>" if self.text else ">"
        text = escape(self.label)
        html = f'<label class="bulk-input is-check">{box} <span>{text}</span></label>'
        return mark_safe(html)  # noqa: S308  escaped


def number(text: str) -> int | float:
    """What was typed as a number. Raises ValidationError."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ValidationError(_("Type a number.")) from None


def _sealed(text: str) -> str:
    """A secret for the page to keep; '' where there is no key to seal it with."""
    try:
        return encrypt(text) if text else ""
    except ImproperlyConfigured:
        return ""


def _unsealed(sealed: str) -> str:
    try:
        return decrypt(sealed) if sealed else ""
    except UnreadableSecret:
        return ""
