"""The same for the console's own operators, whose accounts are no records of
MoviePilot's: nothing here is a change set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.auth.passwords import problem_with
from core.auth.sessions import end_all
from core.models import AuditEvent, Operator
from core.models.audit import AuditKind
from core.rescue.doing import Line, PassKeys, Refused

if TYPE_CHECKING:
    from core.rescue.doing import Rescue


def local(name: str) -> Operator:
    """The local operator of this name. Raises Refused."""
    found = Operator.objects.filter(username=name).first()
    if found is None:
        raise Refused(_("The console has no operator of this name."))
    if found.is_linked:
        raise Refused(
            _(
                "This operator signs in with a MoviePilot account: rescue that one,"
                " without --operator."
            )
        )
    return found


def lines(operator: Operator, doing: Rescue) -> list[Line]:
    """What would change; nothing where all is so already. Raises Refused."""
    _check(operator, doing)
    yes, no = _("yes"), _("no")
    found = []
    if doing.password:
        found.append(Line(_("Password"), _("set"), _("a new one")))
    if doing.clear_otp and operator.totp_secret:
        found.append(Line(_("One-time codes"), _("on"), _("off")))
    keys = operator.passkeys.count() if doing.passkeys else 0
    if keys:
        deleted = ngettext("%d deleted", "%d deleted", keys)
        found.append(Line(_("Passkeys"), str(keys), deleted % keys))
    if doing.activate and not operator.is_active:
        found.append(Line(_("Active"), no, yes))
    if doing.superuser and not _is_whole_superuser(operator):
        found.append(Line(_("Administrator"), no, yes))
    return found


def rescue(
    operator: Operator, doing: Rescue, *, detail: dict[str, Any] | None = None
) -> bool:
    """Do it, and sign the operator out everywhere; False where all is so already.

    Raises Refused.
    """
    if not lines(operator, doing):
        return False
    with transaction.atomic():
        AuditEvent.objects.record(
            AuditKind.RESCUE,
            f"operator {operator.username}",
            actions=doing.actions,
            **(detail or {}),
        )
        # As it is now: what is saved must not put back the step of a used code.
        _change(Operator.objects.select_for_update().get(pk=operator.pk), doing)
        end_all(operator)
    return True


def _change(operator: Operator, doing: Rescue) -> None:
    if doing.password:
        operator.set_password(doing.password)
    if doing.clear_otp:
        operator.totp_secret = ""
    if doing.passkeys:
        operator.passkeys.all().delete()
    if doing.activate or doing.superuser:
        operator.is_active = operator.is_active or doing.activate
        operator.is_superuser = operator.is_superuser or doing.superuser
        operator.is_staff = operator.is_staff or doing.superuser
    operator.save()


def _is_whole_superuser(operator: Operator) -> bool:
    # Without `is_staff` nobody gets in, whatever the rights.
    return operator.is_superuser and operator.is_staff


def _check(operator: Operator, doing: Rescue) -> None:
    """Raises Refused."""
    if not doing.actions:
        raise Refused(_("Say what is to be done."))
    if doing.passkeys == PassKeys.DISABLE:
        raise Refused(_("Passkeys of operators cannot be disabled, only deleted."))
    if not doing.password:
        return
    try:
        doing.password.encode()
        validate_password(doing.password, operator)
    except UnicodeEncodeError:
        raise Refused(problem_with(doing.password)) from None
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None
