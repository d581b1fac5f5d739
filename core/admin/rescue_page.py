"""The page that helps a MoviePilot user back in: choose, look at what changes, do it.

What is chosen stands in the address; a password never does, nor is it sent back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.admin import notices, record_access, standing
from core.admin.change_page import change_url
from core.admin.list_link import ListLink
from core.admin.record_form import REFUSALS
from core.admin.table_state import needs_table
from core.auth.passwords import SHORTEST, problem_with
from core.changes import RecordMoved
from core.rescue import PassKeys, Refused, Rescue, lines, numbered, rescue

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict
    from django.urls import URLPattern

    from core.admin.base import RecordAdmin
    from core.rescue import RawAccount

State = tuple[str, str, str]
"""What, how it stands, class."""


def urls(model_admin: RecordAdmin) -> list[URLPattern]:
    """The page's address, below the user's."""

    @sensitive_post_parameters("password", "password-again")
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, object_id: int) -> HttpResponse:
        return show(model_admin, request, object_id)

    name = model_admin.url_name("rescue")
    wrapped = model_admin.admin_site.admin_view(view)
    return [path("<int:object_id>/rescue/", wrapped, name=name)]


def may_rescue(model_admin: RecordAdmin, request: HttpRequest) -> bool:
    """Whether this operator may."""
    may = request.user.has_perm("core.rescue_user")
    return may and model_admin.has_change_permission(request)


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """How the user stands and what can be done; a POST does what the address says."""
    record_access.require(may_rescue(model_admin, request))
    account = numbered(pk) if pk < record_access.INT64 else None
    if account is None:
        return record_access.gone(model_admin, request)
    doing = chosen(request.GET)
    if request.method == "POST":
        return _do(model_admin, request, account, doing)
    return _page(model_admin, request, account, doing)


def chosen(query: QueryDict) -> Rescue:
    """What the address says is to be done."""
    passkeys = query.get("passkeys", "")
    return Rescue(
        sets_password="password" in query,
        clear_otp="clear-otp" in query,
        passkeys=passkeys if passkeys in PassKeys.values else PassKeys.KEEP,
        activate="activate" in query,
        superuser="superuser" in query,
    )


def _do(
    model_admin: RecordAdmin, request: HttpRequest, account: RawAccount, doing: Rescue
) -> HttpResponse:
    if not constant_time_compare(request.POST.get("shown", ""), account.shown):
        return _moved(request)
    if problem := _password_problem(request, doing):
        return _page(model_admin, request, account, doing, problem=problem)
    password = request.POST.get("password", "") if doing.sets_password else ""
    try:
        change_set = rescue(
            account,
            replace(doing, password=password),
            by=record_access.operator(request),
            reason=request.POST.get("reason", "").strip(),
        )
    except RecordMoved:
        return _moved(request)
    except (Refused, *REFUSALS) as error:
        messages.error(request, str(error))
        return redirect(request.get_full_path())
    if change_set is None:
        messages.info(request, _("There is nothing to change."))
        return redirect(request.get_full_path())
    notices.changed(request, change_set, _("Rescued “%s”.") % account.name[:80])
    return redirect(change_url(change_set))


def _moved(request: HttpRequest) -> HttpResponse:
    text = _("The user was changed meanwhile; nothing was written. This is how it is.")
    messages.warning(request, text)
    return redirect(request.get_full_path())


def _password_problem(request: HttpRequest, doing: Rescue) -> str:
    """Why the password typed cannot be taken."""
    if not doing.sets_password:
        return ""
    typed = request.POST.get("password", "")
    if problem := problem_with(typed):
        return problem
    if typed != request.POST.get("password-again", ""):
        return _("The two passwords are not the same.")
    return ""


def _page(
    model_admin: RecordAdmin,
    request: HttpRequest,
    account: RawAccount,
    doing: Rescue,
    *,
    problem: str = "",
) -> HttpResponse:
    link = ListLink.of(request, model_admin.list_url())
    refusal = ""
    try:
        changes = lines(account, doing) if doing.actions else []
    except Refused as error:
        changes, refusal = [], str(error)
    context = {
        **record_access.context(model_admin, request, link),
        "account": account,
        "record_url": model_admin.record_url(account.pk),
        "state": state(account),
        "doing": doing,
        "choices": PassKeys.choices,
        "changes": changes,
        "refusal": refusal,
        "problem": problem,
        "shortest": SHORTEST,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "core/rescue.html", context, status=422 if problem else 200)


def state(account: RawAccount) -> list[State]:
    """How the user stands, in the words of the user's page."""
    yes, no, held = _("yes"), _("no"), account.held
    codes = standing.codes(
        is_asked=account.is_asked_for_codes,
        has_secret=bool(held.get("otp_secret")),
        has_passkey=bool(account.active_keys),
    )
    found = [
        (_("Account"), *standing.account(is_active=account.is_active)),
        (_("Administrator"), yes if account.is_superuser else no, ""),
        (_("Password"), *standing.password(held.get("hashed_password"))),
        (_("One-time codes"), *codes),
    ]
    if account.keys:
        active, every = len(account.active_keys), len(account.keys)
        text = _("%(active)d of %(all)d active") % {"active": active, "all": every}
        return [*found, (_("Passkeys"), text, "")]
    return [*found, (_("Passkeys"), _("none"), "")]
