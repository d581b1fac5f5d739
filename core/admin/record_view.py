"""A record's form as its template shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.admin import members, secret_values, values
from core.admin.kinds import Kind, column_of
from core.admin.record_form import PREFIX, FieldState

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin
    from core.admin.record_form import RecordForm
    from core.models.base import Members, Record


@dataclass
class FieldView:
    """One column on the record's page."""

    state: FieldState
    may_reveal: bool = False
    """Whether who looks at it may see secrets of the table."""

    @property
    def name(self) -> str:
        """The column."""
        return str(self.state.input.field.attname)

    @property
    def html_name(self) -> str:
        """The name of the input."""
        return PREFIX + self.name

    @property
    def label(self) -> str:
        """The column's name for people."""
        return capfirst(str(self.state.input.field.verbose_name))

    @property
    def help_text(self) -> str:
        """What the column means."""
        return str(self.state.input.field.help_text)

    @property
    def is_wide(self) -> bool:
        """Whether the field takes the whole width."""
        is_long = len(self.state.text) > values.SHORT
        return self.is_json or is_long or self.state.input.kind is Kind.PATH

    @property
    def is_json(self) -> bool:
        """Whether a tree is shown above the input."""
        return self.state.input.is_json

    @property
    def has_boxes(self) -> bool:
        """Whether the value is a list to tick in place of JSON to type."""
        return self.state.input.has_boxes(self.state.text)

    @property
    def has_members(self) -> bool:
        """Whether the members of an object have inputs beside the JSON."""
        found = self._members
        return found is not None and bool(members.parts(found, self.state.text))

    @property
    def says_all(self) -> bool:
        """Whether the inputs of the members leave nothing out."""
        found = self._members
        is_object = isinstance(self.state.value, dict)
        return is_object and not (found and members.others(found, self.state.text))

    @property
    def is_open(self) -> bool:
        """Whether the input below a tree is shown at once."""
        return self.state.is_edited or bool(self.state.errors)

    @property
    def can_reveal(self) -> bool:
        """Whether there is more to see than the page shows."""
        return (
            self.may_reveal
            and self.name not in self.state.input.model.never_revealed
            and secret_values.hides_something(self.state)
        )

    @property
    def _members(self) -> Members | None:
        return members.known(self.state.input.model, self.state.input.name)

    def members_html(self) -> SafeString:
        """The inputs of the members."""
        attrs = {"aria-labelledby": f"id_{self.name}_label"}
        found = self._members
        assert found is not None  # noqa: S101  asked for where has_members
        return members.group(found, self.html_name, self.state.text, attrs)

    def value_html(self) -> SafeString:
        """The stored value for reading."""
        return self.state.input.show(self.state.value, self.state.secret_name)

    def input_html(self) -> SafeString:
        """The input."""
        attrs = {"id": f"id_{self.name}"}
        if self.has_boxes or self.has_members:
            attrs["aria-labelledby"] = f"id_{self.name}_label"
        described = [f"id_{self.name}_help"] if self.help_text else []
        if self.state.errors:
            attrs |= {} if self.has_boxes else {"aria-invalid": "true"}
            described.insert(0, f"id_{self.name}_errors")
        if described:
            attrs["aria-describedby"] = " ".join(described)
        if self.state.input.is_secret and self.state.value:
            attrs["placeholder"] = _("Leave empty to keep it")
        return self.state.input.html(self.html_name, self.state.text, attrs)


@dataclass
class Group:
    """Some columns that belong together."""

    label: str
    fields: list[FieldView]
    id: str


def groups(
    model_admin: RecordAdmin,
    form: RecordForm,
    *,
    is_new: bool = False,
    may_reveal: bool = False,
) -> list[Group]:
    """The form in the groups of `fieldsets`; what they leave out comes last."""
    model = model_admin.model
    views = {n: FieldView(state, may_reveal) for n, state in form.states.items()}
    if is_new:
        views = {n: view for n, view in views.items() if not view.state.is_locked}
    sets = _sets(model_admin, model, [*views])
    found = [(label, [views[n] for n in names if n in views]) for label, names in sets]
    return [
        Group(label, fields, f"group-{number}")
        for number, (label, fields) in enumerate(found)
        if fields
    ]


def _sets(
    model_admin: RecordAdmin, model: type[Record], columns: list[str]
) -> Iterator[tuple[str, list[str]]]:
    left = dict.fromkeys(columns)
    for label, options in model_admin.fieldsets or ():
        fields = [str(name) for name in options["fields"]]
        names = [column_of(model, name).attname for name in fields]
        yield str(label or ""), names
        for name in names:
            left.pop(name, None)
    yield _("Other"), [*left]
