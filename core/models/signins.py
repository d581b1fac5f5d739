"""Who signed in or tried to, and the sessions that came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase


class Outcome(models.TextChoices):
    """What came of an attempt to sign in."""

    # Written before the password is looked at, so that a guess counts even when many
    # come at the same moment.
    TRIED = "tried", _("not finished")
    SUCCESS = "success", _("signed in")
    PASSWORD_RIGHT = "half", _("password right, second factor asked for")
    WRONG = "wrong", _("unknown name or wrong password")
    WRONG_CODE = "code", _("wrong or used one-time code")
    WRONG_PASSKEY = "passkey", _("passkey refused")
    DUPLICATE = "duplicate", _("several MoviePilot users have this name")
    INACTIVE = "inactive", _("disabled in MoviePilot")
    NO_ROLE = "no-role", _("has no role in the console")
    LOCAL = "local", _("a local operator has the same name")
    DISABLED = "disabled", _("disabled in the console")
    NAME = "name", _("name too long for the console")
    UNREACHABLE = "unreachable", _("MoviePilot's database could not be read")
    THROTTLED = "throttled", _("too many attempts")


class SignIn(models.Model):
    """One attempt to sign in, or to prove a second factor."""

    created_at = models.DateTimeField(_("time"), default=timezone.now)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="sign_ins"
    )
    name = models.CharField(_("name"), max_length=255, blank=True, default="")
    """As typed, where an account has it: others may be passwords in the wrong place."""
    name_key = models.CharField(max_length=64)
    """Keyed digest of what was typed, by which attempts are counted."""
    address = models.GenericIPAddressField(_("address"), null=True)
    network = models.CharField(max_length=64, blank=True, default="")
    """By which attempts are counted: the IPv4 address, or the /64 of an IPv6 one."""
    agent = models.CharField(_("browser"), max_length=300, blank=True, default="")
    outcome = models.CharField(_("result"), max_length=12, choices=Outcome)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        default_permissions: ClassVar = ("view",)
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["name_key", "created_at"], name="core_signin_name"),
            models.Index(fields=["network", "created_at"], name="core_signin_network"),
            models.Index(fields=["created_at"], name="core_signin_created"),
            models.Index(fields=["outcome", "id"], name="core_signin_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.name} {self.outcome}"


class OperatorSession(AbstractBaseSession):
    """A session, with whose it is and where it was begun.

    `expire_date` is the nearer of the idle and the absolute limit.
    """

    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions"
    )
    started_at = models.DateTimeField(_("signed in"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    address = models.GenericIPAddressField(_("address"), null=True)
    agent = models.CharField(_("browser"), max_length=300, blank=True, default="")

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("session")  # type: ignore[assignment]
        verbose_name_plural = _("sessions")  # type: ignore[assignment]
        default_permissions: ClassVar = ()
        indexes: ClassVar = [
            models.Index(fields=["operator", "seen_at"], name="core_session_operator")
        ]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """The engine that keeps these: what Django's own model asks for."""
        from core.auth.sessions import SessionStore

        return SessionStore
