"""Signing in as a superuser of MoviePilot, with MoviePilot's name and password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.backends import BaseBackend
from django.db import Error as DatabaseError
from django.db import IntegrityError, connections, models, transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from core.auth.passwords import verify_password
from core.models import Operator, PassKey, User

if TYPE_CHECKING:
    pass


UNKNOWN = _("No operator has this name and password. Both are case-sensitive.")


class Refusal(models.TextChoices):
    """Why a sign-in was refused: told, but for UNREACHABLE, after a right password."""

    DUPLICATE = (
        "duplicate",
        _(
            "Several MoviePilot users have this name, so it cannot be told who you are."
            " Rename one of them in MoviePilot."
        ),
    )
    INACTIVE = "inactive", _("This MoviePilot user is disabled.")
    NOT_SUPERUSER = (
        "not-superuser",
        _("Only MoviePilot's administrators may use this console."),
    )
    SECOND_FACTOR = (
        "second-factor",
        _(
            "This MoviePilot user signs in with a one-time code or a passkey, which"
            " this console cannot check yet. Use a local operator made by"
            " createsuperuser."
        ),
    )
    LOCAL = (
        "local",
        _(
            "A local operator has the same name. Sign in with that operator's"
            " password, or rename it."
        ),
    )
    DISABLED_HERE = "disabled-here", _("This operator is disabled in this console.")
    NAME = "name", _("This MoviePilot user name is too long for the console.")
    UNREACHABLE = (
        "unreachable",
        _(
            "MoviePilot's database cannot be read at the moment, so only local"
            " operators can sign in."
        ),
    )


class SignInRequest(HttpRequest):
    """A request on which the backend left word of why it refused."""

    refusal: Refusal


@dataclass(frozen=True)
class Account:
    """What of a MoviePilot user decides whether it may sign in."""

    id: int
    name: str
    hashed_password: str | None
    is_active: bool | None
    is_superuser: bool | None
    is_otp: bool | None = None

    @property
    def may_enter(self) -> bool:
        """An active superuser; NULL and anything but true is neither."""
        return self.is_active is True and self.is_superuser is True

    @property
    def password_mark(self) -> str:
        """An unusable password: it changes with MoviePilot's, which ends sessions."""
        digest = salted_hmac(
            "core.auth", self.hashed_password or "", algorithm="sha256"
        )
        return f"!{digest.hexdigest()}"


class MoviePilotBackend(BaseBackend):
    """Operators who are superusers of MoviePilot, for as long as they are."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> Operator | None:
        """The operator linked to the MoviePilot superuser of exactly this name."""
        if username is None or password is None:
            return None
        try:
            answer = _sign_in(username, password)
        except DatabaseError:
            answer = Refusal.UNREACHABLE
        if isinstance(answer, Refusal) and request is not None:
            cast("SignInRequest", request).refusal = answer
        return answer if isinstance(answer, Operator) else None

    def get_user(self, user_id: int) -> Operator | None:
        """The operator, while the linked MoviePilot user is what it was at sign-in."""
        operator = Operator.objects.filter(pk=user_id, is_active=True).first()
        if operator is None or operator.moviepilot_id is None:
            return operator
        try:
            accounts = _accounts(
                pk=operator.moviepilot_id, name=operator.moviepilot_name
            )
        except DatabaseError:
            return None
        return (
            operator if any(_still(operator, account) for account in accounts) else None
        )


def _sign_in(name: str, password: str) -> Operator | Refusal | None:
    """The operator, the reason for refusing one, or None for a wrong password."""
    accounts = _accounts(name=name) if _can_be_stored(name) else []
    hashed = accounts[0].hashed_password if accounts else None
    if not verify_password(password, hashed):
        return None
    return _refusal(accounts) or _operator_of(accounts[0])


def _accounts(**lookup: Any) -> list[Account]:
    """At most two: one is what is wanted, two say that there are several."""
    columns = ("id", "name", "hashed_password", "is_active", "is_superuser", "is_otp")
    return [Account(*row) for row in User.objects.first_two(columns, **lookup)]


def _can_be_stored(name: str) -> bool:
    """Whether a database can be asked for this text at all."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in name


def _refusal(accounts: list[Account]) -> Refusal | None:
    """Why the holder of the right password may not enter."""
    if len(accounts) > 1:
        return Refusal.DUPLICATE
    account = accounts[0]
    if account.is_active is not True:
        return Refusal.INACTIVE
    if account.is_superuser is not True:
        return Refusal.NOT_SUPERUSER
    if account.is_otp or _has_passkey(account):
        return Refusal.SECOND_FACTOR
    return None


def _has_passkey(account: Account) -> bool:
    """Whether MoviePilot would ask for a passkey: only active ones count."""
    connection = connections[PassKey.objects.db]
    if PassKey._meta.db_table not in connection.introspection.table_names():
        return False  # a MoviePilot of before passkeys
    return PassKey.objects.of_user(account.id).active().exists()


def _operator_of(account: Account) -> Operator | Refusal:
    """The operator linked to the account, made when it is new."""
    if len(account.name) > (Operator._meta.get_field("username").max_length or 0):
        return Refusal.NAME
    try:
        return _link(account)
    except IntegrityError:  # the same account signs in for the first time elsewhere
        return _link(account)


@transaction.atomic
def _link(account: Account) -> Operator | Refusal:
    operator = Operator.objects.filter(username=account.name).first()
    operator = operator or Operator(username=account.name)
    if operator.pk and not operator.is_linked:
        return Refusal.LOCAL
    if operator.pk and not operator.is_active:
        return Refusal.DISABLED_HERE
    # The name is unique here and, once it got this far, in MoviePilot. The id proves
    # nothing by itself: SQLite gives the id of a deleted user to the next one.
    operator.moviepilot_id, operator.moviepilot_name = account.id, account.name
    operator.is_staff = operator.is_superuser = True
    operator.password = account.password_mark
    operator.save()
    return operator


def _still(operator: Operator, account: Account) -> bool:
    same_password = constant_time_compare(operator.password, account.password_mark)
    return account.may_enter and same_password
