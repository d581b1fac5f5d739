"""The pages of what plugins stored."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import RecordAdmin
from core.models import PluginData


@admin.register(PluginData)
class PluginDataAdmin(RecordAdmin):
    """Plugins' values, by plugin. They may hold anything, so lists show their shape."""

    list_display = ("key", "plugin_id", "value", "id")
    search_fields = ("plugin_id", "key")
    filter_fields = ("plugin_id", "key", "key__contains")
    sortable = ("plugin_id",)
    fieldsets = ((_("Value"), {"fields": ("plugin_id", "key", "value")}),)
