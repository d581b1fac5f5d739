"""The Opers of settings."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db.models import TextField
from django.db.models.functions import Cast, Length

from core.fields import JSON_NULL, BrokenJSON, encode_json
from core.opers.accounts import UserOper
from core.opers.base import TRIES, RecordOper, RecordQuerySet, twin
from core.systemconfig.keys import PluginKey, SystemConfigKey, UserConfigKey, key_text
from core.systemconfig.snapshot import Snapshot, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.models.base import Record

    # Named in quotes below: models import Opers, not the other way round.
    from core.models.configuration import SystemConfig, UserConfig

R = TypeVar("R", bound="Record", covariant=True)
logger = logging.getLogger(__name__)
_reported: set[str] = set()


class SettingOper(RecordOper[R]):
    """An Oper of a table that holds values under keys."""

    def _store(
        self, find: Callable[[], Sequence[Any]], row: dict[str, str], value: Any
    ) -> bool | None:
        """Store the value as MoviePilot does; None when it was there already.

        `find` reads the rows with this key, `row` is what a new one holds beside the
        value. Of two writers the later one has its way, as in MoviePilot.
        """
        for tries_left in reversed(range(TRIES)):
            found, final = find(), not tries_left
            if found and same_json(found[0].value, value):
                return None
            if not found:
                if self._store_new(find, row, value, final=final):
                    return True
            elif not value:
                # All of them, or the next would come to count.
                return self._delete_ids([record.pk for record in found]) > 0
            elif self._store_in(found[0].pk, value, final=final):
                return True
        return None

    def _store_in(self, pk: int, value: Any, *, final: bool) -> bool:
        """Write the value to a row; False when somebody has just deleted it."""
        from core.changes import RecordGone, save_record

        try:
            save_record(self.model, pk, {"value": value})
        except RecordGone:
            if final:
                raise
            return False
        return True

    def _store_new(
        self,
        find: Callable[[], Sequence[Any]],
        row: dict[str, str],
        value: Any,
        *,
        final: bool,
    ) -> bool:
        """Add a row; False when somebody else has just added it."""
        from core.changes import InvalidValues, RecordRefused

        try:
            self._insert(**row, value=JSON_NULL if value is None else value)
        except (InvalidValues, RecordRefused):
            if final or not find():
                raise
            return False
        return True


class SystemConfigQuerySet(RecordQuerySet["SystemConfig"]):
    """Restrictions of system settings."""

    def of_plugins(self) -> Self:
        """Those that belong to plugins."""
        return self.filter(key__startswith="plugin.")

    def keyed(self, key: str) -> Self:
        """Those with this key, the one that counts first; there should be one."""
        return self.filter(key=key).order_by("pk")


SystemConfigManager = SettingOper.from_queryset(SystemConfigQuerySet)


class SystemConfigOper(SystemConfigManager["SystemConfig"]):
    """Settings of MoviePilot and its plugins.

        oper = SystemConfigOper()
        oper.get(SystemConfigKey.RssUrls)
        oper.set(SystemConfigKey.RssUrls, ["https://example.com/rss"])

    A key is a SystemConfigKey, or SystemConfigKey.plugin("<PluginId>"); a bare text
    raises TypeError. Where a key stands in several rows the first counts, as for
    MoviePilot. `get(sid=…)` and `find(…)` give a record by its id.
    """

    record = "core.SystemConfig"

    def get(  # type: ignore[override]
        self, key: SystemConfigKey | PluginKey | None = None, *, sid: int | None = None
    ) -> Any:
        """The value under this key, or None; without a key, all of them.

        A copy, at most two seconds old. A value that is not JSON reads as None. With
        `sid` it is the record of this id, as with every Oper.
        """
        if sid is not None:
            return self.find(sid)
        if key is None:
            return self.all()
        packed = settings_snapshot.read().get(key_text(key))
        return None if packed is None else unpack(packed)

    async_get = twin(get)  # type: ignore[arg-type]

    def all(self) -> dict[str, Any]:  # type: ignore[override]
        """Every key with its value, those of plugins and unknown ones too."""
        return {key: unpack(packed) for key, packed in settings_snapshot.read().items()}

    async_all = twin(all)

    def set(self, key: SystemConfigKey | PluginKey, value: Any) -> bool | None:
        """Store the value; True when something was written, None when it was there.

        As in MoviePilot an empty value (None, "", 0, False, [], {}) deletes the setting
        where there is one, and is stored where there is none. What the database holds
        counts, not what was read before. Raises InvalidValues for a value of another
        shape than the key's, TypeError or ValueError for what is no JSON.
        """
        name, value = key_text(key), as_json(value)
        return self._store(lambda: self._keyed(name), {"key": name}, value)

    async_set = twin(set)

    def delete(  # type: ignore[override]
        self, key: SystemConfigKey | PluginKey | None = None, *, sid: int | None = None
    ) -> bool:
        """Delete the setting, every row of it; True even when there was none.

        With `sid` it is the record of this id, as with every Oper; False without one.
        """
        if sid is not None:
            return super().delete(sid)
        if key is None:
            raise TypeError("Say which setting: a SystemConfigKey.")
        self._delete_ids([record.pk for record in self._keyed(key_text(key))])
        return True

    async_delete = twin(delete)  # type: ignore[arg-type]

    def packed(self) -> dict[str, bytes]:
        """Every key with its value, packed (core.systemconfig.snapshot). One query."""
        rows = self.get_queryset().order_by("pk").values_list("key", "value")
        return _packed((key, value, str(key)) for key, value in rows)

    def _keyed(self, name: str) -> Sequence[SystemConfig]:
        return [*self.keyed(name)]


class UnknownUser(LookupError):
    """There is no MoviePilot user of this name or id."""


class UserConfigQuerySet(RecordQuerySet["UserConfig"]):
    """Restrictions of user settings."""

    def of_user(self, username: str) -> Self:
        """Those of one user, by name."""
        return self.filter(username=username)

    def sizes(self) -> list[tuple[int, str, int]]:
        """Id, key and characters of the value, by key."""
        # PostgreSQL measures no JSON.
        length = Length(Cast("value", TextField()))
        rows = self.annotate(length=length).order_by("key", "pk")
        return [
            (pk, str(key or ""), size or 0)
            for pk, key, size in rows.values_list("pk", "key", "length")
        ]

    def keyed(self, username: str, key: str) -> Self:
        """The one with this key of this user."""
        return self.filter(username=username, key=key).order_by("pk")


UserConfigManager = SettingOper.from_queryset(UserConfigQuerySet)


class UserConfigOper(UserConfigManager["UserConfig"]):
    """Settings of the users' pages.

        oper = UserConfigOper()
        oper.get(user_id=1, key="notification_enabled")
        oper.set(user_id=1, key="notification_enabled", value=True)

    The table is keyed by the user's name; `user_id` stands for the name that the user
    has now. A user that does not exist raises UnknownUser. Keys are any text.
    """

    record = "core.UserConfig"

    def get(  # type: ignore[override]
        self,
        username: str | None = None,
        key: str | UserConfigKey | None = None,
        *,
        user_id: int | None = None,
        sid: int | None = None,
    ) -> Any:
        """The value, or None; without a key, the user's settings (None when there are
        none); without a user, everybody's, by name.

        A copy, at most two seconds old. With `sid` it is the record of this id, as with
        every Oper.
        """
        if sid is not None:
            return self.find(sid)
        if user_id is None and not username:
            if key:
                raise TypeError("Say whose setting: username= or user_id=.")
            return self.all()
        name = self._user_name(username, user_id)
        mine = _user_settings.read().get(name)
        if mine is None or not key:
            return None if mine is None else {k: unpack(v) for k, v in mine.items()}
        packed = mine.get(str(key))
        return None if packed is None else unpack(packed)

    async_get = twin(get)  # type: ignore[arg-type]

    def all(self) -> dict[str, dict[str, Any]]:  # type: ignore[override]
        """Every user's settings, by name; those of names that are gone too."""
        return {
            name: {key: unpack(packed) for key, packed in mine.items()}
            for name, mine in _user_settings.read().items()
        }

    async_all = twin(all)

    def set(
        self,
        username: str | None = None,
        key: str | UserConfigKey | None = None,
        value: Any = None,
        *,
        user_id: int | None = None,
    ) -> None:
        """Store the value.

        As in MoviePilot an empty value (None, "", 0, False, [], {}) deletes the setting
        where there is one, and is stored where there is none.
        """
        if not key:
            raise TypeError("Say which setting: key=.")
        name, text, value = self._user_name(username, user_id), str(key), as_json(value)
        row = {"username": name, "key": text}
        self._store(lambda: self._keyed(name, text), row, value)

    async_set = twin(set)

    def rename_user(self, old: str, new: str) -> int:
        """Give the settings of one name to another, in one change; returns how many.

        Raises ValueError where the new name has settings already.
        """
        if old == new:
            return 0
        if self.of_user(new).exists():
            raise ValueError(f"There are settings of a user named {new!r} already.")
        return self._edit_ids(self.of_user(old).ids(), username=new)

    async_rename_user = twin(rename_user)

    def packed(self) -> dict[str, dict[str, bytes]]:
        """Every user's settings by name and key, packed. One query."""
        rows = self.get_queryset().order_by("pk")
        by_user: dict[str, list[tuple[Any, Any, str]]] = defaultdict(list)
        for username, key, value in rows.values_list("username", "key", "value"):
            if username is not None:
                by_user[username].append((key, value, f"{username}: {key}"))
        return {name: _packed(mine) for name, mine in by_user.items()}

    def _keyed(self, username: str, key: str) -> Sequence[UserConfig]:
        return [*self.keyed(username, key)]

    def _user_name(self, username: str | None, user_id: int | None) -> str:
        """The name of the user meant. Raises UnknownUser, and ValueError for two."""
        if user_id is None and not username:
            raise TypeError("Say whose setting: username= or user_id=.")
        name = _name_of(_user_names.read(), username, user_id)
        if name is None:  # added or renamed a moment ago?
            name = _name_of(_names_of_users(), username, user_id)
        if name is None:
            who = f"named {username!r}" if user_id is None else f"with id {user_id!r}"
            raise UnknownUser(f"There is no user {who}.")
        if username and username != name:
            raise ValueError(f"The user with id {user_id!r} is not named {username!r}.")
        return name


def _name_of(
    names: Mapping[int, str | None], username: str | None, user_id: int | None
) -> str | None:
    if user_id is not None:
        return names.get(user_id) or None
    return username if username in names.values() else None


def as_json(value: Any) -> Any:
    """The value as JSON gives it back: lists for tuples, texts for keys.

    Raises TypeError or ValueError for what JSON cannot hold.
    """
    return json.loads(encode_json(value))


def same_json(one: Any, other: Any) -> bool:
    """Whether two values are equal: true is not 1, the order of keys means nothing,
    null is None, and what is no JSON equals nothing.
    """
    if isinstance(one, BrokenJSON):
        return False
    one = None if one is JSON_NULL else one
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            same_json(one[key], other[key]) for key in one
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return bool(one == other)


def _packed(rows: Iterable[tuple[Any, Any, str]]) -> dict[str, bytes]:
    """Values by key, from rows of (key, value, what to call it); the first one counts.

    What is no JSON is left out, and said once.
    """
    found: dict[str, bytes | None] = {}
    for key, value, name in rows:
        if key is None or key in found:
            continue
        found[key] = pack(value)
        if found[key] is None and name not in _reported:
            _reported.add(name)
            logger.warning("The setting %s is no JSON and is left out.", name)
    return {key: packed for key, packed in found.items() if packed is not None}


def _names_of_users() -> dict[int, str | None]:
    return dict(UserOper().get_queryset().values_list("pk", "name"))


settings_snapshot = Snapshot(lambda: SystemConfigOper().packed(), "core.SystemConfig")
_user_settings = Snapshot(lambda: UserConfigOper().packed(), "core.UserConfig")
_user_names = Snapshot(_names_of_users, "core.User")
