"""What of a MoviePilot user decides whether it may sign in, and as what."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from django.db import connections, models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.models import PassKey, User
from core.roles import Role
from core.schema import column_types

if TYPE_CHECKING:
    from core.models import Operator


class Refusal(models.TextChoices):
    """Why a sign-in was refused: told, but for UNREACHABLE, after a right password.

    The values are those of Outcome.
    """

    DUPLICATE = (
        "duplicate",
        _(
            "Several MoviePilot users have this name, so it cannot be told who you are."
            " Rename one of them in MoviePilot."
        ),
    )
    INACTIVE = "inactive", _("This MoviePilot user is disabled.")
    NO_ROLE = (
        "no-role",
        _("This account has no role in the console. An administrator can give it one."),
    )
    LOCAL = (
        "local",
        _(
            "A local operator has the same name. Sign in with that operator's"
            " password, or rename it."
        ),
    )
    DISABLED = "disabled", _("This operator is disabled in this console.")
    NAME = "name", _("This MoviePilot user name is too long for the console.")
    UNREACHABLE = (
        "unreachable",
        _(
            "MoviePilot's database cannot be read at the moment, so only local"
            " operators can sign in."
        ),
    )


class AccountGone(Exception):
    """The MoviePilot user that an operator is linked to is no longer there."""


@dataclass(frozen=True)
class Account:
    """The columns of a MoviePilot user; None where its database has no such column."""

    id: int
    name: str
    hashed_password: str | None = field(default=None, repr=False)
    is_active: bool | None = None
    is_superuser: bool | None = None
    permissions: Any = None
    is_otp: bool | None = None
    otp_secret: str | None = field(default=None, repr=False)

    @property
    def may_sign_in(self) -> bool:
        """Whether it is active; NULL and anything but true is not."""
        return self.is_active is True

    @property
    def role(self) -> Role | None:
        """The role that goes with its rights in MoviePilot."""
        if self.is_superuser is True:
            return Role.ADMINISTRATOR
        rights = self.permissions
        manages = isinstance(rights, dict) and rights.get("manage") is True
        return Role.OPERATOR if manages else None

    @property
    def password_mark(self) -> str:
        """An unusable password: it changes with MoviePilot's, which ends sessions."""
        digest = salted_hmac(
            "core.auth", self.hashed_password or "", algorithm="sha256"
        )
        return f"!{digest.hexdigest()}"


def find(**lookup: Any) -> list[Account]:
    """At most two: one is what is wanted, two say that there are several.

    Raises DatabaseError while MoviePilot's database cannot be read.
    """
    return find_few(2, **lookup)


def find_few(most: int, **lookup: Any) -> list[Account]:
    """The first so many. Raises DatabaseError."""
    known = column_types(connections[User.objects.db], User._meta.db_table)
    names = [each.name for each in fields(Account)]
    there = [name for name in names if name in known or not known]
    rows = User.objects.first_few(there, most, **lookup)
    return [Account(**dict(zip(there, row, strict=True))) for row in rows]


def account_of(operator: Operator) -> Account | None:
    """The MoviePilot user that a linked operator is, if it is still there.

    Raises DatabaseError.
    """
    if not operator.is_linked:
        return None
    found = find(pk=operator.moviepilot_id, name=operator.moviepilot_name)
    return found[0] if found else None


def has_passkey(account: Account) -> bool:
    """Whether MoviePilot would ask for a passkey: only active ones count."""
    if not column_types(connections[PassKey.objects.db], PassKey._meta.db_table):
        return False  # a MoviePilot of before passkeys
    return PassKey.objects.of_user(account.id).active().exists()


def role_of(operator: Operator, account: Account) -> Role | None:
    """The role an account has here: its own, or the one an administrator gave it."""
    if operator.follows_moviepilot:
        return account.role
    return Role(operator.role) if operator.role in Role.values else None
