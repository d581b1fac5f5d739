"""The Opers of MoviePilot's accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from core.opers.base import RecordOper, RecordQuerySet, twin

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    def first_two(self, columns: Sequence[str], **lookup: Any) -> list[tuple[Any, ...]]:
        """These columns of the first two: one is wanted, two say there are several."""
        return [*self.filter(**lookup).order_by("pk").values_list(*columns)[:2]]


UserManager = RecordOper.from_queryset(UserQuerySet)


class UserOper(UserManager["User"]):
    """MoviePilot's accounts."""

    record = "core.User"

    def add(
        self, record: User | None = None, /, *, reason: str = "", **kwargs: Any
    ) -> int:
        """Insert a user, given as a record or by its columns, and return its id.

        `hashed_password` takes the hash, not the password. Raises InvalidValues.
        """
        if record is not None:
            return super().add(record, reason=reason, **kwargs)
        return self._insert(reason=reason, **kwargs)

    async_add = twin(add)  # type: ignore[arg-type]

    def get_by_name(self, name: str) -> User | None:
        """The user of exactly this name, the oldest if several share it, or None."""
        return self.named(name).oldest()

    async_get_by_name = twin(get_by_name)

    def get_by_id(self, user_id: int) -> User | None:
        """The user with this id, or None."""
        return self.find(user_id)

    async_get_by_id = twin(get_by_id)

    def get_permissions(self, name: str) -> dict[str, Any]:
        """What the user may do; {} also when there is no such user."""
        user = self.get_by_name(name)
        return mapping(user.permissions) if user else {}

    async_get_permissions = twin(get_permissions)

    def get_settings(self, name: str) -> dict[str, Any] | None:
        """The user's settings, {} when there are none; None without such a user."""
        user = self.get_by_name(name)
        return mapping(user.settings) if user else None

    async_get_settings = twin(get_settings)

    def get_setting(self, name: str, key: str) -> Any:
        """One of the user's settings, or None."""
        return (self.get_settings(name) or {}).get(key)

    async_get_setting = twin(get_setting)

    def get_name(self, /, **kwargs: Any) -> str | None:
        """The name of the first user with any of these settings, compared as text.

        MoviePilot turns None into the text "None" and looks for that; here None matches
        nobody, so a chat without an id is no user's.
        """
        wanted = {key: str(each) for key, each in kwargs.items() if each is not None}
        users = self.get_queryset().order_by("pk").values_list("name", "settings")
        for name, stored in users:
            settings = mapping(stored)
            if any(settings.get(key) == each for key, each in wanted.items()):
                return str(name)
        return None

    async_get_name = twin(get_name)


def mapping(stored: object) -> dict[str, Any]:
    """A JSON object as it is, {} for anything else that may stand in its column."""
    return stored if isinstance(stored, dict) else {}


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
