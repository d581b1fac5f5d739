"""What operators did that the change log, which knows of records only, lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from core.models.operators import Operator

SYSTEM = "system"
"""Who acts where no operator is signed in, as on the command line."""


class AuditKind(models.TextChoices):
    """What was done."""

    REVEAL = "reveal", _("secret revealed")
    EXPORT = "export", _("secrets exported")
    RESCUE = "rescue", _("user rescued")
    ROLE = "role", _("role changed")
    OPERATOR = "operator", _("operator changed")
    PRUNE = "prune", _("old changes deleted")


class FinalRecord(Exception):
    """An audit event is written once and stays: it is evidence."""

    def __init__(self) -> None:
        super().__init__("Audit events are only added, never changed or deleted.")


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """Reads; what is there is neither changed nor deleted."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Raises FinalRecord."""
        raise FinalRecord

    def delete(self) -> NoReturn:
        """Raises FinalRecord."""
        raise FinalRecord


class AuditManager(models.Manager.from_queryset(AuditQuerySet)):  # type: ignore[misc]
    """Adds events."""

    def record(
        self,
        kind: AuditKind,
        subject: str,
        *,
        by: Operator | None = None,
        **detail: Any,
    ) -> AuditEvent:
        """Keep that this is about to be done; to be called before it is.

        `detail` must hold no secret: it is kept as it is.
        """
        name = by.get_username() if by else SYSTEM
        event: AuditEvent = self.create(
            kind=kind, subject=subject, operator=by, operator_name=name, detail=detail
        )
        return event


class AuditEvent(models.Model):
    """One thing that was done, by whom and when."""

    created_at = models.DateTimeField(_("time"), default=timezone.now)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Kept for when the account is gone.
    operator_name = models.CharField(_("operator"), max_length=255, default=SYSTEM)
    kind = models.CharField(_("kind"), max_length=20, choices=AuditKind)
    subject = models.TextField(_("subject"))
    detail = models.JSONField(_("details"), default=dict)

    objects: ClassVar[AuditManager] = AuditManager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        default_permissions: ClassVar = ("view",)
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="core_auditevent_created"),
            models.Index(fields=["kind", "id"], name="core_auditevent_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.operator_name} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the event. Raises FinalRecord for one that was added before."""
        if not self._state.adding:
            raise FinalRecord
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises FinalRecord."""
        raise FinalRecord
