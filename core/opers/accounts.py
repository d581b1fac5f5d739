"""The Opers of MoviePilot's accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from core.models.accounts import PassKey, User  # noqa: F401


class UserQuerySet(RecordQuerySet["User"]):
    """Restrictions of users."""

    def active(self) -> Self:
        """Those that may sign in."""
        return self.filter(is_active=True)

    def superusers(self) -> Self:
        """Those that may do everything."""
        return self.filter(is_superuser=True)

    def named(self, name: str) -> Self:
        """Those with this name; there can be several."""
        return self.filter(name=name)


UserManager = RecordOper.from_queryset(UserQuerySet)


class UserOper(UserManager["User"]):
    """MoviePilot's accounts."""

    record = "core.User"


class PassKeyQuerySet(RecordQuerySet["PassKey"]):
    """Restrictions of passkeys."""

    def active(self) -> Self:
        """Those that can be used."""
        return self.filter(is_active=True)

    def of_user(self, user_id: int) -> Self:
        """Those of one user."""
        return self.filter(user_id=user_id)


PassKeyManager = RecordOper.from_queryset(PassKeyQuerySet)


class PassKeyOper(PassKeyManager["PassKey"]):
    """WebAuthn credentials."""

    record = "core.PassKey"
