"""New operators: local ones, and MoviePilot users who are given a role beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.admin.operators import deeds, people
from core.admin.operators.deeds import Refused
from core.admin.operators.forms import GrantForm, NewOperatorForm
from core.admin.record_access import operator as operator_of
from core.admin.record_access import require
from core.models import Operator
from core.roles import Role

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.operators import OperatorAdmin
    from core.admin.operators.people import Users
    from core.auth.accounts import Account


def add(pages: OperatorAdmin, request: HttpRequest) -> HttpResponse:
    """A new local operator."""
    require(pages.has_add_permission(request))
    form = NewOperatorForm(request.POST or None)
    if form.is_valid():
        made: Operator = form.save(commit=False)
        role = Role(form.cleaned_data["role"])
        deeds.add(made, role, by=operator_of(request))
        messages.success(request, _("Added the operator."))
        return redirect("admin:core_operator_change", made.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return pages.render(
        request,
        "core/operator_form.html",
        status=status,
        form=form,
        title=_("Add local operator"),
    )


@dataclass(frozen=True)
class Candidate:
    """A MoviePilot user who may be given a role."""

    account: Account
    users: Users
    operator: Operator | None
    is_shadowed: bool
    """Whether a local operator has the name."""

    @property
    def rights_text(self) -> str:
        """What the rights in MoviePilot make of it."""
        return people.role_text(self.account.role)

    @property
    def trouble(self) -> str:
        """Why it cannot sign in, whatever its role."""
        return people.trouble_of(self.account, self.users)

    @property
    def factors(self) -> list[str]:
        """What MoviePilot asks for besides the password."""
        return people.factors_of(self.account, self.users)


def grant(pages: OperatorAdmin, request: HttpRequest) -> HttpResponse:
    """Give the MoviePilot user of the id `user` a role, or choose one of them."""
    require(pages.has_add_permission(request))
    users = people.users()
    candidates = _candidates(users)
    chosen = request.GET.get("user", "")
    candidate = next((c for c in candidates if str(c.account.id) == chosen), None)
    if candidate is None:
        if chosen and users.is_readable:
            messages.warning(request, _("There is no such MoviePilot user."))
        return pages.render(
            request,
            "core/operator_grant.html",
            candidates=candidates,
            is_readable=users.is_readable,
        )
    if candidate.operator:
        return redirect("admin:core_operator_change", candidate.operator.pk)
    return _grant(pages, request, candidate)


def _grant(
    pages: OperatorAdmin, request: HttpRequest, candidate: Candidate
) -> HttpResponse:
    form = GrantForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            by = operator_of(request)
            made = deeds.grant(candidate.account, form.chosen, by=by)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved the operator."))
            return redirect("admin:core_operator_change", made.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return pages.render(
        request,
        "core/operator_form.html",
        status=status,
        form=form,
        candidate=candidate,
        title=_("Role of MoviePilot user %s") % candidate.account.name,
    )


def _candidates(users: Users) -> list[Candidate]:
    found = [each for named in users.named.values() for each in named]
    operators = [*Operator.objects.all()]
    known = {(each.moviepilot_id, each.moviepilot_name): each for each in operators}
    local = {each.username for each in operators if not each.is_linked}
    return [
        Candidate(each, users, known.get((each.id, each.name)), each.name in local)
        for each in sorted(found, key=lambda account: account.id)
    ]
