"""What a list page was asked for, read from its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from core.admin import filters
from core.admin.kinds import Kind, kind_of
from core.current import current_operator
from core.fields import JSONColumn
from core.opers.filters import FilterError, condition
from core.permissions import may

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin
    from core.admin.filters import Chip

SIZES = [25, 50, 100, 200]
PAGING = frozenset({"after", "before", "last"})
OWN = PAGING | {"q", "o", "size", "all", "count", "list"}
"""Parameters that are no filters."""


@dataclass
class ListState:
    """The state of one list. What could not be used stands in `errors`."""

    model_admin: RecordAdmin
    given: dict[str, str] = field(default_factory=dict)
    """The filter as it stands in the address."""
    q: str = ""
    o: str = ""
    size: int = 0
    after: str = ""
    before: str = ""
    last: bool = False
    all: bool = False
    count: bool = False
    errors: list[str] = field(default_factory=list)
    is_usable: bool = True
    """Whether the filter means what the address says; if not, nothing is shown."""

    @classmethod
    def parse(cls, model_admin: RecordAdmin, query: Mapping[str, str]) -> ListState:
        """Read the address. Never raises."""
        state = cls(model_admin, size=model_admin.list_per_page)
        state.q = query.get("q", "").strip()
        state.all, state.count = query.get("all") == "1", query.get("count") == "1"
        state.after, state.before = query.get("after", ""), query.get("before", "")
        state.last = query.get("last") == "1"
        state._take_order(query.get("o", ""))
        state._take_size(query.get("size", ""))
        for name, value in query.items():
            if name not in OWN and value != "":
                state._take_filter(name, value)
        if "\x00" in state.q:
            state.refuse(_("The search text holds a NUL character."))
        return state

    @property
    def search(self) -> tuple[str, ...]:
        """The columns searched for `q`."""
        return tuple(map(str, self.model_admin.search_fields))

    @property
    def is_filtered(self) -> bool:
        """Whether less than the whole table is asked for."""
        return bool(self.given or self.q)

    @property
    def filter(self) -> dict[str, str]:
        """The filter as RecordQuerySet.matching and Selection take it."""
        return {name: self._until(name, value) for name, value in self.given.items()}

    @property
    def ordering(self) -> tuple[str, ...]:
        """Column and id, both in one direction, so that one index serves both."""
        if not self.o:
            return tuple(map(str, self.model_admin.ordering))
        sign = "-" if self.o.startswith("-") else ""
        return (self.o,) if self.o == f"{sign}id" else (self.o, f"{sign}id")

    @property
    def order_by(self) -> str:
        """The column the list is sorted by."""
        return self.ordering[0].lstrip("-")

    @property
    def query(self) -> str:
        """The address without the place in the list."""
        return self.url_query()

    @property
    def all_query(self) -> str:
        """The address with everything that matches selected."""
        return self.url_query({"all": 1})

    @property
    def count_query(self) -> str:
        """The address that counts before it answers, where there is no JavaScript."""
        return self.url_query({"count": 1})

    @property
    def cleared_query(self) -> str:
        """The address without search and filters."""
        return self.url_query(filtered=False)

    def url_query(
        self,
        others: Mapping[str, str | int] | None = None,
        *,
        without: str = "",
        filtered: bool = True,
    ) -> str:
        """The state as a query string, with other parameters added or replaced."""
        size = self.size if self.size != self.model_admin.list_per_page else ""
        state: dict[str, str | int] = {"q": self.q, **self.given} if filtered else {}
        state |= {"o": self.o, "size": size, **(others or {})}
        kept = {key: value for key, value in state.items() if value != ""}
        kept.pop(without, None)
        return urlencode(kept)

    @property
    def chips(self) -> list[Chip]:
        """The filters in force, each with the page without it."""
        found = filters.chips(self.model_admin.model, self.given, self._url)
        if not self.q:
            return [*found]
        return [filters.Chip(_("Search"), self.q, self._url(without="q")), *found]

    def _url(self, *, without: str) -> str:
        return f"?{self.url_query(without=without)}"

    def _take_order(self, o: str) -> None:
        if not o or o.removeprefix("-") in {*self.model_admin.sortable, "id"}:
            self.o = o
            return
        self.errors.append(_("This list cannot be sorted by “%s”.") % o[:60])

    def _take_size(self, size: str) -> None:
        if not size:
            return
        if size.isascii() and size.isdigit() and int(size) in SIZES:
            self.size = int(size)
            return
        known = ", ".join(map(str, SIZES))
        self.errors.append(
            _("A page has %s records; another number cannot be chosen.") % known
        )

    def _take_filter(self, name: str, value: str) -> None:
        if value == filters.EMPTY:
            name, value = f"{name}__empty", "1"
        try:
            condition(self.model_admin.model, name, value)
            self._refuse_guessing(name)
        except FilterError as error:
            self.refuse(str(error))
            return
        self.given[name] = value

    def _refuse_guessing(self, name: str) -> None:
        """Whether something matches tells what is masked in JSON, letter by letter.

        Raises FilterError for those who may not see it.
        """
        model, (column, _sep, lookup) = self.model_admin.model, name.partition("__")
        if column in model.conditions or lookup == "empty":
            return
        person = current_operator()
        if isinstance(model.column(column), JSONColumn) and not (
            person and may(person, "reveal", model)
        ):
            raise FilterError(_("“%(name)s”: cannot be filtered on.") % {"name": name})

    def refuse(self, why: str) -> None:
        """Show no records, and say why."""
        # To leave out a filter would show, and let change, more than was asked for.
        self.errors.append(why)
        self.is_usable = False

    def _until(self, name: str, value: str) -> str:
        """A day that ends a span means all of it; times are text, the day first."""
        column, _sep, lookup = name.partition("__")
        is_day = lookup == "lte" and len(value) == len("2025-01-31")
        if is_day and kind_of(self.model_admin.model, column) is Kind.STAMP:
            return f"{value} 23:59:59.999999"
        return value
