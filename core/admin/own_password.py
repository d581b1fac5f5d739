"""The page on which local operators change their own password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse_lazy

from core.admin.own_factors import wrong_password
from core.auth.sessions import end_all
from core.models import AuditEvent
from core.models.audit import AuditKind

if TYPE_CHECKING:
    from django.contrib.auth.forms import PasswordChangeForm
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from core.models import Operator


class OwnPasswordForm(AdminPasswordChangeForm):
    """Asks for the old one, which nobody may guess here instead of signing in."""

    def __init__(self, request: HttpRequest, **given: Any) -> None:
        super().__init__(**given)
        self.request = request

    def clean_old_password(self) -> str:
        """What was typed, if it is right."""
        typed: str = self.cleaned_data["old_password"]
        if problem := wrong_password(self.request, self.user, typed):
            raise ValidationError(problem, code="password_incorrect")
        return typed

    @transaction.atomic
    def save(self, commit: bool = True) -> Operator:  # noqa: FBT001, FBT002  Django's
        """Keep the password and nothing else: what an administrator changed since the
        request began must not be put back.
        """
        operator: Operator = super().save(commit=False)
        AuditEvent.objects.record(
            AuditKind.OPERATOR, str(operator), by=operator, done="own password changed"
        )
        operator.save(update_fields=["password"])
        return operator


class OwnPasswordPage(PasswordChangeView):
    """Who knew the old one is signed out elsewhere."""

    form_class = OwnPasswordForm
    success_url = reverse_lazy("admin:password_change_done")

    def dispatch(self, *given: Any, **named: Any) -> HttpResponseBase:
        """MoviePilot's users have MoviePilot's password."""
        if self._operator.is_linked:
            return redirect("admin:own_account")
        return super().dispatch(*given, **named)

    def get_form_kwargs(self) -> dict[str, Any]:
        """What the form needs."""
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Change it."""
        response = super().form_valid(form)
        end_all(self._operator, except_key=self.request.session.session_key)
        return response

    @property
    def _operator(self) -> Operator:
        return cast("Operator", self.request.user)
