"""Logs that are only read: their filter, from the address, and one page of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext as _

from core.admin.changes_list import midnight, newest_first
from core.models.operators import Operator
from core.opers.filters import FilterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from core.opers.keyset import Page

    Choices = list[tuple[str, str]]

MOST_OPERATORS = 500


@dataclass
class LogFilter:
    """Which rows of a log to list. What could not be used stands in `errors`."""

    given: dict[str, str]
    errors: list[str] = field(default_factory=list)

    selects: ClassVar[tuple[str, ...]] = ()
    """Names of what is chosen from a list."""
    texts: ClassVar[tuple[str, ...]] = ()
    """Names of what is typed; the first is the search field."""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Self:
        """Read the address."""
        names = (*cls.texts, *cls.selects, "from", "to")
        given = {name: query.get(name, "").strip() for name in names}
        return cls({name: value for name, value in given.items() if value})

    # --- What a log says of itself

    def label(self, name: str) -> str:
        """What a condition is called."""
        raise NotImplementedError

    def choices(self, name: str) -> Choices:
        """What can be chosen for it."""
        raise NotImplementedError

    def rows(self) -> QuerySet[Any]:
        """All rows."""
        raise NotImplementedError

    def condition(self, name: str, value: str) -> Q:
        """What a select or a text asks for. Raises FilterError."""
        raise NotImplementedError

    # --- What the page shows

    @property
    def query(self) -> str:
        """The filter as a query string."""
        return urlencode(self.given)

    def controls(self) -> list[dict[str, Any]]:
        """The selects of the filter bar."""
        return [
            {**each, "choices": self.choices(each["name"])}
            for each in map(self._control, self.selects)
        ]

    def fields(self) -> list[dict[str, Any]]:
        """The texts of the filter bar, the search field first."""
        return [self._control(name) for name in self.texts]

    def _control(self, name: str) -> dict[str, Any]:
        value = self.given.get(name, "")
        return {"name": name, "label": self.label(name), "value": value}

    def chips(self) -> list[dict[str, str]]:
        """The conditions in force, each with the list without it."""
        days = {"from": _("From"), "to": _("To")}
        found = []
        for name, value in self.given.items():
            known = dict(self.choices(name)) if name in self.selects else {}
            rest = {key: each for key, each in self.given.items() if key != name}
            label = days.get(name) or self.label(name)
            shown = known.get(value, value)
            found.append({"label": label, "value": shown, "url": f"?{urlencode(rest)}"})
        return found

    # --- The rows

    def queryset(self) -> QuerySet[Any]:
        """The rows that match; none when the filter cannot be used."""
        try:
            conditions = [self._condition(*each) for each in self.given.items()]
        except FilterError as error:
            self.errors.append(str(error))
            return self.rows().none()
        return self.rows().filter(*conditions)

    def _condition(self, name: str, value: str) -> Q:
        if "\x00" in value:
            text = _("“%(name)s”: holds a NUL character.")
            raise FilterError(text % {"name": name})
        if name == "from":
            return Q(created_at__gte=midnight(value))
        if name == "to":
            return Q(created_at__lt=midnight(value, days=1))
        return self.condition(name, value)

    def page(self, query: Mapping[str, str]) -> Page:
        """The page of the log that the address asks for, newest first."""
        return newest_first(self.queryset(), query, self.errors)


def operators() -> Choices:
    """The operators by name."""
    names = Operator.objects.order_by("username").values_list("pk", "username")
    return [(str(pk), name) for pk, name in names[:MOST_OPERATORS]]
