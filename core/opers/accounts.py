"""The Opers of MoviePilot's accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db.models import Count, Q

from core.fields import local_now
from core.opers.account_filters import without_user
from core.opers.base import RecordOper, RecordQuerySet, twin

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    # Named in quotes below: models import Opers, not the other way round.
    from core.models.accounts import PassKey, User
    from core.models.operators import Operator


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

    def names(self, ids: Collection[int]) -> dict[int, str]:
        """Id → name of these users; those that do not exist are missing. One query."""
        return {pk: str(name) for pk, name in self._of(ids).values_list("pk", "name")}

    def _of(self, ids: Collection[int]) -> Self:
        # SQLite keeps anything in a column of numbers.
        return self.filter(pk__in=[pk for pk in ids if isinstance(pk, int)])

    def first_two(self, columns: Sequence[str], **lookup: Any) -> list[tuple[Any, ...]]:
        """These columns of the first two: one is wanted, two say there are several."""
        return self.first_few(columns, 2, **lookup)

    def first_few(
        self, columns: Sequence[str], most: int, **lookup: Any
    ) -> list[tuple[Any, ...]]:
        """These columns of the first so many."""
        return [*self.filter(**lookup).order_by("pk").values_list(*columns)[:most]]


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


class PassKeyCount(NamedTuple):
    """How many passkeys a user has."""

    active: int
    all: int


class PassKeyQuerySet(RecordQuerySet["PassKey"]):
    """Restrictions of passkeys."""

    def without_user(self) -> Self:
        """Those whose user does not exist. Raises FilterError without users' table."""
        return self.filter(without_user("pk", "user_id"))

    def numbered_from(self, user_id: int) -> Self:
        """Those of this user id and higher ones."""
        return self.filter(user_id__gte=user_id)

    def counted(self, user_ids: Collection[int]) -> dict[int, PassKeyCount]:
        """User id → how many passkeys; those without any are missing. One query."""
        active = Count("pk", filter=Q(is_active=True))
        owned = self.filter(user_id__in=user_ids).order_by().values_list("user_id")
        counted = owned.annotate(active=active, all=Count("pk"))
        return {pk: PassKeyCount(active, every) for pk, active, every in counted}

    def by_age(self) -> Self:
        """The oldest first."""
        return self.order_by("pk")

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

    def note_use(
        self, passkey: PassKey, sign_count: int, *, by: Operator, reason: str
    ) -> None:
        """Keep that somebody signed in with it, and how far its authenticator counts.

        Raises RecordGone, and RecordMoved when it was used or disabled since `passkey`
        was read; InvalidValues and RecordRefused for a number the column cannot hold.
        """
        from core.changes import (
            RecordGone,
            RecordMoved,
            fingerprint,
            read_stored,
            save_record,
        )

        model = self._model
        stored = read_stored(model, passkey.pk)
        if stored is None:
            raise RecordGone
        if stored["sign_count"] != passkey.sign_count or not stored["is_active"]:
            raise RecordMoved({"sign_count": stored["sign_count"]})
        values: dict[str, Any] = {
            # Of authenticators that do not count, what MoviePilot wrote stays.
            "sign_count": sign_count or passkey.sign_count,
            # Not to be changed, but to be looked at once more under the lock.
            "is_active": True,
        }
        shown = {name: fingerprint(model, name, stored[name]) for name in values}
        values["last_used_at"] = local_now()
        save_record(
            model,
            passkey.pk,
            values,
            shown=shown,
            unlocked=values.keys(),
            by=by,
            reason=reason,
        )
