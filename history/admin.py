"""The pages of what MoviePilot did: transfers, downloads, finished subscriptions.

These tables hold up to millions of rows, so they sort only by what an index of
MoviePilot begins with.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import RecordAdmin
from history.models import (
    DownloadFiles,
    DownloadHistory,
    SubscribeHistory,
    TransferHistory,
)

IDENTIFIERS = ("tmdbid", "imdbid", "tvdbid", "doubanid")


@admin.register(TransferHistory)
class TransferHistoryAdmin(RecordAdmin):
    """Files that were brought into the library, or should have been."""

    list_display = (
        "title",
        "status",
        "type",
        "category",
        "seasons",
        "episodes",
        "mode",
        "date",
        "src",
        "dest",
        "errmsg",
    )
    list_poster = "image"
    search_fields = ("title", "src", "dest")
    filter_fields = (
        "status",
        "type",
        "category",
        "mode",
        "date",
        "errmsg__contains",
        "title__contains",
        "src__contains",
        "dest__contains",
        "src_storage",
        "dest_storage",
        "tmdbid",
        "download_hash",
    )
    ordering = ("-date", "-id")
    sortable = ("date", "title", "src")
    fieldsets = (
        (
            _("Title"),
            {
                "fields": (
                    "title",
                    "type",
                    "category",
                    "year",
                    "seasons",
                    "episodes",
                    "image",
                )
            },
        ),
        (_("Outcome"), {"fields": ("status", "errmsg", "mode", "date")}),
        (_("Source"), {"fields": ("src", "src_storage", "src_fileitem", "files")}),
        (_("Target"), {"fields": ("dest", "dest_storage", "dest_fileitem")}),
        (_("Download"), {"fields": ("downloader", "download_hash")}),
        (_("Identifiers"), {"fields": (*IDENTIFIERS, "episode_group")}),
    )


@admin.register(DownloadHistory)
class DownloadHistoryAdmin(RecordAdmin):
    """Downloads handed to a downloader."""

    list_display = (
        "title",
        "type",
        "seasons",
        "episodes",
        "date",
        "torrent_name",
        "torrent_site",
        "downloader",
        "username",
        "media_category",
        "path",
    )
    list_poster = "image"
    search_fields = ("title", "torrent_name", "path")
    filter_fields = (
        "type",
        "date",
        "torrent_site",
        "downloader",
        "username",
        "channel",
        "media_category",
        "torrent_name__contains",
        "path__contains",
        "tmdbid",
        "download_hash",
    )
    ordering = ("-date", "-id")
    sortable = ("date", "path")
    fieldsets = (
        (
            _("Title"),
            {
                "fields": (
                    "title",
                    "type",
                    "year",
                    "seasons",
                    "episodes",
                    "media_category",
                    "image",
                )
            },
        ),
        (
            _("Release"),
            {"fields": ("torrent_name", "torrent_description", "torrent_site")},
        ),
        (
            _("Download"),
            {"fields": ("path", "downloader", "download_hash", "date")},
        ),
        (_("Asked for by"), {"fields": ("username", "userid", "channel", "note")}),
        (
            _("Identifiers"),
            {"fields": (*IDENTIFIERS, "episode_group", "custom_words")},
        ),
    )


@admin.register(DownloadFiles)
class DownloadFilesAdmin(RecordAdmin):
    """Files inside the downloads."""

    list_display = (
        "filepath",
        "state",
        "torrentname",
        "downloader",
        "savepath",
        "fullpath",
        "download_hash",
    )
    search_fields = ("fullpath", "torrentname")
    filter_fields = (
        "state",
        "downloader",
        "download_hash",
        "fullpath__contains",
        "torrentname__contains",
        "savepath",
    )
    sortable = ("fullpath", "savepath")
    fieldsets = (
        (_("File"), {"fields": ("filepath", "savepath", "fullpath", "state")}),
        (_("Download"), {"fields": ("torrentname", "downloader", "download_hash")}),
    )


@admin.register(SubscribeHistory)
class SubscribeHistoryAdmin(RecordAdmin):
    """Subscriptions that found everything they wanted."""

    list_display = (
        "name",
        "type",
        "year",
        "season",
        "total_episode",
        "username",
        "media_category",
        "vote",
        "date",
    )
    list_poster = "poster"
    search_fields = ("name", "username")
    filter_fields = (
        "type",
        "username",
        "season",
        "date",
        "media_category",
        "best_version",
        "tmdbid",
    )
    sortable = ("name",)
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
            {"fields": ("start_episode", "total_episode", "date", "username")},
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
            {"fields": ("best_version", "best_version_full", "episode_priority")},
        ),
        (_("Download"), {"fields": ("save_path", "media_category", "custom_words")}),
        (
            _("Identifiers"),
            {"fields": (*IDENTIFIERS, "bangumiid", "mediaid", "episode_group")},
        ),
    )
