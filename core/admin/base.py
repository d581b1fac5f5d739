"""What the pages of every MoviePilot table share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from core import permissions
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

    from core.admin.list_state import ListState

    RecordAdminBase = admin.ModelAdmin[Record]
else:
    RecordAdminBase = admin.ModelAdmin


READ = ("GET", "HEAD")
BOTH = (*READ, "POST")
"""What the addresses of pages take; anything else is answered by 405."""


class PageButton(NamedTuple):
    """A button above a list or a record that leads to another page."""

    label: StrOrPromise
    url: str
    icon: str


class ListNotice(NamedTuple):
    """What to know of the records of a list, and where to see those it is about."""

    text: str
    label: str
    url: str


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
    new_values: ClassVar[Mapping[str, Any]] = {}
    """What the form for a new record shows in place of the columns' defaults."""
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
        from core.admin import reveal
        from core.admin.bulk import start as bulk
        from core.admin.exporting import pages as exporting
        from core.admin.importing import pages as importing

        return [
            self.url_of("", READ, self.changelist_view, "changelist"),
            self.url_of("count/", READ, self.count_view, "count"),
            self.url_of("add/", BOTH, self.add_view, "add"),
            self.url_of("<int:object_id>/change/", BOTH, self.change_view, "change"),
            self.url_of("<int:object_id>/delete/", BOTH, self.delete_view, "delete"),
            self.url_of("<int:object_id>/history/", READ, self.history_view, "history"),
            self.url_of("<int:object_id>/restore/", BOTH, self.restore_view, "restore"),
            *bulk.urls(self),
            *importing.urls(self),
            *exporting.urls(self),
            *reveal.urls(self),
        ]

    def url_of(
        self,
        at: str,
        methods: Sequence[str],
        view: Callable[..., HttpResponse],
        page: str,
    ) -> URLPattern:
        """The address of one of the table's pages, for operators of the console."""
        allowed = require_http_methods([*methods])(view)
        return path(at, self.admin_site.admin_view(allowed), name=self.url_name(page))

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

    def beside(self, request: HttpRequest, record: Record) -> str:
        """What else stands beside a record's form, as HTML."""
        return ""

    def record_buttons(
        self, request: HttpRequest, record: Record
    ) -> Sequence[PageButton]:
        """What stands above a record."""
        return ()

    def gather(self, records: Sequence[Record]) -> None:
        """Read what computed columns need of other tables, for a page at once."""

    def add_part(self, request: HttpRequest) -> record_add.AddPart:
        """What the form for a new record holds beside its columns."""
        return record_add.AddPart()

    def has_view_permission(
        self, request: HttpRequest, obj: Record | None = None
    ) -> bool:
        """Whether this operator may see the table's records."""
        return permissions.may(request.user, "view", self.model)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether this operator may add records, and doing so makes sense."""
        return self.can_add and permissions.may(request.user, "add", self.model)

    def has_change_permission(
        self, request: HttpRequest, obj: Record | None = None
    ) -> bool:
        """Whether this operator may edit records."""
        return permissions.may(request.user, "change", self.model)

    def has_delete_permission(
        self, request: HttpRequest, obj: Record | None = None
    ) -> bool:
        """Whether this operator may delete records."""
        return permissions.may(request.user, "delete", self.model)

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whether this operator may change records from a file."""
        return permissions.may_import(request.user, self.model)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether this operator may take records out as a file, without secrets."""
        return permissions.may_export(request.user, self.model)

    def has_reveal_permission(self, request: HttpRequest) -> bool:
        """Whether this operator may see the table's secrets."""
        return permissions.may(request.user, "reveal", self.model)

    def list_buttons(self, request: HttpRequest) -> Sequence[PageButton]:
        """What stands above the list beside “Add”."""
        return ()

    def list_notices(
        self, request: HttpRequest, state: ListState
    ) -> Sequence[ListNotice]:
        """What to say above the list."""
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
