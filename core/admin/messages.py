"""The pages of messages."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import RecordAdmin
from core.models import Message


@admin.register(Message)
class MessageAdmin(RecordAdmin):
    """What MoviePilot received and sent; it grows without end."""

    list_display = (
        "title",
        "action",
        "mtype",
        "reg_time",
        "channel",
        "source",
        "userid",
        "text",
        "link",
    )
    list_poster = "image"
    search_fields = ("title", "text")
    filter_fields = (
        "action",
        "mtype",
        "channel",
        "source",
        "userid",
        "reg_time",
        "text__contains",
    )
    ordering = ("-reg_time", "-id")
    sortable = ("reg_time",)
    fieldsets = (
        (_("Message"), {"fields": ("title", "text", "image", "link", "note")}),
        (
            _("Way"),
            {"fields": ("action", "mtype", "channel", "source", "userid", "reg_time")},
        ),
    )
