"""Inputs of operations that choose: a column, a span of time, members of a list."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import choosing, input_tags
from core.admin.bulk.inputs import (
    MONO,
    ChoiceInput,
    FlagInput,
    MonoInput,
    NumberInput,
    ParamInput,
    ValueInput,
    number,
)
from core.admin.json_view import dumps
from core.admin.masking import UnknownPlaceholder, restore
from core.admin.words import field_label
from core.changes.operations.sequences import may_order
from core.changes.operations.sources import sources
from core.fields.jsontext import parse_json
from core.secrets import SECRET_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.admin.bulk.held import HeldMembers
    from core.admin.choosing import Held
    from core.admin.inputs import RecordInput
    from core.changes import Operation
    from core.changes.operations.base import Param
    from core.models.base import Record

UNITS = {
    "86400": gettext_lazy("Days"),
    "3600": gettext_lazy("Hours"),
    "60": gettext_lazy("Minutes"),
    "1": gettext_lazy("Seconds"),
}


class ColumnInput(ParamInput):
    """Another column of the table."""

    def tag(self, attributes: Mapping[str, Any]) -> SafeString:
        model = self.entry.model
        labels = {name: field_label(model, name) for name in self.names()}
        shared = Counter(labels.values())
        options = [
            (name, label if shared[label] == 1 else f"{label} ({name})")
            for name, label in labels.items()
        ]
        return input_tags.select(
            self.name, self.text, [("", "—"), *options], attributes
        )

    def names(self) -> tuple[str, ...]:
        """The columns to choose from."""
        return columns_for(self.entry.model, self.entry.name, self.doing)

    def parse(self) -> str:
        if self.text and self.text not in self.names():
            raise ValidationError(_("Choose one of those listed."))
        return self.text


@cache
def columns_for(model: type[Record], name: str, doing: str) -> tuple[str, ...]:
    """The columns that an operation on this column may ask for."""
    if doing == "copy":
        return tuple(each.name for each in sources(model, name))
    return tuple(f.name for f in model._meta.fields if may_order(model, f))


class SecondsInput(ParamInput):
    """A span of time: a number and its unit."""

    unit: str = "86400"

    @property
    def unit_name(self) -> str:
        """The name of the unit's input."""
        return f"{self.name}-unit"

    def take(self, data: Mapping[str, str]) -> None:
        super().take(data)
        self.unit = data.get(self.unit_name, self.unit)

    def parse(self) -> int:
        if self.unit not in UNITS:
            raise ValidationError(_("Choose one of those listed."))
        seconds = number(self.text) * int(self.unit)
        if seconds != seconds or int(seconds) != seconds:
            raise ValidationError(_("Give whole seconds."))
        return int(seconds)

    def show(self, value: Any) -> None:
        self.unit = next(unit for unit in UNITS if not int(value) % int(unit))
        super().show(int(value) // int(self.unit))

    def tag(self, attributes: Mapping[str, Any]) -> SafeString:
        given = {"inputmode": "decimal", **attributes}
        unit = {"aria-label": _("Unit")}
        html = input_tags.line(self.name, self.text, given) + input_tags.select(
            self.unit_name, self.unit, UNITS.items(), unit
        )
        return mark_safe(f'<span class="bulk-pair">{html}</span>')  # noqa: S308  escaped


class JSONInput(ParamInput):
    """A JSON value for a path; a bare word is the text it looks like."""

    path: str = ""

    @property
    def is_secret(self) -> bool:
        return super().is_secret or SECRET_NAME.search(self.path) is not None

    def take(self, data: Mapping[str, str]) -> None:
        self.path = data.get(f"{self.entry.name}-{self.doing}-path", "")
        super().take(data)

    def fill(self, operation: Operation) -> None:
        self.path = getattr(operation, "path", "")
        super().fill(operation)

    def parse(self) -> Any:
        try:
            return restore(parse_json(self.text), None)
        except UnknownPlaceholder:
            raise ValidationError(
                _("A hidden value was altered; type the whole new value instead.")
            ) from None
        except ValueError:
            if self.text[:1] in '[{"':
                raise ValidationError(_("This is not valid JSON.")) from None
            return self.text

    def show(self, value: Any) -> None:
        self.text = self.typed = dumps(value)

    def tag(self, attributes: Mapping[str, Any]) -> SafeString:
        text = self.entry.sealed(self.text)
        return input_tags.line(self.name, text, {**attributes, **MONO})


class MembersInput(ParamInput):
    """Members of a list: ticked where they are known, else one in each line."""

    @property
    def is_given(self) -> bool:
        return bool(self.typed) and choosing.plain_list(self.typed) != []

    @cached_property
    def choices(self) -> Held | None:
        """What to choose from: to be put in, what is known; to be taken out, what is
        held.
        """
        is_new = self.doing == "list_add" or self.param.name == "new"
        return None if is_new else self.held.of(self.entry.name)

    @property
    def is_listed(self) -> bool:
        """Whether there is a list to choose from."""
        name = self.entry.name
        if not choosing.is_listed(self.entry.model, name):
            return False
        return bool(choosing.boxes(name, "[]", self.choices))

    def parse(self) -> list[Any]:
        ticked = choosing.plain_list(self.text) if self.text[:1] == "[" else None
        if ticked is not None:
            return ticked
        return [self.member(line) for line in self.text.splitlines() if line.strip()]

    def member(self, text: str) -> Any:
        """One member of the list, as the column has them. Raises ValidationError."""
        kind = (self.entry.field.shape or {}).get("items", {}).get("type")  # type: ignore[attr-defined]
        if kind == "string":
            return text
        try:
            return json.loads(text)
        except ValueError:
            return text

    def show(self, value: Any) -> None:
        self.text = self.typed = json.dumps([*value], ensure_ascii=False)

    def html(self, attributes: Mapping[str, str]) -> SafeString:
        if not self.is_listed:
            return super().html(attributes)
        label = f"{self.label}: {field_label(self.entry.model, self.entry.name)}"
        given = {"id": f"id_{self.name}", "aria-label": label, **attributes}
        text = self.text or "[]"
        return choosing.group(self.entry.name, self.name, text, given, self.choices)

    def labelled(self, tag: SafeString) -> SafeString:
        text = escape(_("%s, one in each line") % self.label)
        html = f'<label class="bulk-input"><span>{text}</span>{tag}</label>'
        return mark_safe(html)  # noqa: S308  escaped

    def tag(self, attributes: Mapping[str, Any]) -> SafeString:
        listed = choosing.plain_list(self.text) if self.text[:1] == "[" else None
        lines = self.text if listed is None else "\n".join(map(str, listed))
        return input_tags.area(self.name, lines, {"rows": 3, **attributes})


class MemberInput(MembersInput):
    """One member of a list."""

    def parse(self) -> Any:
        if self.is_listed:
            known = dict(choosing.options(self.entry.name, self.choices))
            found = [value for value in known if str(value) == self.text]
            if found:
                return found[0]
        return self.member(self.text)

    def show(self, value: Any) -> None:
        self.text = self.typed = value if isinstance(value, str) else dumps(value)

    def html(self, attributes: Mapping[str, str]) -> SafeString:
        return ParamInput.html(self, attributes)

    def labelled(self, tag: SafeString) -> SafeString:
        return ParamInput.labelled(self, tag)

    def tag(self, attributes: Mapping[str, Any]) -> SafeString:
        if not self.is_listed:
            return input_tags.line(self.name, self.text, attributes)
        found = choosing.options(self.entry.name, self.choices)
        return input_tags.select(self.name, self.text, [("", "—"), *found], attributes)


KINDS: dict[str, type[ParamInput]] = {
    "value": ValueInput,
    "text": ParamInput,
    "pattern": MonoInput,
    "path": MonoInput,
    "number": NumberInput,
    "seconds": SecondsInput,
    "field": ColumnInput,
    "values": MembersInput,
    "choice": ChoiceInput,
    "flag": FlagInput,
}
SPECIAL: dict[tuple[str, str], type[ParamInput]] = {
    ("set_path", "value"): JSONInput,
    ("list_replace", "old"): MemberInput,
    ("list_replace", "new"): MemberInput,
}
"""(operation, parameter) whose kind does not say all."""


def input_of(
    entry: RecordInput, doing: str, param: Param, held: HeldMembers
) -> ParamInput:
    """The input of a parameter."""
    found = SPECIAL.get((doing, param.name)) or KINDS[param.kind]
    return found(entry, doing, param, held)
