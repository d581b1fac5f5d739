"""The app of MoviePilot's site tables."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SitesConfig(AppConfig):
    """Sites, their icons, statistics and accounts."""

    name = "sites"
    verbose_name = _("Sites")
