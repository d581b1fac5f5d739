"""What the pages of every MoviePilot table share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from core.admin import (
    list_page,
    record_add,
    record_delete,
    record_history,
    record_page,
    restore_page,
)
from core.models.base import Record

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

    RecordAdminBase = admin.ModelAdmin[Record]
else:
    RecordAdminBase = admin.ModelAdmin


class PageButton(NamedTuple):
    """A button above a list that leads to another page."""

    label: StrOrPromise
    url: str
    icon: str


class RecordAdmin(RecordAdminBase):
    """Declares a table's pages; listing.py, record_page.py and bulk.py make them.

    Nothing here writes: each save, add and delete goes through core.changes.
    """

    actions = None
    list_per_page = 50
    ordering: ClassVar[tuple[str, ...]] = ("-id",)
    """The list's own order: a column and `id`, as an index of MoviePilot has them."""
    filter_fields: ClassVar[Sequence[str]] = ()
    """Filters of the bar: a column, or column__lookup (core.opers.filters.LOOKUPS)."""
    never_in_bulk: ClassVar[Mapping[str, str]] = {}
    """Columns that may be edited, but not in many records at once, and why not."""
    sortable: ClassVar[Sequence[str]] = ()
    """Columns to sort by. Of a table that grows, only those an index begins with."""
    list_load: ClassVar[Sequence[str]] = ()
    """Columns that computed columns of the list read."""
    list_poster: ClassVar[str] = ""
    """Column with the address of the picture shown beside the name."""
    can_add: ClassVar[bool] = True
    """Whether a record made by hand is of any use to MoviePilot."""

    @cached_property
    def bulk_fields(self) -> list[str]:
        """Columns that may be edited in many records at once, in the form's order."""
        shown = [
            str(name)
            for _title, options in self.fieldsets or ()
            for name in options["fields"]
        ]
        columns = {each.name: each.attname for each in self.model._meta.fields}
        return [
            name
            for name in dict.fromkeys([*shown, *columns])
            if columns[name] not in self.model.locked_fields
            and name not in self.never_in_bulk
        ]

    def get_urls(self) -> list[URLPattern]:
        """The table's own pages, none of the admin's."""
        # Not above: it imports what declares the tables.
        from core.admin.bulk import start as bulk
        from core.admin.exporting import pages as exporting
        from core.admin.importing import pages as importing

        views: dict[str, tuple[Callable[..., HttpResponse], str]] = {
            "": (self.changelist_view, "changelist"),
            "count/": (self.count_view, "count"),
            "add/": (self.add_view, "add"),
            "<int:object_id>/change/": (self.change_view, "change"),
            "<int:object_id>/delete/": (self.delete_view, "delete"),
            "<int:object_id>/history/": (self.history_view, "history"),
            "<int:object_id>/restore/": (self.restore_view, "restore"),
        }
        wrap = self.admin_site.admin_view
        return [
            *(
                path(at, wrap(view), name=self.url_name(n))
                for at, (view, n) in views.items()
            ),
            *bulk.urls(self),
            *importing.urls(self),
            *exporting.urls(self),
        ]

    def url_name(self, page: str) -> str:
        """The name of one of the table's addresses, without the site's."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def url(self, page: str, *args: object) -> str:
        """The address of one of the table's pages."""
        return reverse(f"admin:{self.url_name(page)}", args=args)

    def list_url(self) -> str:
        """The address of the list."""
        return self.url("changelist")

    def record_url(self, pk: int) -> str:
        """The address of a record's page."""
        return self.url("change", pk)

    def about(self, record: Record) -> str:
        """What else to say of a record above its form, as HTML."""
        return ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether this operator may add records, and doing so makes sense."""
        return self.can_add and super().has_add_permission(request)

    def list_buttons(self, request: HttpRequest) -> Sequence[PageButton]:
        """What stands above the list beside “Add”."""
        return ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list."""
        return list_page.show(self, request)

    def count_view(self, request: HttpRequest) -> HttpResponse:
        """How many records match, for a list that is already on screen."""
        return list_page.show_count(self, request)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form for a new record."""
        return record_add.show(self, request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: Any,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A record."""
        return record_page.edit(self, request, object_id)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: Any,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The question whether to delete a record."""
        return record_delete.show(self, request, object_id)

    def history_view(
        self,
        request: HttpRequest,
        object_id: Any,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What the console has done to a record."""
        return record_history.show(self, request, object_id)

    def restore_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The question whether to put a record back as it was."""
        return restore_page.show(self, request, object_id)
