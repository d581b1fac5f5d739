"""The pages of settings kept in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from core.admin.accounts import owners
from core.admin.base import RecordAdmin
from core.fields import readable_json
from core.models import SystemConfig, UserConfig
from core.models.base import Record
from core.systemconfig.keys import known_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from core.admin.base import ListNotice
    from core.admin.list_state import ListState


@admin.register(SystemConfig)
class SystemConfigAdmin(RecordAdmin):
    """MoviePilot's and the plugins' settings, by name."""

    list_display = ("key", "value", "id")
    search_fields = ("key",)
    filter_fields = ("key", "key__contains")
    ordering = ("key", "id")
    sortable = ("key",)
    fieldsets = ((_("Setting"), {"fields": ("key", "value")}),)

    def about(self, record: Record) -> str:
        """What is known of the setting, and the shape its value must have."""
        key = known_key(getattr(record, "key", None))
        if key is None:
            return ""
        shape = readable_json(key.shape) if key.shape else ""
        facts = {"key": key, "shape": shape}
        return render_to_string("core/includes/setting_facts.html", facts)


@admin.register(UserConfig)
class UserConfigAdmin(RecordAdmin):
    """How each user arranged the pages."""

    list_display = ("key", "username", "value")
    search_fields = ("key", "username")
    filter_fields = ("username", "key", "orphans")
    sortable = ("key", "username")
    fieldsets = ((_("Setting"), {"fields": ("username", "key", "value")}),)

    def list_notices(
        self, request: HttpRequest, state: ListState
    ) -> Sequence[ListNotice]:
        """Settings of names that nobody has."""
        return owners.notices(self, state, owners.settings_words)

    def about(self, record: Record) -> str:
        """Whose it is."""
        return owners.of_setting(record)
