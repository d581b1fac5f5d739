"""Which of our migrations made the MoviePilot database, kept in the console's own."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AppliedMigration(models.Model):
    """One migration that ran on a MoviePilot database made here.

    MoviePilot's database gets no migrations table, so it is remembered here.
    """

    database = models.CharField(_("database"), max_length=500)
    """Which database, see core.schema.identity."""
    app = models.CharField(_("app"), max_length=255)
    name = models.CharField(_("migration"), max_length=255)
    applied_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("applied migration")
        verbose_name_plural = _("applied migrations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["database", "app", "name"], name="core_appliedmigration_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"
