"""The page of one's own account: who one is, how one signs in, and where one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.admin import own_factors, own_sessions
from core.roles import Role

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from core.models import Operator


def urls(site: AdminSite) -> list[URLPattern]:
    """The page, and those on which its parts are changed."""

    @never_cache
    @require_safe
    def page(request: HttpRequest) -> HttpResponse:
        return show(site, request)

    return [
        path("account/", site.admin_view(page), name="own_account"),
        *own_factors.urls(site),
        *own_sessions.urls(site),
    ]


def show(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """One's own account."""
    operator = own_factors.operator_of(request)
    context: dict[str, Any] = {
        **site.each_context(request),
        "operator": operator,
        "role": role_of(operator),
        "language": dict(settings.LANGUAGES).get(operator.language, ""),
        "passkeys": operator.passkeys.order_by("pk"),
        **own_sessions.context(request),
    }
    return TemplateResponse(request, "core/own_account.html", context)


def role_of(operator: Operator) -> str:
    """What one may do, in a word."""
    if operator.is_superuser:
        return _("Superuser: may do everything")
    return str(Role(operator.role).label) if operator.role else ""
