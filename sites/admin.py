"""The pages of sites and what MoviePilot knows about them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import RecordAdmin
from sites.models import Site, SiteIcon, SiteStatistic, SiteUserData


@admin.register(Site)
class SiteAdmin(RecordAdmin):
    """The sites, in the order in which MoviePilot searches them."""

    list_display = (
        "name",
        "domain",
        "pri",
        "is_active",
        "has_cookie",
        "public",
        "proxy",
        "render",
        "timeout",
        "downloader",
        "lst_mod_date",
    )
    list_load = ("cookie",)
    search_fields = ("name", "domain", "url")
    filter_fields = (
        "is_active",
        "public",
        "proxy",
        "render",
        "downloader",
        "domain__contains",
        "ua__empty",
    )
    ordering = ("pri", "id")
    sortable = (
        "name",
        "domain",
        "pri",
        "is_active",
        "public",
        "proxy",
        "render",
        "timeout",
        "downloader",
        "lst_mod_date",
    )
    fieldsets = (
        (
            _("Site"),
            {"fields": ("name", "domain", "url", "is_active", "public", "pri")},
        ),
        (_("Signing in"), {"fields": ("cookie", "ua", "apikey", "token", "rss")}),
        (_("Connection"), {"fields": ("proxy", "render", "timeout")}),
        (
            _("Limits"),
            {"fields": ("limit_interval", "limit_count", "limit_seconds")},
        ),
        (_("Other"), {"fields": ("downloader", "filter", "note", "lst_mod_date")}),
    )

    @admin.display(boolean=True, description=_("cookie"))
    def has_cookie(self, site: Site) -> bool:
        """Whether there is one; what it is, nobody sees."""
        return bool(site.cookie)


@admin.register(SiteIcon)
class SiteIconAdmin(RecordAdmin):
    """Pictures of the sites."""

    list_display = ("name", "domain", "url", "id")
    list_poster = "base64"
    search_fields = ("name", "domain")
    filter_fields = ("domain", "base64__empty")
    sortable = ("name", "domain")
    fieldsets = ((_("Icon"), {"fields": ("name", "domain", "url", "base64")}),)


@admin.register(SiteStatistic)
class SiteStatisticAdmin(RecordAdmin):
    """How reachable the sites are."""

    list_display = (
        "domain",
        "lst_state",
        "success",
        "fail",
        "seconds",
        "lst_mod_date",
    )
    search_fields = ("domain",)
    filter_fields = ("lst_state", "domain__contains", "lst_mod_date")
    sortable = list_display
    fieldsets = (
        (_("Site"), {"fields": ("domain", "lst_state", "lst_mod_date")}),
        (_("Visits"), {"fields": ("success", "fail", "seconds", "note")}),
    )


@admin.register(SiteUserData)
class SiteUserDataAdmin(RecordAdmin):
    """The account on each site, once a day: it grows without end."""

    list_display = (
        "name",
        "updated_day",
        "username",
        "user_level",
        "upload",
        "download",
        "ratio",
        "bonus",
        "seeding",
        "seeding_size",
        "message_unread",
        "err_msg",
    )
    search_fields = ("name", "domain", "username")
    filter_fields = (
        "domain",
        "updated_day",
        "user_level",
        "err_msg__empty",
        "err_msg__contains",
    )
    ordering = ("-updated_day", "-id")
    sortable = ("updated_day",)
    fieldsets = (
        (
            _("Account"),
            {
                "fields": (
                    "name",
                    "domain",
                    "username",
                    "userid",
                    "user_level",
                    "join_at",
                )
            },
        ),
        (
            _("Traffic"),
            {"fields": ("upload", "download", "ratio", "bonus")},
        ),
        (
            _("Torrents"),
            {
                "fields": (
                    "seeding",
                    "seeding_size",
                    "seeding_info",
                    "leeching",
                    "leeching_size",
                )
            },
        ),
        (_("Messages"), {"fields": ("message_unread", "message_unread_contents")}),
        (_("Snapshot"), {"fields": ("updated_day", "updated_time", "err_msg")}),
    )
