"""The list of changes: its filter, read from the address, and one page of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.admin.words import table_label
from core.changes import ChangeEntry, ChangeSet, Kind, State
from core.models.operators import Operator
from core.opers.filters import FilterError
from core.opers.keyset import Keyset, Page
from core.permissions import may, sees_every_table, visible_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from core.permissions import Person

PAGE = 50
INT64 = 2**63
NAMES = ("table", "kind", "state", "operator", "from", "to", "reason", "record")
SYSTEM = "system"
"""The operator of changes that nobody in particular made."""

Choices = list[tuple[str, str]]


@dataclass
class ChangesFilter:
    """Which changes to list. What could not be used stands in `errors`."""

    given: dict[str, str]
    person: Person
    """For whom they are listed: no changes of tables that are hidden from them."""
    errors: list[str] = field(default_factory=list)

    @classmethod
    def parse(cls, query: Mapping[str, str], person: Person) -> ChangesFilter:
        """Read the address."""
        given = {name: query.get(name, "").strip() for name in NAMES}
        return cls({name: value for name, value in given.items() if value}, person)

    @property
    def query(self) -> str:
        """The filter as a query string."""
        return urlencode(self.given)

    def tables(self) -> Choices:
        """The tables one may see, by name."""
        models = [apps.get_model(table) for table in visible_tables(self.person)]
        labels = [(model._meta.label_lower, table_label(model)) for model in models]
        return sorted(labels, key=lambda choice: choice[1])

    def operators(self) -> Choices:
        """The operators by name, and the system; for those who may not see operators
        only those who have changed something.
        """
        operators = Operator.objects.order_by("username")
        if not may(self.person, "view", Operator):
            changes = ChangeSet.objects.filter(operator=OuterRef("pk"))
            operators = operators.filter(Exists(changes))
        names = operators.values_list("pk", "username")
        return [*((str(pk), name) for pk, name in names[:500]), (SYSTEM, _("system"))]

    def controls(self) -> list[dict[str, Any]]:
        """The selects of the filter bar."""
        choices = {
            "table": (_("Table"), self.tables()),
            "kind": (_("Kind"), [(str(k), str(label)) for k, label in Kind.choices]),
            "state": (_("State"), [(str(k), str(label)) for k, label in State.choices]),
            "operator": (_("Operator"), self.operators()),
        }
        return [
            {
                "name": name,
                "label": label,
                "choices": known,
                "value": self.given.get(name, ""),
            }
            for name, (label, known) in choices.items()
        ]

    def chips(self) -> list[dict[str, str]]:
        """The conditions in force, each with the list without it."""
        labels = {
            **{each["name"]: each["label"] for each in self.controls()},
            "from": _("From"),
            "to": _("To"),
            "reason": _("Reason"),
            "record": _("Record id"),
        }
        values = {each["name"]: dict(each["choices"]) for each in self.controls()}
        return [
            {
                "label": labels[name],
                "value": values.get(name, {}).get(value, value),
                "url": f"?{self._without(name)}",
            }
            for name, value in self.given.items()
        ]

    def _without(self, name: str) -> str:
        return urlencode({key: v for key, v in self.given.items() if key != name})

    def queryset(self) -> QuerySet[ChangeSet]:
        """The changes that match; none when the filter cannot be used."""
        changes = ChangeSet.objects.defer(
            "ids", "payload", "problems", "selection", "operations"
        )
        try:
            conditions = [self._condition(*each) for each in self.given.items()]
        except FilterError as error:
            self.errors.append(str(error))
            return changes.none()
        if not sees_every_table(self.person):
            conditions.append(Q(table__in=visible_tables(self.person)))
        return changes.filter(*conditions).prefetch_related(undos())

    def _condition(self, name: str, value: str) -> Q:
        if "\x00" in value:
            raise FilterError(_("“%(name)s”: holds a NUL character.") % {"name": name})
        match name:
            case "reason":
                return Q(reason__icontains=value)
            case "from":
                return Q(created_at__gte=midnight(value))
            case "to":
                return Q(created_at__lt=midnight(value, days=1))
            case "table":  # a remap goes by its first, and says which else
                others = {"kind": Kind.REMAP, "operations__tables__has_key": value}
                return Q(table=value) | Q(**others)
            case "operator":
                return _operator(value)
            case "record":
                return self._record(number(value))
        return Q(**{name: value})

    def _record(self, pk: int) -> Q:
        # The index of entries begins with the table.
        tables = [self.given["table"]] if "table" in self.given else None
        tables = tables or [label for label, _name in self.tables()]
        entries = ChangeEntry.objects.filter(table__in=tables, record_id=pk)
        return Q(pk__in=entries.values("change_set"))

    def page(self, query: Mapping[str, str]) -> Page:
        """The page of the list that the address asks for."""
        return newest_first(self.queryset(), query, self.errors)


def undos(depth: int = 3) -> Prefetch[str]:
    """To know whether changes were undone, and their undos, without reading all that
    undos keep.
    """
    kept = ChangeSet.objects.defer("ids", "payload", "problems", "operations")
    if depth > 1:
        kept = kept.prefetch_related(undos(depth - 1))
    return Prefetch("undone_by", kept)


def newest_first(
    rows: QuerySet[Any], query: Mapping[str, str], errors: list[str]
) -> Page:
    """The page that the address asks for, else the first; why not, into `errors`."""
    keyset = Keyset(rows, ["-id"], PAGE)
    try:
        return keyset.page(
            after=query.get("after", ""),
            before=query.get("before", ""),
            last=query.get("last") == "1",
        )
    except FilterError as error:
        errors.append(str(error))
        return keyset.page()


def page_urls(page: Page, query: str) -> dict[str, str]:
    """The addresses of a page's neighbours."""
    state = f"{query}&" if query else ""
    urls = {}
    if page.previous:
        urls["first"] = f"?{query}"
        urls["previous"] = f"?{state}{urlencode({'before': page.previous})}"
    if page.next:
        urls["next"] = f"?{state}{urlencode({'after': page.next})}"
        urls["last"] = f"?{state}last=1"
    return urls


def _operator(value: str) -> Q:
    if value == SYSTEM:
        return Q(operator=None)
    return Q(operator_id=number(value))


def number(value: str) -> int:
    """The number in a text. Raises FilterError."""
    if value.isascii() and value.isdigit() and int(value) < INT64:
        return int(value)
    raise FilterError(_("“%s” is not a whole number.") % value[:60])


def midnight(value: str, *, days: int = 0) -> dt.datetime:
    """The beginning of a day, or of one so many days later. Raises FilterError."""
    try:
        day = dt.date.fromisoformat(value) + dt.timedelta(days=days)
    except (ValueError, OverflowError):
        text = _("“%s” is not a day; write it as 2025-01-31.") % value[:60]
        raise FilterError(text) from None
    start = dt.datetime.combine(day, dt.time.min)
    return timezone.make_aware(start)
