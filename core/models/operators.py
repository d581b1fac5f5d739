"""The console's own accounts. MoviePilot's are data: see core.models.accounts."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.roles import Role


class Operator(AbstractUser):
    """A person who may use the console.

    Either local (made by `createsuperuser`, with a password of its own) or linked to a
    row of MoviePilot's `user` table by id and name, with no usable password here.
    """

    moviepilot_id = models.IntegerField(_("MoviePilot user id"), null=True, blank=True)
    moviepilot_name = models.CharField(
        _("MoviePilot user name"), max_length=255, blank=True, default=""
    )
    role = models.CharField(
        _("role"), max_length=20, choices=Role, blank=True, default=""
    )
    """The role whose group this operator is in: see core.roles.give. A superuser
    may do everything without one.
    """
    follows_moviepilot = models.BooleanField(
        _("role as in MoviePilot"),
        default=True,
        help_text=_("Until an administrator of the console says otherwise."),
    )
    """Of a linked operator: whether `role` comes from the rights in MoviePilot."""
    language = models.CharField(
        _("language"),
        max_length=16,
        blank=True,
        default="",
        help_text=_("empty: the browser's"),
    )
    totp_secret = models.TextField(blank=True, default="")
    """Of a local operator: what one-time codes are made from, encrypted by
    core.secrets; empty without them.
    """
    totp_step = models.BigIntegerField(null=True, blank=True)
    """The time step (of 30 s since 1970) of the last code taken: no code counts twice.
    Of a linked operator too.
    """

    class Meta(AbstractUser.Meta):
        verbose_name = _("operator")  # type: ignore[assignment]
        verbose_name_plural = _("operators")  # type: ignore[assignment]
        permissions: ClassVar = [("clear_caches", "Can clear the console's caches")]
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


class OperatorPassKey(models.Model):
    """A passkey of a local operator. Those of MoviePilot's users: core.PassKey."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="passkeys")
    credential_id = models.CharField(max_length=1400, unique=True)
    """Base64url without padding, as the browser sends it (at most 1,023 bytes)."""
    public_key = models.TextField()
    """COSE key, base64url without padding."""
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(_("name"), max_length=100)
    transports = models.CharField(max_length=200, blank=True, default="")
    """As MoviePilot keeps them: comma-separated."""
    created_at = models.DateTimeField(_("added"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("passkey of an operator")
        verbose_name_plural = _("passkeys of operators")
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return self.name
