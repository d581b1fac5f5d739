"""The sign-in log: who tried to sign in, when, from where, and what came of it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.admin.browsers import browser
from core.admin.changes_list import number, page_urls
from core.admin.log_list import LogFilter, operators
from core.auth.signin_log import key_of, network_of
from core.models import Outcome, SignIn
from core.opers.filters import FilterError

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from core.admin.log_list import Choices

GOOD = (Outcome.SUCCESS,)
HALF = (Outcome.TRIED, Outcome.PASSWORD_RIGHT)


class SignInFilter(LogFilter):
    """By the name that was typed, the address, the result and the operator."""

    selects: ClassVar = ("outcome", "operator")
    texts: ClassVar = ("name", "address")

    def label(self, name: str) -> str:
        """What a condition is called."""
        labels = {
            "name": _("Name"),
            "address": _("Address"),
            "outcome": _("Result"),
            "operator": _("Operator"),
        }
        return labels[name]

    def choices(self, name: str) -> Choices:
        """The results, or the operators."""
        if name == "operator":
            return operators()
        return [(value, str(label)) for value, label in Outcome.choices]

    def rows(self) -> QuerySet[SignIn]:
        """All attempts, each with its operator."""
        return SignIn.objects.select_related("operator")

    def condition(self, name: str, value: str) -> Q:
        """Raises FilterError."""
        match name:
            # Names that no account has are not kept, but they can be asked for.
            case "name":
                return Q(name_key=key_of(value))
            case "address":
                return _from(value)
            case "operator":
                return Q(operator_id=number(value))
        return Q(outcome=value)


def _from(value: str) -> Q:
    try:
        address = str(ip_address(value))
    except ValueError:
        text = _("“%s” is not an address; write it as 192.0.2.1 or 2001:db8::1.")
        raise FilterError(text % value[:60]) from None
    # By the network there is an index.
    return Q(network=network_of(address), address=address)


def urls(site: AdminSite) -> list[URLPattern]:
    """The page."""

    @require_safe
    def page(request: HttpRequest) -> HttpResponse:
        return show(site, request)

    return [path("sign-ins/", site.admin_view(page), name="signins")]


def show(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """One page of the log."""
    if not request.user.has_perm("core.view_signin"):
        raise PermissionDenied
    state = SignInFilter.parse(request.GET.dict())
    page = state.page(request.GET.dict())
    context = {
        **site.each_context(request),
        "title": _("Sign-in log"),
        "state": state,
        "rows": [row_of(each) for each in page.records],
        "page_urls": page_urls(page, state.query),
    }
    return TemplateResponse(request, "core/signins.html", context)


def row_of(attempt: SignIn) -> dict[str, Any]:
    """An attempt, as its row shows it."""
    outcome = attempt.outcome
    tone = "is-success" if outcome in GOOD else "" if outcome in HALF else "is-danger"
    return {
        "attempt": attempt,
        "name": attempt.name or (attempt.operator and attempt.operator.username),
        "browser": browser(attempt.agent),
        "tone": "is-warning" if outcome == Outcome.THROTTLED else tone,
    }
