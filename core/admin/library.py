"""The pages of what the media servers hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import clear_library
from core.admin.base import BOTH, PageButton, RecordAdmin
from core.models import MediaServerItem

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern


@admin.register(MediaServerItem)
class MediaServerItemAdmin(RecordAdmin):
    """A local index that MoviePilot rebuilds; it grows with the library."""

    list_display = (
        "title",
        "original_title",
        "item_type",
        "year",
        "server",
        "library",
        "tmdbid",
        "imdbid",
        "path",
        "lst_mod_date",
    )
    search_fields = ("title", "original_title", "path")
    filter_fields = (
        "server",
        "library",
        "item_type",
        "year",
        "tmdbid",
        "imdbid",
        "tvdbid",
        "path__contains",
        "tmdbid__empty",
        "lst_mod_date",
    )
    sortable = ("title", "tmdbid", "imdbid")
    fieldsets = (
        (
            _("Title"),
            {"fields": ("title", "original_title", "item_type", "year")},
        ),
        (
            _("Place"),
            {"fields": ("server", "library", "item_id", "path", "lst_mod_date")},
        ),
        (_("Episodes"), {"fields": ("seasoninfo", "note")}),
        (_("Identifiers"), {"fields": ("tmdbid", "imdbid", "tvdbid")}),
    )

    def get_urls(self) -> list[URLPattern]:
        """The table's pages, and the one that clears it."""
        clear = self.url_of("clear/", BOTH, self.clear_view, "clear")
        return [clear, *super().get_urls()]

    def list_buttons(self, request: HttpRequest) -> list[PageButton]:
        """The way to clear it."""
        if not self.has_delete_permission(request):
            return []
        label = _("Clear the cache…")
        return [PageButton(label, self.url("clear"), "trash")]

    def clear_view(self, request: HttpRequest) -> HttpResponse:
        """Which server's items to clear."""
        return clear_library.show(self, request)
