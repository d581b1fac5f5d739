"""The console's own accounts. MoviePilot's are data: see core.models.accounts."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Operator(AbstractUser):
    """A person who may use the console.

    Either local (made by `createsuperuser`, with a password of its own) or linked to a
    row of MoviePilot's `user` table by id and name, with no usable password here.
    """

    moviepilot_id = models.IntegerField(_("MoviePilot user id"), null=True, blank=True)
    moviepilot_name = models.CharField(
        _("MoviePilot user name"), max_length=255, blank=True, default=""
    )
    language = models.CharField(
        _("language"),
        max_length=16,
        blank=True,
        default="",
        help_text=_("empty: the browser's"),
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("operator")  # type: ignore[assignment]
        verbose_name_plural = _("operators")  # type: ignore[assignment]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["moviepilot_id", "moviepilot_name"],
                condition=models.Q(moviepilot_id__isnull=False),
                name="core_operator_one_link",
            )
        ]

    @property
    def is_linked(self) -> bool:
        """Whether this operator signs in with a MoviePilot account."""
        return self.moviepilot_id is not None
