"""Signing in with the name and password of a MoviePilot user."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.backends import BaseBackend
from django.db import Error as DatabaseError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from core import roles
from core.auth import accounts, sessions
from core.auth.accounts import Account, Refusal
from core.auth.passwords import verify_password
from core.auth.signin_log import can_be_stored
from core.models import AuditEvent, Operator
from core.models.audit import AuditKind
from core.models.signins import Outcome

if TYPE_CHECKING:
    from core.roles import Role


class SignInRequest(HttpRequest):
    """A request on which the backend left word of why it refused."""

    refusal: Refusal
    """What may be told: the password was right."""
    outcome: Outcome
    """What the sign-in log says."""


class MoviePilotBackend(BaseBackend):
    """Operators who are users of MoviePilot, for as long as they are."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> Operator | None:
        """The operator linked to the MoviePilot user of exactly this name."""
        if username is None or password is None:
            return None
        try:
            found = accounts.find(name=username) if can_be_stored(username) else []
            answer = _sign_in(found, password)
        except DatabaseError:
            found, answer = [], Refusal.UNREACHABLE
        if request is not None:
            _leave_word(cast("SignInRequest", request), found, answer)
        return answer if isinstance(answer, Operator) else None

    def get_user(self, user_id: int) -> Operator | None:
        """The operator, while the linked MoviePilot user is what it was at sign-in."""
        operator = Operator.objects.filter(pk=user_id, is_active=True).first()
        if operator is None:
            return None
        try:
            account = accounts.account_of(operator)
        except DatabaseError:
            return None
        if account and _still(operator, account):
            return operator
        with suppress(DatabaseError):
            # Or they would go on when the account is once more what it was.
            sessions.end_all(operator)
        return None


def _sign_in(found: list[Account], password: str) -> Operator | Refusal | None:
    """The operator, the reason for refusing one, or None for a wrong password."""
    if not verify_password(password, found[0].hashed_password if found else None):
        return None
    if len(found) > 1:
        return Refusal.DUPLICATE
    return _operator_of(found[0])


def _leave_word(
    request: SignInRequest,
    found: list[Account],
    answer: Operator | Refusal | None,
) -> None:
    if isinstance(answer, Refusal):
        request.refusal, request.outcome = answer, Outcome(answer.value)
    elif len(found) > 1:
        # Logged whichever password was typed: nobody can sign in with this name.
        request.outcome = Outcome.DUPLICATE


def _operator_of(account: Account) -> Operator | Refusal:
    """The operator linked to the account, made when it is new."""
    if not account.may_sign_in:
        return Refusal.INACTIVE
    if len(account.name) > (Operator._meta.get_field("username").max_length or 0):
        return Refusal.NAME
    try:
        return _link(account)
    except IntegrityError:  # the same account signs in for the first time elsewhere
        return _link(account)


@transaction.atomic
def _link(account: Account) -> Operator | Refusal:
    operator = _known_operator(account) or Operator(username=account.name)
    if operator.pk and not operator.is_linked:
        return Refusal.LOCAL
    if operator.pk and not operator.is_active:
        return Refusal.DISABLED
    if not _is_same(operator, account):
        # Whoever has the name now is not whom a role was given to. The id proves
        # nothing by itself: SQLite gives the id of a deleted user to the next one.
        operator.follows_moviepilot = True
    role = accounts.role_of(operator, account)
    operator.is_superuser = False
    if role is None:
        if operator.pk:
            _give(operator, None)
        return Refusal.NO_ROLE
    operator.moviepilot_id, operator.moviepilot_name = account.id, account.name
    operator.password = account.password_mark
    _give(operator, role)
    return operator


def _known_operator(account: Account) -> Operator | None:
    """The operator linked to the account; else who has its name, who may not be it."""
    # Locked: what is saved below must not put back a used code's time step.
    known = Operator.objects.select_for_update()
    linked = Q(moviepilot_id=account.id, moviepilot_name=account.name)
    return known.filter(linked).first() or known.filter(username=account.name).first()


def _is_same(operator: Operator, account: Account) -> bool:
    """Whether the operator is linked to this account, or was prepared for it."""
    same_name = operator.moviepilot_name in ("", account.name)
    return operator.moviepilot_id == account.id and same_name


def _give(operator: Operator, role: Role | None) -> None:
    """Let the operator have the role, and tell of it when it had another."""
    if operator.role != (role or ""):
        AuditEvent.objects.record(
            AuditKind.ROLE, operator.username, before=operator.role, after=role or ""
        )
    roles.give(operator, role)


def _still(operator: Operator, account: Account) -> bool:
    """Whether the account is active, of the same password and the same role."""
    role = accounts.role_of(operator, account)
    same_password = constant_time_compare(operator.password, account.password_mark)
    same_role = role is not None and role == operator.role
    return account.may_sign_in and same_role and same_password
