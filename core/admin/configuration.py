"""The pages of settings kept in the database."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import RecordAdmin
from core.models import SystemConfig, UserConfig


@admin.register(SystemConfig)
class SystemConfigAdmin(RecordAdmin):
    """MoviePilot's and the plugins' settings, by name."""

    list_display = ("key", "value", "id")
    search_fields = ("key",)
    filter_fields = ("key", "key__contains")
    ordering = ("key", "id")
    sortable = ("key",)
    fieldsets = ((_("Setting"), {"fields": ("key", "value")}),)


@admin.register(UserConfig)
class UserConfigAdmin(RecordAdmin):
    """How each user arranged the pages."""

    list_display = ("key", "username", "value")
    search_fields = ("key", "username")
    filter_fields = ("username", "key")
    sortable = ("key", "username")
    bulk_fields = ("username", "value")
    fieldsets = ((_("Setting"), {"fields": ("username", "key", "value")}),)
