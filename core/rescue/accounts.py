"""MoviePilot's users as far as signing in goes. Read raw, so that a database of before
one-time codes and passkeys, or a value that does not belong there, is no obstacle.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from django.utils.crypto import salted_hmac

from core.auth.passwords import is_readable
from core.changes.rows import Rows
from core.models import PassKey, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COLUMNS = (
    "name",
    "hashed_password",
    "is_active",
    "is_superuser",
    "is_otp",
    "otp_secret",
)


@dataclass(frozen=True)
class RawAccount:
    """A user as it is stored, to be put right; who may sign in: core.auth.accounts.

    `held` are raw values by column, `keys` raw `is_active` by passkey.
    """

    pk: int
    held: Mapping[str, Any] = field(repr=False)
    keys: Mapping[int, Any] = field(repr=False)
    lacking: frozenset[str] = frozenset()
    """What MoviePilot of that time had not: columns of `user`, `passkey` (the table)
    and `passkey.is_active`.
    """

    @property
    def name(self) -> str:
        """What MoviePilot calls the user."""
        held = self.held.get("name")
        return "" if held is None else str(held)

    @property
    def is_active(self) -> bool:
        """Whether the user may sign in at all."""
        return bool(self.held.get("is_active"))

    @property
    def is_superuser(self) -> bool:
        """Whether the user may do everything."""
        return bool(self.held.get("is_superuser"))

    @property
    def has_password(self) -> bool:
        """Whether there is a hash that MoviePilot can read."""
        return is_readable(self.held.get("hashed_password"))

    @property
    def is_asked_for_codes(self) -> bool:
        """Whether signing in takes a one-time code."""
        return bool(self.held.get("is_otp"))

    @property
    def has_codes(self) -> bool:
        """Whether anything is left of one-time codes."""
        return self.is_asked_for_codes or self.held.get("otp_secret") is not None

    @property
    def active_keys(self) -> list[int]:
        """Ids of the passkeys that count: one is enough to be asked for it."""
        return [pk for pk, is_active in self.keys.items() if is_active]

    @property
    def shown(self) -> str:
        """A keyed hash of all that a rescue may change, to find it so again."""
        text = repr((self.pk, sorted(self.held.items()), sorted(self.keys.items())))
        return salted_hmac("core.rescue", text, algorithm="sha256").hexdigest()[:24]


def named(name: str) -> list[RawAccount]:
    """The users of exactly this name: MoviePilot expects one, there can be more."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return []  # no database holds half a character
    return _read(pk for pk, _ in Rows(User).holders(("name",), {(name,)}))


def numbered(pk: int) -> RawAccount | None:
    """The user with this id."""
    found = _read([pk])
    return found[0] if found else None


def everyone() -> list[RawAccount]:
    """All users, by id."""
    return _read(pk for (pk,) in Rows(User).all(()))


def close_to(name: str) -> list[str]:
    """Names that look like this one: for the machine's owner only."""
    names = {account.name for account in everyone()}
    return get_close_matches(name, sorted(names), cutoff=0.5)


def _read(ids: Iterable[int]) -> list[RawAccount]:
    wanted, rows = sorted(ids), Rows(User)
    columns = [name for name in COLUMNS if name in rows.types]
    keys, lacking = _keys(wanted)
    lacking |= {*COLUMNS} - {*columns}
    return [
        RawAccount(
            pk, dict(zip(columns, values, strict=True)), keys[pk], frozenset(lacking)
        )
        for pk, *values in rows.read(wanted, columns)
    ]


def _keys(ids: Iterable[int]) -> tuple[dict[int, dict[int, Any]], set[str]]:
    """User id → passkey → whether it is active; and what there is not."""
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    rows = Rows(PassKey)
    if "user_id" not in rows.types:
        return found, {"passkey"}
    owned = rows.holders(("user_id",), {(pk,) for pk in ids})
    owner = {pk: user_id for pk, (user_id,) in owned}
    if "is_active" not in rows.types:
        for pk, user_id in owner.items():
            found[user_id][pk] = True
        return found, {"passkey.is_active"}
    for pk, is_active in rows.read([*owner], ["is_active"]):
        found[owner[pk]][pk] = is_active
    return found, set()
