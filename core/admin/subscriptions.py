"""The pages of subscriptions."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import RecordAdmin
from core.models import Subscribe


@admin.register(Subscribe)
class SubscribeAdmin(RecordAdmin):
    """Titles MoviePilot is looking for. There are hundreds, so any column sorts."""

    list_display = (
        "name",
        "type",
        "year",
        "season",
        "state",
        "lack_episode",
        "total_episode",
        "username",
        "downloader",
        "date",
        "last_update",
    )
    list_poster = "poster"
    search_fields = ("name", "keyword", "username")
    filter_fields = (
        "state",
        "type",
        "username",
        "downloader",
        "tmdbid",
        "season",
        "best_version",
        "quality__contains",
        "save_path__contains",
        "save_path__empty",
        "media_category",
        "date",
        "last_update",
    )
    sortable = list_display
    fieldsets = (
        (
            _("Title"),
            {
                "fields": (
                    "name",
                    "type",
                    "year",
                    "season",
                    "keyword",
                    "description",
                    "vote",
                    "poster",
                    "backdrop",
                )
            },
        ),
        (
            _("Progress"),
            {
                "fields": (
                    "state",
                    "start_episode",
                    "total_episode",
                    "manual_total_episode",
                    "lack_episode",
                    "note",
                    "date",
                    "last_update",
                    "username",
                )
            },
        ),
        (
            _("Which releases"),
            {
                "fields": (
                    "sites",
                    "filter_groups",
                    "include",
                    "exclude",
                    "quality",
                    "resolution",
                    "effect",
                    "search_imdbid",
                    "filter",
                )
            },
        ),
        (
            _("Upgrading"),
            {
                "fields": (
                    "best_version",
                    "best_version_full",
                    "current_priority",
                    "episode_priority",
                )
            },
        ),
        (
            _("Download"),
            {"fields": ("downloader", "save_path", "media_category", "custom_words")},
        ),
        (
            _("Identifiers"),
            {
                "fields": (
                    "tmdbid",
                    "imdbid",
                    "tvdbid",
                    "doubanid",
                    "bangumiid",
                    "mediaid",
                    "episode_group",
                )
            },
        ),
    )
