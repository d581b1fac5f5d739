"""One page of a list: its records, its count, and what its template shows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import DataError, ProgrammingError
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.admin import filters
from core.admin.columns import Column, Rows, columns_of, loaded_fields
from core.admin.counts import Count, count
from core.admin.list_state import SIZES, ListState
from core.opers.base import oper_of
from core.opers.filters import FilterError
from core.opers.keyset import Keyset, Page

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.admin.base import RecordAdmin
    from core.models.base import Record
    from core.opers.base import RecordQuerySet

__all__ = ["SIZES", "ListState", "RecordList", "matching"]

NO_PAGE = Page([], None, None)


def matching(state: ListState) -> RecordQuerySet[Record]:
    """The records a list is asked for. Raises FilterError."""
    records = oper_of(state.model_admin.model).get_queryset()
    return records.matching(state.filter, state.q, state.search)


class RecordList:
    """The list page a request asks for."""

    def __init__(
        self, model_admin: RecordAdmin, request: HttpRequest, *, has_boxes: bool = True
    ) -> None:
        self.model_admin = model_admin
        self.has_boxes = has_boxes
        """Whether there is anything to do with selected records."""
        self.state = ListState.parse(model_admin, request.GET.dict())
        self.columns = columns_of(model_admin)
        self.page = self._read() if self.state.is_usable else NO_PAGE

    def context(self) -> dict[str, Any]:
        """What the template shows."""
        state, page = self.state, self.page
        return {
            "state": state,
            "headings": [self._heading(column) for column in self.columns],
            "rows": self._rows(page.records),
            "page": page,
            "page_urls": self._page_urls(),
            "count": self.count,
            "size": len(page.records),
            "controls": self.controls,
            "hidden": self._hidden(),
            "chips": state.chips,
            "is_first": not (state.after or state.before or state.last),
            "sizes": SIZES,
        }

    @cached_property
    def count(self) -> Count | None:
        """How many records match; None where finding out needs a request of its own."""
        state = self.state
        if not state.is_usable:
            return None
        is_first = not (state.after or state.before or state.last)
        if is_first and self.page.next is None:
            return Count(len(self.page.records))
        if state.is_filtered and not state.count:
            return None
        return count(matching(state))

    def _read(self) -> Page:
        state = self.state
        try:
            loaded = loaded_fields(self.model_admin) | {state.order_by}
            records = matching(state).reading(loaded)
            keyset = Keyset(records, state.ordering, state.size)
            return keyset.page(after=state.after, before=state.before, last=state.last)
        except (FilterError, DataError, ProgrammingError) as error:
            if not (state.after or state.before):
                raise
            return self._first_page(error)
        except ValidationError as error:
            state.refuse(" ".join(error.messages))
            return NO_PAGE

    def _first_page(self, error: Exception) -> Page:
        """A damaged place in the list is no reason to show nothing."""
        is_told = isinstance(error, FilterError)
        self.state.errors.append(str(error) if is_told else _("This page is gone."))
        self.state.after = self.state.before = ""
        return self._read()

    def _rows(self, records: list[Record]) -> list[SafeString]:
        self.model_admin.gather(records)
        rows = Rows(
            self.model_admin, self.columns, self.state.query, has_boxes=self.has_boxes
        )
        return [rows.render(each, is_checked=self.state.all) for each in records]

    def _heading(self, column: Column) -> dict[str, Any]:
        url, sorted_by = "", ""
        if column.is_sortable:
            now = self.state.ordering[0]
            is_ascending = now == column.name
            if now.lstrip("-") == column.name:
                sorted_by = "ascending" if is_ascending else "descending"
            order = f"-{column.name}" if is_ascending else column.name
            url = f"?{self.state.url_query({'o': order})}"
        return {"column": column, "url": url, "sorted": sorted_by}

    def _page_urls(self) -> dict[str, str]:
        state, page = self.state, self.page
        kept: dict[str, str | int] = {"all": 1} if state.all else {}
        places = {"next": ("after", page.next), "previous": ("before", page.previous)}
        urls = {
            name: f"?{state.url_query({where: cursor, **kept})}"
            for name, (where, cursor) in places.items()
            if cursor
        }
        if page.previous:
            urls["first"] = f"?{state.url_query(kept)}"
        if page.next:
            urls["last"] = f"?{state.url_query({'last': 1, **kept})}"
        return urls

    @cached_property
    def controls(self) -> list[filters.Control]:
        """The inputs of the filter bar."""
        model, given = self.model_admin.model, self.state.given
        names = self.model_admin.filter_fields
        return [filters.control(model, name, given) for name in names]

    def _hidden(self) -> list[tuple[str, str]]:
        """What the filter form keeps although it has no input for it."""
        asked = {name for each in self.controls for name in each.names}
        asked |= {f"{name}__empty" for name in asked}
        kept = [(name, v) for name, v in self.state.given.items() if name not in asked]
        return [*kept, *([("o", self.state.o)] if self.state.o else [])]
