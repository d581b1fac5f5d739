"""The first page of signing in, name and password, and the ways back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import Error as DatabaseError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.auth import accounts, pending, signin_log, throttle
from core.auth.accounts import Refusal
from core.auth.factors import factors_of
from core.auth.forms import SignInForm
from core.models.signins import Outcome

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse

    from core.auth.factors import Factors
    from core.models import Operator
    from core.models.signins import SignIn


def show(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Ask for name and password, or look at those that were sent."""

    @sensitive_post_parameters()
    @csrf_protect
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return _sign_in(site, request)
        if site.has_permission(request):
            return redirect("admin:index")
        return _page(site, request, SignInForm(request))

    return page(request)


def _sign_in(site: AdminSite, request: HttpRequest) -> HttpResponse:
    form = SignInForm(request, request.POST)
    if not form.is_filled:
        return _page(site, request, form)
    try:
        tried = throttle.begin(request, form.typed_name)
    except throttle.TooMany as problem:
        return too_many(_page(site, request, SignInForm(request), problem), problem)
    if not form.is_valid():
        signin_log.finish(tried, form.outcome)
        return _page(site, request, form)
    try:
        return _go_on(request, form.get_user(), tried)
    except (DatabaseError, accounts.AccountGone):  # at this very moment
        signin_log.finish(tried, Outcome.UNREACHABLE)
        messages.error(request, str(Refusal.UNREACHABLE.label))
        return redirect("admin:login")


def _go_on(request: HttpRequest, operator: Operator, tried: SignIn) -> HttpResponse:
    """The password is right: sign in, or ask for a second factor."""
    account = accounts.account_of(operator)
    backend: str = operator.backend
    next_url = _next(request)
    if factors_of(operator, account).any:
        signin_log.finish(tried, Outcome.PASSWORD_RIGHT, operator)
        return pending.begin(request, operator, account, backend, next_url)
    return pending.enter(request, operator, tried, backend=backend, next_url=next_url)


def elsewhere(request: HttpRequest, factors: Factors) -> HttpResponse:
    """The other second step, as this one is not asked for: it may have been cleared
    since the password.
    """
    if factors.any:
        return redirect(factors.page)
    return start_again(request, _("The account has just changed. Sign in again."))


def start_again(request: HttpRequest, why: str) -> HttpResponse:
    """Back to the password."""
    pending.drop(request)
    messages.error(request, why)
    return redirect("admin:login")


def too_many(response: HttpResponse, problem: throttle.TooMany) -> HttpResponse:
    """The same page, for a client that tried too often."""
    response.status_code = 429
    response["Retry-After"] = str(problem.seconds)
    return response


def _page(
    site: AdminSite,
    request: HttpRequest,
    form: SignInForm,
    problem: throttle.TooMany | None = None,
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "form": form,
        # Of what was typed, also where nothing of it was looked at.
        "name": SignInForm(request, request.POST).shown_name,
        REDIRECT_FIELD_NAME: _next(request),
        "wait": problem.seconds if problem else 0,
    }
    return TemplateResponse(request, "admin/login.html", context)


def _next(request: HttpRequest) -> str:
    given = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME))
    return pending.safe_next(request, given or "")
