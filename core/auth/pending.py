"""Between the password and the second factor: a mark in the session, and no more."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth import load_backend, login
from django.shortcuts import redirect, resolve_url
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core.auth import accounts, signin_log, throttle
from core.auth.factors import Factors, factors_of
from core.models import Operator
from core.models.signins import Outcome

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseRedirect

    from core.auth.accounts import Account
    from core.models.signins import SignIn

KEY = "pending_sign_in"
"""In the session."""
LIVES = 5 * 60
"""Seconds from the right password on."""
TRIES = 5
"""Wrong codes or passkeys after which one starts again with the password."""


@dataclass(frozen=True)
class Mark:
    """What the session holds."""

    operator: int
    account: int | None
    """The id of the MoviePilot user; None for a local operator."""
    backend: str
    password: str
    """Changes with the password; tells nothing of it."""
    begun_at: float
    next_url: str
    failures: int = 0


@dataclass
class Pending:
    """Somebody who knows the password and has to prove another thing."""

    mark: Mark
    operator: Operator
    attempt: SignIn | None = None
    """The row in the sign-in log of what is being looked at."""

    @property
    def account_id(self) -> int | None:
        """The id of the MoviePilot user; None for a local operator."""
        return self.mark.account

    @cached_property
    def account(self) -> Account | None:
        """The MoviePilot user as it is now. Raises DatabaseError."""
        return accounts.account_of(self.operator)

    @cached_property
    def factors(self) -> Factors:
        """What is asked for, as things stand now. Raises DatabaseError."""
        account = self.account
        if self.operator.is_linked and account is None:
            return Factors()
        return factors_of(self.operator, account)

    @property
    def name(self) -> str:
        """The name that was typed."""
        operator = self.operator
        return operator.moviepilot_name if operator.is_linked else operator.username


def begin(
    request: HttpRequest,
    operator: Operator,
    account: Account | None,
    backend: str,
    next_url: str,
) -> HttpResponseRedirect:
    """Keep that the password was right, in a session of a new key; on to the page that
    asks for the second factor.
    """
    mark = Mark(
        operator=operator.pk,
        account=account.id if account else None,
        backend=backend,
        password=operator.get_session_auth_hash(),
        begun_at=time.time(),
        next_url=next_url,
    )
    request.session.cycle_key()
    request.session[KEY] = asdict(mark)
    return redirect(factors_of(operator, account).page)


def of(request: HttpRequest) -> Pending | None:
    """Who is about to prove a second factor; None when nobody is, or no longer."""
    kept = request.session.get(KEY)
    mark = _read(kept) if kept is not None else None
    operator = (
        Operator.objects.filter(pk=mark.operator, is_active=True).first()
        if mark and 0 <= time.time() - mark.begun_at < LIVES
        else None
    )
    if mark is None or operator is None:
        if kept is not None:
            drop(request)
        return None
    return Pending(mark, operator)


def attempt(request: HttpRequest, pending: Pending) -> None:
    """Write down that a factor is about to be looked at. Raises throttle.TooMany."""
    pending.attempt = throttle.begin(request, pending.name)


def complete(request: HttpRequest, pending: Pending) -> HttpResponseRedirect:
    """Sign in, unless the account has changed since its password was looked at; on to
    the page that was wanted.
    """
    drop(request)
    operator = _still(pending)
    if operator is None:
        tried = _tried(request, pending)
        signin_log.finish(tried, _why_not(pending), pending.operator)
        messages.error(request, _("The account has just changed. Sign in again."))
        return redirect("admin:login")
    tried = _tried(request, pending)
    mark = pending.mark
    return enter(request, operator, tried, backend=mark.backend, next_url=mark.next_url)


def enter(
    request: HttpRequest,
    operator: Operator,
    tried: SignIn,
    *,
    backend: str,
    next_url: str,
) -> HttpResponseRedirect:
    """Sign in somebody who has proven everything, and go on to the wanted page."""
    drop(request)
    login(request, operator, backend=backend)
    signin_log.finish(tried, Outcome.SUCCESS, operator)
    return redirect(safe_next(request, next_url))


def fail(request: HttpRequest, pending: Pending, outcome: Outcome) -> bool:
    """Count a wrong code or passkey; whether one may try again without the password."""
    signin_log.finish(_tried(request, pending), outcome, pending.operator)
    failures = pending.mark.failures + 1
    if failures >= TRIES:
        drop(request)
        return False
    pending.mark = replace(pending.mark, failures=failures)
    request.session[KEY] = asdict(pending.mark)
    return True


def drop(request: HttpRequest) -> None:
    """Forget that the password was right."""
    request.session.pop(KEY, None)


def safe_next(request: HttpRequest, address: str) -> str:
    """The address, if it is one of the console's own pages; else the home page."""
    is_ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    if is_ours and signin_log.can_be_stored(address):
        return address
    return resolve_url("admin:index")


def _tried(request: HttpRequest, pending: Pending) -> SignIn:
    """The row of what is being looked at, written now if it was not before."""
    if pending.attempt is None:
        pending.attempt = signin_log.attempt(request, pending.name)
    return pending.attempt


def _read(kept: Any) -> Mark | None:
    try:
        return Mark(**kept)
    except TypeError:  # kept by another version of the console
        return None


def _why_not(pending: Pending) -> Outcome:
    """What has changed of the account, for the sign-in log."""
    if not pending.operator.is_linked:
        return Outcome.WRONG if pending.operator.is_staff else Outcome.NO_ROLE
    account = pending.account
    if account is None or not account.may_sign_in:
        return Outcome.INACTIVE
    role = accounts.role_of(pending.operator, account)
    return Outcome.WRONG if role == pending.operator.role else Outcome.NO_ROLE


def _still(pending: Pending) -> Operator | None:
    """The operator, if it may still enter and the password is the same."""
    backend = load_backend(pending.mark.backend)
    operator: Operator | None = backend.get_user(pending.mark.operator)
    if operator is None or not operator.is_staff:
        return None
    same_account = operator.moviepilot_id == pending.account_id
    password = operator.get_session_auth_hash()
    same_password = constant_time_compare(password, pending.mark.password)
    return operator if same_account and same_password else None
