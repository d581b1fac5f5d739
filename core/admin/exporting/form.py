"""What to export: which columns in which order, and in which format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.admin.words import field_label
from core.exchange.writing import FORMATS
from core.fields import JSONColumn

if TYPE_CHECKING:
    from django.http import QueryDict

    from core.admin.base import RecordAdmin
    from core.exchange.writing import Format

UP, DOWN = "up", "down"


@dataclass(frozen=True)
class ColumnChoice:
    """One column in the form."""

    name: str
    label: str
    is_ticked: bool
    is_secret: bool
    is_listed: bool
    """Whether the list shows it."""
    moved: str
    """`up` or `down` where it has just been moved."""


class ExportForm:
    """The form of an export: as it is first shown, or as it was posted."""

    def __init__(
        self, model_admin: RecordAdmin, data: QueryDict | None, *, may_see_secrets: bool
    ) -> None:
        self.model, self.data = model_admin.model, data
        self.may_see_secrets = may_see_secrets
        self.errors: list[str] = []
        self.offered = offered(model_admin, with_secrets=may_see_secrets)
        self.listed = listed(model_admin)
        self.order, self.ticked = self.offered, self.listed
        self.format: Format = FORMATS["csv"]
        self.is_marked = self.with_secrets = False
        if data is not None:
            self._take(data)

    @property
    def is_download(self) -> bool:
        """Whether the file is asked for, and not another look at the form."""
        return self.data is not None and not {"move", "tick"} & self.data.keys()

    @property
    def names(self) -> list[str]:
        """The chosen columns, in order."""
        return [name for name in self.order if name in self.ticked]

    @property
    def columns(self) -> list[ColumnChoice]:
        """The columns as the form shows them."""
        name, _sep, way = (self.data.get("move", "") if self.data else "").partition(
            ":"
        )
        return [
            ColumnChoice(
                each,
                field_label(self.model, each),
                is_ticked=each in self.ticked,
                is_secret=each in self.model.secret_fields,
                is_listed=each in self.listed,
                moved=way if each == name else "",
            )
            for each in self.order
        ]

    @property
    def formats(self) -> list[Format]:
        """What can be chosen."""
        return [*FORMATS.values()]

    @property
    def secret_names(self) -> list[str]:
        """The secret columns among those chosen."""
        return [name for name in self.names if name in self.model.secret_fields]

    @property
    def has_json(self) -> bool:
        """Whether there may be secrets inside of columns that are none."""
        return any(isinstance(f, JSONColumn) for f in self.model._meta.fields)

    @property
    def has_secrets(self) -> bool:
        """Whether there is anything that is left out unless it is asked for."""
        return bool(self.model.secret_fields) or self.has_json

    @property
    def withheld(self) -> list[tuple[str, str]]:
        """Columns that stand in no file, whoever asks: (label, name)."""
        names = (field.attname for field in self.model._meta.fields)
        return [
            (field_label(self.model, name), name)
            for name in names
            if name in self.model.never_revealed
        ]

    def check(self) -> bool:
        """Whether it can be exported so; `errors` say why not."""
        if not self.names:
            self.errors.append(_("Choose at least one column."))
        if self.secret_names and not self.with_secrets:
            self.errors.append(
                _("Columns with secrets are exported with “Include secrets” only: %s.")
                % ", ".join(self.secret_names)
            )
        return not self.errors

    def _take(self, data: QueryDict) -> None:
        order = [n for n in dict.fromkeys(data.getlist("order")) if n in self.offered]
        self.order = [*order, *(n for n in self.offered if n not in order)]
        self.ticked = [n for n in self.offered if n in data.getlist("columns")]
        self.is_marked = data.get("marked") == "1"
        self.with_secrets = data.get("secrets") == "1"
        format_ = FORMATS.get(str(data.get("format")))
        if format_:
            self.format = format_
        else:
            self.errors.append(_("Choose a format."))
        self._tick(data.get("tick", ""))
        self._move(data.get("move", ""))

    def _tick(self, which: str) -> None:
        public = [n for n in self.offered if n not in self.model.secret_fields]
        choices = {"all": public, "none": [], "list": self.listed}
        self.ticked = choices.get(which, self.ticked)

    def _move(self, what: str) -> None:
        name, _sep, way = what.partition(":")
        if name not in self.order or way not in (UP, DOWN):
            return
        at = self.order.index(name)
        to = max(0, at - 1) if way == UP else at + 1
        order = [each for each in self.order if each != name]
        self.order = [*order[:to], name, *order[to:]]


def offered(model_admin: RecordAdmin, *, with_secrets: bool) -> list[str]:
    """The columns that can be exported, those of the list first."""
    model = model_admin.model
    names = [field.attname for field in model._meta.fields]
    hidden = model.never_revealed if with_secrets else model.secret_fields
    return [n for n in dict.fromkeys([*listed(model_admin), *names]) if n not in hidden]


def listed(model_admin: RecordAdmin) -> list[str]:
    """The id, by which an import finds records, and what the list shows but secrets."""
    model = model_admin.model
    names = {field.name: field.attname for field in model._meta.fields}
    shown = [names[str(n)] for n in model_admin.list_display if str(n) in names]
    return [n for n in dict.fromkeys(["id", *shown]) if n not in model.secret_fields]
