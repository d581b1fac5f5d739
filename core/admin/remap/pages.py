"""Path remap: the form. core.admin.remap.plan shows what it would do, and does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.admin.notices import refused
from core.admin.remap import plan as plan_page
from core.admin.remap.form import RemapForm
from core.admin.remap.places import groups, place_states
from core.changes import InvalidValues, Kind, Plan
from core.changes.remap import Remap, plan_remap

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest
    from django.urls import URLPattern

    from core.models.operators import Operator


def urls(site: AdminSite) -> list[URLPattern]:
    """The form, and the preview of a plan made of it."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def form(request: HttpRequest) -> HttpResponse:
        return show(site, request)

    @require_http_methods(["GET", "HEAD", "POST"])
    def plan(request: HttpRequest, token: str) -> HttpResponse:
        return plan_page.show(site, request, token)

    return [
        path("remap/", site.admin_view(form), name="remap"),
        path("remap/<str:token>/", site.admin_view(plan), name="remap_plan"),
    ]


def show(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """The form; a valid one becomes a plan, whose preview is shown next."""
    states = place_states(request)
    if not states:
        raise PermissionDenied
    usable = [state.place.name for state in states if state.is_open]
    if request.method == "POST":
        form = RemapForm.parse(request.POST, usable)
        made = _planned(request, form)
        if made is not None:
            return redirect(reverse("admin:remap_plan", args=[made.token]))
    else:
        form = _prefilled(request, usable)
    context = {
        **site.each_context(request),
        "title": _("Path remap"),
        "form": form,
        "groups": groups(states, form.places),
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "core/remap.html", context, status=status)


def _prefilled(request: HttpRequest, usable: list[str]) -> RemapForm:
    """Empty with every place on, or as the operator's plan of this name has it."""
    token = request.GET.get("plan", "")
    by = cast("Operator", request.user)
    mine = Plan.objects.filter(token=token, operator=by, kind=Kind.REMAP)
    made = mine.first() if token else None
    return RemapForm.of(made, usable) if made else RemapForm(places=usable)


def _planned(request: HttpRequest, form: RemapForm) -> Plan | None:
    """The plan; None where the form says why there is none."""
    remap = form.remap()
    return None if remap is None else make_plan(request, form, remap)


def make_plan(request: HttpRequest, form: RemapForm, remap: Remap) -> Plan | None:
    """Look for hits and preview them; what goes wrong is told by the form."""
    by = cast("Operator", request.user)
    try:
        return plan_remap(remap, reason=form.reason, by=by)
    except InvalidValues as error:
        form.errors.append(str(error))
    except DatabaseError as error:
        form.errors.append(refused(error))
    return None
