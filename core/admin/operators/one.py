"""The list of operators, the page of one, and what is done to it there."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin.browsers import browser
from core.admin.operators import deeds, people
from core.admin.operators.deeds import Refused
from core.admin.operators.forms import OperatorForm
from core.admin.record_access import operator as operator_of
from core.admin.record_access import require
from core.models.signins import SignIn
from core.permissions import may

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.operators import OperatorAdmin
    from core.admin.operators.people import Person
    from core.models import Operator

LATEST = 10
"""Sign-ins shown on an operator's page."""


def everybody(pages: OperatorAdmin, request: HttpRequest) -> HttpResponse:
    """All operators."""
    require(pages.has_view_permission(request))
    return pages.render(
        request,
        "core/operators.html",
        people=people.everybody(),
        can_add=pages.has_add_permission(request),
        can_change=pages.has_change_permission(request),
    )


def change(pages: OperatorAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """An operator: its role, whether it may sign in, how it does and did."""
    require(pages.has_change_permission(request))
    person = _person(pk)
    form = OperatorForm(person, operator_of(request), request.POST or None)
    if form.is_valid():
        try:
            deeds.change(pk, form.wanted, by=operator_of(request))
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved the operator."))
            return redirect("admin:core_operator_change", pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = _context(request, _person(pk))
    return pages.render(
        request, "core/operator.html", status=status, form=form, **context
    )


def password(pages: OperatorAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """A new password for a local operator; linked ones have MoviePilot's."""
    require(pages.has_change_permission(request))
    operator = _local(pk)
    if operator.pk == operator_of(request).pk:
        # There the old one is asked for.
        return redirect("admin:password_change")
    form = AdminPasswordChangeForm(operator, request.POST or None)
    form.fields.pop("usable_password", None)
    if form.is_valid():
        chosen = form.cleaned_data["password1"]
        deeds.set_password(operator, chosen, by=operator_of(request))
        messages.success(request, _("Set the password."))
        return redirect("admin:core_operator_change", pk)
    return pages.render(
        request,
        "core/operator_form.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK,
        form=form,
        operator=operator,
        title=_("New password for %s") % operator.username,
    )


def remove(pages: OperatorAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Take from an operator what `what` names: sessions, codes or passkeys."""
    require(pages.has_change_permission(request))
    try:
        messages.success(request, _remove(request, pk, request.POST.get("what", "")))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("admin:core_operator_change", pk)


def _remove(request: HttpRequest, pk: int, what: str) -> str:
    """Do it, and say so."""
    by = operator_of(request)
    if what == "sessions":
        own = request.session.session_key
        ended = deeds.end_sessions(_person(pk).operator, by=by, keep=own)
        return ngettext("Ended %d session.", "Ended %d sessions.", ended) % ended
    if what == "codes":
        deeds.remove_codes(_local(pk), by=by)
        return _("Signing in asks for no one-time code any more.")
    if what == "passkeys":
        deeds.remove_passkeys(_local(pk), by=by)
        return _("Removed the passkeys.")
    raise Http404


def _person(pk: int) -> Person:
    found = people.person(pk)
    if found is None:
        raise Http404
    return found


def _local(pk: int) -> Operator:
    found = _person(pk).operator
    if found.is_linked:
        raise Http404
    return found


def _context(request: HttpRequest, person: Person) -> dict[str, Any]:
    operator = person.operator
    found = SignIn.objects.filter(operator=operator).order_by("-pk")[:LATEST]
    return {
        "person": person,
        "operator": operator,
        "is_oneself": operator.pk == operator_of(request).pk,
        "passkeys": [] if operator.is_linked else [*operator.passkeys.order_by("pk")],
        "sign_ins": [(each, browser(each.agent)) for each in found],
        "sees_sign_ins": may(request.user, "view", SignIn),
    }
