"""What a rescue does to a user, first in words, then through the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.auth.passwords import hash_password, problem_with
from core.changes import (
    ChangeSet,
    DeleteRecords,
    EditRecords,
    RecordMoved,
    change_together,
    undo,
)
from core.models import AuditEvent, PassKey, User
from core.models.audit import AuditKind
from core.rescue.accounts import numbered

if TYPE_CHECKING:
    from core.changes import UndoResult
    from core.models.operators import Operator
    from core.rescue.accounts import RawAccount

MARK = "rescues"
"""In what a change set keeps as its selection: the id of the user."""


class PassKeys(models.TextChoices):
    """What becomes of the passkeys: MoviePilot insists on one where one is active."""

    KEEP = "", gettext_lazy("Leave them")
    DISABLE = "disable", gettext_lazy("Disable them")
    DROP = "drop", gettext_lazy("Delete them")


class Refused(Exception):
    """The rescue cannot be done so; the text says why."""


class Line(NamedTuple):
    """One thing that changes, in words and without secrets."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Rescue:
    """What is to be done to a user."""

    password: str = field(default="", repr=False)
    sets_password: bool = False
    """Whether there is to be a password, though it is not known yet."""
    clear_otp: bool = False
    passkeys: str = PassKeys.KEEP
    activate: bool = False
    superuser: bool = False

    @property
    def actions(self) -> list[str]:
        """What is asked for, as the command line names it."""
        wanted = {
            "password": self.password or self.sets_password,
            "clear-otp": self.clear_otp,
            f"{self.passkeys}-passkeys": self.passkeys,
            "activate": self.activate,
            "superuser": self.superuser,
        }
        return [name for name, is_wanted in wanted.items() if is_wanted]


def lines(account: RawAccount, doing: Rescue) -> list[Line]:
    """What would change; nothing where all is so already. Raises Refused."""
    _check(account, doing)
    yes, no = _("yes"), _("no")
    found = []
    if "password" in doing.actions:
        known = _("set") if account.has_password else _("none that works")
        found.append(Line(_("Password"), known, _("a new one")))
    if doing.clear_otp and account.has_codes:
        asked = _("on") if account.is_asked_for_codes else _("off, with a secret left")
        found.append(Line(_("One-time codes"), asked, _("off")))
    if keys := _keys_touched(account, doing):
        active, every = len(account.active_keys), len(account.keys)
        before = _("%(active)d of %(all)d active") % {"active": active, "all": every}
        found.append(Line(_("Passkeys"), before, _keys_then(doing, len(keys))))
    if doing.activate and not account.is_active:
        found.append(Line(_("Active"), no, yes))
    if doing.superuser and not account.is_superuser:
        found.append(Line(_("Administrator"), no, yes))
    return found


def rescue(
    account: RawAccount,
    doing: Rescue,
    *,
    by: Operator | None = None,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> ChangeSet | None:
    """Do it; None where all is so already.

    `account` is the user as shown. `detail` is kept with the audit event, which is
    recorded before. Raises Refused; RecordMoved where the user is not as shown any
    more; RecordRefused. Then nothing was written.
    """
    changes = lines(account, doing)
    if not changes:
        return None
    if "password" in doing.actions and (problem := problem_with(doing.password)):
        raise Refused(problem)
    steps, proof = _steps(account, doing), partial(_prove, account)
    proof()
    AuditEvent.objects.record(
        AuditKind.RESCUE,
        f"user {account.pk}",
        by=by,
        user=account.name,
        actions=doing.actions,
        **(detail or {}),
    )
    text = _("Rescue: %s") % (reason or ", ".join(line.what for line in changes))
    kept = {MARK: account.pk}
    return change_together(*steps, proof=proof, reason=text, by=by, **kept)


def undo_rescue(number: int) -> UndoResult:
    """Take the rescue back that is the change set of this number.

    Raises Refused for other change sets, and NothingToUndo.
    """
    change_set = ChangeSet.objects.filter(pk=number).first()
    if change_set is None or MARK not in change_set.selection:
        raise Refused(_("Change #%d is no rescue.") % number)
    AuditEvent.objects.record(
        AuditKind.RESCUE, f"user {change_set.selection[MARK]}", undoes=number
    )
    return undo(change_set, reason=_("Undo of a rescue"))


def _prove(account: RawAccount) -> None:
    """Raises RecordMoved where the user is not as shown any more."""
    now = numbered(account.pk)
    if now is None or now.shown != account.shown:
        raise RecordMoved({})


def _check(account: RawAccount, doing: Rescue) -> None:
    """Raises Refused."""
    if not doing.actions:
        raise Refused(_("Say what is to be done."))
    for name in _needed(doing):
        if name in account.lacking:
            raise Refused(
                _(
                    "This MoviePilot database is of before “%s”, so there is nothing to"
                    " be done to it."
                )
                % name
            )


def _needed(doing: Rescue) -> list[str]:
    """What the database must have, as `RawAccount.lacking` calls it."""
    needed = {
        "hashed_password": "password" in doing.actions,
        "is_otp": doing.clear_otp,
        "otp_secret": doing.clear_otp,
        "passkey": doing.passkeys,
        "passkey.is_active": doing.passkeys == PassKeys.DISABLE,
        "is_active": doing.activate,
        "is_superuser": doing.superuser,
    }
    return [name for name, is_needed in needed.items() if is_needed]


def _keys_touched(account: RawAccount, doing: Rescue) -> list[int]:
    """Ids of the passkeys that something happens to."""
    touched = {
        PassKeys.DROP.value: [*account.keys],
        PassKeys.DISABLE.value: account.active_keys,
    }
    return touched.get(doing.passkeys, [])


def _keys_then(doing: Rescue, count: int) -> str:
    if doing.passkeys == PassKeys.DROP:
        return ngettext("%d deleted", "%d deleted", count) % count
    return ngettext("%d disabled", "%d disabled", count) % count


def _steps(account: RawAccount, doing: Rescue) -> list[DeleteRecords | EditRecords]:
    """The user's own last: the change is listed by its table."""
    steps: list[DeleteRecords | EditRecords] = []
    if keys := _keys_touched(account, doing):
        is_drop = doing.passkeys == PassKeys.DROP
        off = {"is_active": False}
        steps.append(
            DeleteRecords(PassKey, keys) if is_drop else EditRecords(PassKey, keys, off)
        )
    if values := _values(account, doing):
        steps.append(EditRecords(User, [account.pk], values, unlocked=[*values]))
    return steps


def _values(account: RawAccount, doing: Rescue) -> dict[str, Any]:
    """The columns of the user that change."""
    values: dict[str, Any] = {}
    if doing.password:
        values["hashed_password"] = hash_password(doing.password)
    if doing.clear_otp and account.has_codes:
        # As MoviePilot leaves it: NULL, not ''.
        values |= {"is_otp": False, "otp_secret": None}
    if doing.activate and not account.is_active:
        values["is_active"] = True
    if doing.superuser and not account.is_superuser:
        values["is_superuser"] = True
    return values
