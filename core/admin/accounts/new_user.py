"""The form for a new user: a password to type, and passkeys not to inherit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import permissions
from core.admin import notices, record_access
from core.admin.accounts.owners import inheritance
from core.admin.record_add import AddPart
from core.admin.table_state import report
from core.auth.passwords import SHORTEST, hash_password, problem_with
from core.changes import delete_records
from core.models import PassKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

DROP = "drop-passkeys"


class NewUserPart(AddPart):
    """The password, typed twice and never sent back."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.errors: list[str] = []
        self.hashed = ""

    @property
    def has_errors(self) -> bool:  # type: ignore[override]
        """Whether the password cannot be taken."""
        return bool(self.errors)

    def notice(self) -> str:
        """Which passkeys the next user would inherit."""
        next_id, ids = inheritance()
        if not ids:
            return ""
        context = {
            "count": len(ids),
            "next_id": next_id,
            "name": DROP,
            "list_url": f"{reverse('admin:core_passkey_changelist')}?orphans=1",
            "may_delete": permissions.may(self.request.user, "delete", PassKey),
        }
        return render_to_string("core/includes/inheritance.html", context, self.request)

    def html(self) -> str:
        """The two inputs."""
        if self.request.method == "POST" and not self.errors:
            self.errors = [_("Type it again: a secret is never sent back.")]
        context = {"errors": self.errors, "shortest": SHORTEST}
        return render_to_string("core/includes/new_password.html", context)

    def read(self, data: Mapping[str, str]) -> None:
        """Take the password; what is wrong with it stands in `errors`."""
        typed, again = data.get("password", ""), data.get("password-again", "")
        if problem := problem_with(typed):
            self.errors.append(problem)
        elif typed != again:
            self.errors.append(_("The two passwords are not the same."))
        else:
            self.hashed = hash_password(typed)

    def values(self) -> dict[str, Any]:
        """The hash, as MoviePilot would keep it."""
        return {"hashed_password": self.hashed}

    def tell(self, request: HttpRequest, pk: int) -> None:
        """Which passkeys the user has got that somebody else has left."""
        if not report(PassKey).is_usable:
            return
        ids = PassKey.objects.of_user(pk).ids()
        if ids:
            messages.warning(request, _inherited(pk, len(ids)))


def is_to_drop(request: HttpRequest) -> bool:
    """Whether the request is to delete the passkeys that would be inherited."""
    return request.method == "POST" and DROP in request.POST


def drop_orphans(request: HttpRequest) -> HttpResponseRedirect:
    """Delete them, and back to the form."""
    if not permissions.may(request.user, "delete", PassKey):
        raise PermissionDenied
    _next_id, ids = inheritance()
    if ids:
        change_set = delete_records(
            PassKey,
            ids,
            by=record_access.operator(request),
            reason=_("before a new user inherits them"),
        )
        text = ngettext(
            "Deleted %d passkey of a user that is gone.",
            "Deleted %d passkeys of users that are gone.",
            len(ids),
        )
        notices.changed(request, change_set, text % len(ids))
    return HttpResponseRedirect(reverse(f"{admin.site.name}:core_user_add"))


def _inherited(pk: int, number: int) -> str:
    text = ngettext(
        "This user has inherited %d passkey of a user that was deleted; who holds it"
        " can sign in as the new one.",
        "This user has inherited %d passkeys of a user that was deleted; who holds them"
        " can sign in as the new one.",
        number,
    )
    url = f"{reverse('admin:core_passkey_changelist')}?user={pk}"
    return format_html('{} <a href="{}">{}</a>', text % number, url, _("Show passkeys"))
