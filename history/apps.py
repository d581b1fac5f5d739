"""The app of MoviePilot's history tables."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HistoryConfig(AppConfig):
    """Transfers, downloads and finished subscriptions."""

    name = "history"
    verbose_name = _("History")
