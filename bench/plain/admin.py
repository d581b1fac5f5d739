"""Two admins of the table: as everybody writes it, and with what is known to help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from bench.plain.models import TransferHistory
from bench.rows import MOVIE_CATEGORIES, SERIES_CATEGORIES

if TYPE_CHECKING:
    Admin = admin.ModelAdmin[TransferHistory]
else:
    Admin = admin.ModelAdmin


CATEGORIES = (*MOVIE_CATEGORIES, *SERIES_CATEGORIES)


class PlainAdmin(Admin):
    """Out of the box."""

    list_display = (
        "title",
        "status",
        "type",
        "category",
        "seasons",
        "episodes",
        "mode",
        "src",
        "dest",
        "errmsg",
        "date",
    )
    list_filter: ClassVar[tuple[Any, ...]] = ("status", "category")
    search_fields = ("title", "src", "dest")
    ordering = ("-date",)
    list_per_page = 50


class KnownCategory(admin.SimpleListFilter):
    """A filter whose choices are not looked for in the table."""

    title = parameter_name = "category"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[TransferHistory]
    ) -> list[tuple[str, str]]:
        """The choices."""
        return [(name, name) for name in CATEGORIES]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[TransferHistory]
    ) -> QuerySet[TransferHistory]:
        """The records of the chosen one."""
        return queryset.filter(category=self.value()) if self.value() else queryset


class TunedAdmin(PlainAdmin):
    """No DISTINCT, one COUNT, no columns that the list does not show."""

    list_filter = ("status", KnownCategory)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[TransferHistory]:
        """Without the long JSON columns, where a list is shown."""
        queryset = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and (match.url_name or "").endswith("changelist")
        if not is_list:
            return queryset
        return queryset.defer("src_fileitem", "dest_fileitem", "files", "image")


plain_site = admin.AdminSite("box")
plain_site.register(TransferHistory, PlainAdmin)
tuned_site = admin.AdminSite("tuned")
tuned_site.register(TransferHistory, TunedAdmin)
