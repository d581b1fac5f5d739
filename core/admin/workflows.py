"""The pages of workflows."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import RecordAdmin
from core.models import Workflow


@admin.register(Workflow)
class WorkflowAdmin(RecordAdmin):
    """Automation. `context` is never read: MoviePilot runs what stands in it."""

    list_display = (
        "name",
        "state",
        "trigger_type",
        "timer",
        "event_type",
        "run_count",
        "result",
        "add_time",
        "last_time",
    )
    search_fields = ("name", "description")
    filter_fields = (
        "state",
        "trigger_type",
        "event_type",
        "result__empty",
        "last_time",
    )
    sortable = list_display
    fieldsets = (
        (_("Workflow"), {"fields": ("name", "description", "add_time")}),
        (
            _("Start"),
            {"fields": ("trigger_type", "timer", "event_type", "event_conditions")},
        ),
        (_("Steps"), {"fields": ("actions", "flows")}),
        (
            _("State"),
            {
                "fields": (
                    "state",
                    "current_action",
                    "result",
                    "run_count",
                    "last_time",
                    "context",
                )
            },
        ),
    )
