"""Operators with what MoviePilot says of the users they are linked to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.db import Error as DatabaseError
from django.db import connections
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.auth import accounts
from core.auth.passwords import is_readable
from core.models import Operator, PassKey
from core.permissions import may
from core.roles import Role, permissions_of
from core.schema import column_types

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.auth.accounts import Account

MOST_USERS = 1000
MANAGING = "core.change_operator"


@dataclass
class Users:
    """Users of MoviePilot by name; none while its database cannot be read."""

    named: dict[str, list[Account]] = field(default_factory=dict)
    passkeys: dict[int, int] = field(default_factory=dict)
    """User id → active passkeys."""
    is_readable: bool = True

    def of(self, operator: Operator) -> Account | None:
        """The user that a linked operator is."""
        found = self.named.get(operator.moviepilot_name, [])
        return next((each for each in found if each.id == operator.moviepilot_id), None)


def users(names: Collection[str] | None = None) -> Users:
    """The users of these names, or all of them, but no more than MOST_USERS."""
    try:
        lookup = {} if names is None else {"name__in": names}
        found = accounts.find_few(MOST_USERS, **lookup)
        passkeys = _passkeys([each.id for each in found])
    except DatabaseError:
        return Users(is_readable=False)
    named = defaultdict(list)
    for each in found:
        named[each.name].append(each)
    return Users(dict(named), passkeys)


def _passkeys(ids: Collection[int]) -> dict[int, int]:
    if not column_types(connections[PassKey.objects.db], PassKey._meta.db_table):
        return {}  # a MoviePilot of before passkeys
    found = PassKey.objects.counted(ids)
    return {pk: count.active for pk, count in found.items()}


@dataclass
class Person:
    """One operator."""

    operator: Operator
    users: Users

    @cached_property
    def account(self) -> Account | None:
        """The MoviePilot user, if it is linked to one that is there."""
        return self.users.of(self.operator) if self.operator.is_linked else None

    @property
    def is_superuser(self) -> bool:
        """Whether a local operator may do everything without a role."""
        return self.operator.is_superuser and not self.operator.is_linked

    @property
    def follows(self) -> bool:
        """Whether the role comes from the rights in MoviePilot."""
        return self.operator.is_linked and self.operator.follows_moviepilot

    @property
    def role(self) -> Role | None:
        """The role it has, or would have if it signed in now."""
        if self.account:
            return accounts.role_of(self.operator, self.account)
        return Role(self.operator.role) if self.operator.role else None

    @property
    def role_text(self) -> str:
        """The role for people."""
        if self.is_superuser:
            return _("Superuser")
        return str(self.role.label) if self.role else _("No role")

    @property
    def rights_text(self) -> str:
        """What the rights in MoviePilot would make of it."""
        return role_text(self.account.role if self.account else None)

    @property
    def factors(self) -> list[str]:
        """What is asked for besides the password."""
        if self.account:
            return factors_of(self.account, self.users)
        found = [_("one-time code")] if self.operator.totp_secret else []
        keys = getattr(self.operator, "passkey_count", 0)
        if keys and not self.operator.is_linked:
            found.append(ngettext("%d passkey", "%d passkeys", keys) % keys)
        return found

    @property
    def trouble(self) -> str:
        """Why it cannot sign in, although it is active here; '' if it can."""
        if not self.operator.is_linked:
            has_password = self.operator.has_usable_password()
            return "" if has_password else _("has no password")
        if not self.users.is_readable:
            return _("MoviePilot's database cannot be read at the moment")
        if self.account is None:
            return _("is no MoviePilot user any more")
        return trouble_of(self.account, self.users)

    @property
    def shadows(self) -> bool:
        """Whether a local operator has the name of a MoviePilot user."""
        return not self.operator.is_linked and (
            self.operator.username in self.users.named
        )

    @property
    def can_manage(self) -> bool:
        """Whether it could sign in now and change operators."""
        if not self.operator.is_active or self.trouble:
            return False
        if self.operator.is_linked:
            return self.role is not None and MANAGING in permissions_of(self.role)
        return self.operator.is_staff and may(self.operator, "change", Operator)


def role_text(role: Role | None) -> str:
    """A role that comes from rights in MoviePilot, or none, for people."""
    return str(role.label) if role else _("no role")


def factors_of(account: Account, users: Users) -> list[str]:
    """What MoviePilot asks its user for besides the password: a passkey goes alone."""
    if keys := users.passkeys.get(account.id, 0):
        return [ngettext("%d passkey", "%d passkeys", keys) % keys]
    return [_("one-time code")] if account.is_otp else []


def trouble_of(account: Account, users: Users) -> str:
    """Why a MoviePilot user cannot sign in, whatever its role; '' if it can."""
    if len(users.named.get(account.name, [])) > 1:
        return _("several MoviePilot users have this name")
    if not account.may_sign_in:
        return _("disabled in MoviePilot")
    has_password = is_readable(account.hashed_password)
    return "" if has_password else _("has no password in MoviePilot")


def everybody() -> list[Person]:
    """All operators: there are few."""
    return _persons(_counted().order_by("username"))


def person(pk: int) -> Person | None:
    """One operator."""
    return next(iter(_persons(_counted().filter(pk=pk))), None)


def _persons(operators: QuerySet[Operator]) -> list[Person]:
    found = [*operators]
    names = {each.username for each in found} | {each.moviepilot_name for each in found}
    known = users(names - {""})
    return [Person(each, known) for each in found]


def _counted() -> QuerySet[Operator]:
    alive = Q(sessions__expire_date__gt=timezone.now())
    return Operator.objects.annotate(
        session_count=Count("sessions", filter=alive, distinct=True),
        passkey_count=Count("passkeys", distinct=True),
    )
