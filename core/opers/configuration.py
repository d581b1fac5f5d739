"""The Opers of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from core.models.configuration import SystemConfig, UserConfig  # noqa: F401


class SystemConfigQuerySet(RecordQuerySet["SystemConfig"]):
    """Restrictions of system settings."""

    def of_plugins(self) -> Self:
        """Those that belong to plugins."""
        return self.filter(key__startswith="plugin.")


SystemConfigManager = RecordOper.from_queryset(SystemConfigQuerySet)


class SystemConfigOper(SystemConfigManager["SystemConfig"]):
    """Settings of MoviePilot and its plugins."""

    record = "core.SystemConfig"


class UserConfigQuerySet(RecordQuerySet["UserConfig"]):
    """Restrictions of user settings."""

    def of_user(self, username: str) -> Self:
        """Those of one user, by name."""
        return self.filter(username=username)


UserConfigManager = RecordOper.from_queryset(UserConfigQuerySet)


class UserConfigOper(UserConfigManager["UserConfig"]):
    """Settings of the users' pages."""

    record = "core.UserConfig"
