"""The page that asks for a passkey after the password."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.db import Error as DatabaseError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.admin.signin.login import elsewhere, start_again, too_many
from core.auth import passkeys, pending, throttle
from core.auth.accounts import Refusal as Unreachable
from core.auth.passkeys import Refusal, Refused
from core.models.signins import Outcome

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from core.auth.pending import Pending


def urls(site: AdminSite) -> list[URLPattern]:
    """The page."""

    @sensitive_post_parameters()
    @csrf_protect
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest) -> HttpResponse:
        return show(site, request)

    return [path("login/passkey/", page, name="login_passkey")]


def show(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Ask for a passkey, or look at what the browser answered."""
    found = pending.of(request)
    if found is None:
        return redirect("admin:login")
    try:
        factors = found.factors
        if not factors.passkey:
            return elsewhere(request, factors)
        if request.method == "POST":
            return _check(site, request, found)
        return _page(site, request, found)
    except DatabaseError:
        return start_again(request, str(Unreachable.UNREACHABLE.label))


def _check(site: AdminSite, request: HttpRequest, found: Pending) -> HttpResponse:
    try:
        pending.attempt(request, found)
    except throttle.TooMany as problem:
        page = _page(site, request, found, wait=problem.seconds)
        return too_many(page, problem)
    try:
        passkeys.verify(request, found.operator, request.POST.get("answer", ""))
    except Refused as refused:
        is_down = refused.why == Refusal.UNWRITABLE
        outcome = Outcome.UNREACHABLE if is_down else Outcome.WRONG_PASSKEY
        why = str(refused.why.label)
        if pending.fail(request, found, outcome):
            return _page(site, request, found, why)
        return start_again(request, why)
    return pending.complete(request, found)


def _page(
    site: AdminSite,
    request: HttpRequest,
    found: Pending,
    problem: str = "",
    *,
    wait: int = 0,
) -> HttpResponse:
    options = passkeys.sign_in_options(request, found.operator)
    context = {
        **site.each_context(request),
        "name": found.name,
        "options": json.dumps(options),
        "host": options["rpId"],
        "has_passkeys": bool(options["allowCredentials"]),
        "has_code": found.factors.code,
        "problem": problem,
        "wait": wait,
    }
    return TemplateResponse(request, "core/signin/passkey.html", context)
