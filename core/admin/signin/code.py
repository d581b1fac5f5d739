"""The second page of signing in, for who has one-time codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import Error as DatabaseError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core.admin.signin.login import elsewhere, start_again, too_many
from core.auth import pending, throttle, totp
from core.auth.accounts import Refusal
from core.models.signins import Outcome

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from core.auth.pending import Pending


def urls(site: AdminSite) -> list[URLPattern]:
    """The code, and the way back to the password. Nobody is signed in here yet."""

    @sensitive_post_parameters()
    @csrf_protect
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest) -> HttpResponse:
        return show(site, request)

    return [
        path("login/code/", page, name="login_code"),
        path("login/back/", back, name="login_back"),
    ]


def show(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Ask for a code, or look at the one that was sent."""
    found = pending.of(request)
    if found is None:
        return redirect("admin:login")
    try:
        factors = found.factors
        if not factors.code:
            return elsewhere(request, factors)
        if request.method == "POST":
            return _check(site, request, found)
        return _page(site, request, found)
    except DatabaseError:
        return start_again(request, str(Refusal.UNREACHABLE.label))


@require_POST
@csrf_protect
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """Forget that the password was right."""
    pending.drop(request)
    return redirect("admin:login")


def _check(site: AdminSite, request: HttpRequest, found: Pending) -> HttpResponse:
    code = request.POST.get("code", "")
    if not code.strip():
        return _page(site, request, found, _("Enter a code."))
    try:
        pending.attempt(request, found)
    except throttle.TooMany as problem:
        page = _page(site, request, found, wait=problem.seconds)
        return too_many(page, problem)
    if _is_right(found, code):
        return pending.complete(request, found)
    if pending.fail(request, found, Outcome.WRONG_CODE):
        wrong = _("This code is wrong, or was used before.")
        return _page(site, request, found, wrong)
    return start_again(request, _("Too many wrong codes. Sign in again."))


def _is_right(found: Pending, code: str) -> bool:
    try:
        return totp.check(found.operator, found.account, code)
    except totp.BrokenSecret:
        return False


def _page(
    site: AdminSite,
    request: HttpRequest,
    found: Pending,
    problem: str = "",
    *,
    wait: int = 0,
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "name": found.name,
        "problem": problem,
        "wait": wait,
        "is_broken": totp.is_broken(found.operator, found.account),
        "is_linked": found.operator.is_linked,
        "has_passkey": found.factors.passkey,
    }
    return TemplateResponse(request, "core/signin/code.html", context)
