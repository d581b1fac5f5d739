"""The pages of what the media servers hold."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import RecordAdmin
from core.models import MediaServerItem


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
    bulk_fields = (
        "server",
        "library",
        "item_type",
        "title",
        "year",
        "tmdbid",
        "imdbid",
        "tvdbid",
        "path",
    )
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
