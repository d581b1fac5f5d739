"""What is done to operators: looked at, kept in the audit log, then done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from core import roles
from core.admin.operators import people
from core.auth import sessions
from core.auth.accounts import Refusal
from core.models import AuditEvent, Operator
from core.models.audit import AuditKind
from core.permissions import may
from core.roles import Role

if TYPE_CHECKING:
    from core.auth.accounts import Account
    from core.permissions import Action

SUPERUSER = "Superuser"
"""In the audit log, beside the roles' own names."""


class Refused(Exception):
    """It is not done; the text says why."""


@dataclass(frozen=True)
class Wanted:
    """What an operator is to be."""

    username: str
    email: str
    is_active: bool
    role: Role | None
    follows_moviepilot: bool
    is_superuser: bool

    @classmethod
    def as_is(cls, operator: Operator) -> Wanted:
        """What it is."""
        return cls(
            operator.username,
            operator.email,
            operator.is_active,
            Role(operator.role) if operator.role else None,
            # Both have a meaning for one kind of operator only.
            follows_moviepilot=operator.is_linked and operator.follows_moviepilot,
            is_superuser=operator.is_superuser and not operator.is_linked,
        )

    @property
    def role_name(self) -> str:
        """Its role as the audit log has it."""
        return SUPERUSER if self.is_superuser else self.role or ""

    @property
    def rights(self) -> tuple[str, bool, bool]:
        """What nobody changes of themselves."""
        return self.role_name, self.follows_moviepilot, self.is_active


@transaction.atomic
def change(pk: int, wanted: Wanted, *, by: Operator) -> None:
    """Make an operator what is wanted. Raises Refused, PermissionDenied."""
    operator = _locked(pk, by)
    now = Wanted.as_is(operator)
    if operator.pk == by.pk and now.rights != wanted.rights:
        raise Refused(_("You cannot change your own role, nor disable yourself."))
    could = operator.get_all_permissions()
    _record_change(operator, now, wanted, by)
    operator.username, operator.email = wanted.username, wanted.email
    operator.is_active = wanted.is_active
    operator.follows_moviepilot = wanted.follows_moviepilot
    operator.is_superuser = wanted.is_superuser
    if now.role_name != wanted.role_name:
        roles.give(operator, wanted.role)
    else:
        operator.save()
    _follow_loss(operator, could)


@transaction.atomic
def add(operator: Operator, role: Role, *, by: Operator) -> None:
    """Keep a new local operator, whose password is set."""
    _require_may(by, "add")
    _record(operator, by, done="added", role=role)
    roles.give(operator, role)


@transaction.atomic
def grant(account: Account, role: Role | None, *, by: Operator) -> Operator:
    """Give a MoviePilot user a role here, or none, before it ever signs in.

    Raises Refused.
    """
    _require_may(by, "add")
    known = Operator.objects.select_for_update()
    operator = known.filter(username=account.name).first()
    if operator and not operator.is_linked:
        raise Refused(_("A local operator has the same name."))
    if len(account.name) > (Operator._meta.get_field("username").max_length or 0):
        raise Refused(Refusal.NAME.label)
    # Of a user who had the name before, and may have been somebody else.
    could = operator.get_all_permissions() if operator else set()
    operator = operator or Operator(username=account.name, role="")
    AuditEvent.objects.record(
        AuditKind.ROLE,
        account.name,
        by=by,
        before=operator.role,
        after=role or "",
        moviepilot_id=account.id,
    )
    operator.moviepilot_id, operator.moviepilot_name = account.id, account.name
    operator.follows_moviepilot = operator.is_superuser = False
    operator.set_unusable_password()
    roles.give(operator, role)
    _follow_loss(operator, could)
    sessions.end_all(operator)
    return operator


@transaction.atomic
def set_password(operator: Operator, password: str, *, by: Operator) -> None:
    """Give a local operator another password, and sign it out everywhere."""
    operator = _locked(operator.pk, by)
    _record(operator, by, done="password set")
    operator.set_password(password)
    operator.save()
    sessions.end_all(operator)


@transaction.atomic
def remove_codes(operator: Operator, *, by: Operator) -> None:
    """Let a local operator in without a one-time code."""
    operator = _others(operator, by)
    _record(operator, by, done="one-time codes removed")
    operator.totp_secret = ""
    operator.save()


@transaction.atomic
def remove_passkeys(operator: Operator, *, by: Operator) -> None:
    """Take all passkeys from a local operator."""
    operator = _others(operator, by)
    _record(operator, by, done="passkeys removed", count=operator.passkeys.count())
    operator.passkeys.all().delete()


@transaction.atomic
def end_sessions(operator: Operator, *, by: Operator, keep: str | None) -> int:
    """Sign an operator out everywhere, but of one's own session; returns how often."""
    operator = _locked(operator.pk, by)
    _record(operator, by, done="signed out everywhere")
    return sessions.end_all(operator, keep if operator.pk == by.pk else None)


def _locked(pk: int, by: Operator) -> Operator:
    """The operator as it is now, while nobody else changes any."""
    found = {each.pk: each for each in Operator.objects.select_for_update()}
    _require_may(by, "change")
    if pk not in found:
        raise Refused(_("This operator does not exist, or not any more."))
    return found[pk]


def _others(operator: Operator, by: Operator) -> Operator:
    if operator.pk == by.pk:
        raise Refused(_("Change your own on the page “Your account”."))
    return _locked(operator.pk, by)


def _require_may(by: Operator, action: Action) -> None:
    # Asked once more, of what is stored now: somebody may have been quicker.
    now = Operator.objects.filter(pk=by.pk, is_active=True).first()
    if now is None or not may(now, action, Operator):
        raise PermissionDenied


def _follow_loss(operator: Operator, could: set[str]) -> None:
    """End the sessions of who may less than before. Raises Refused."""
    lost = could - Operator.objects.get(pk=operator.pk).get_all_permissions()
    if people.MANAGING in lost and not any(
        each.can_manage for each in people.everybody()
    ):
        raise Refused(
            _(
                "Nobody would be left who can sign in and manage operators."
                " Make another operator an administrator first."
            )
        )
    if lost:
        sessions.end_all(operator)


def _record_change(
    operator: Operator, now: Wanted, wanted: Wanted, by: Operator
) -> None:
    before = (now.role_name, now.follows_moviepilot)
    after = (wanted.role_name, wanted.follows_moviepilot)
    if before != after:
        follows = {"follows_moviepilot": after[1]} if operator.is_linked else {}
        AuditEvent.objects.record(
            AuditKind.ROLE,
            operator.username,
            by=by,
            before=before[0],
            after=after[0],
            **follows,
        )
    names = ("username", "email", "is_active")
    both = {name: [getattr(now, name), getattr(wanted, name)] for name in names}
    changed = {name: pair for name, pair in both.items() if pair[0] != pair[1]}
    if changed:
        _record(operator, by, **changed)


def _record(operator: Operator, by: Operator, **detail: Any) -> None:
    AuditEvent.objects.record(AuditKind.OPERATOR, operator.username, by=by, **detail)
