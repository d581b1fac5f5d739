"""The pages of the console's own accounts: who may use it, and local passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from core.models import Operator

if TYPE_CHECKING:
    OperatorAdminBase = admin.ModelAdmin[Operator]
    OperatorFormBase = forms.ModelForm[Operator]
    NewOperatorFormBase = AdminUserCreationForm[Operator]
else:
    OperatorAdminBase = admin.ModelAdmin
    OperatorFormBase = forms.ModelForm
    NewOperatorFormBase = AdminUserCreationForm

# Every operator may do everything: there are no groups to put them in.
if admin.site.is_registered(Group):
    admin.site.unregister(Group)


class OperatorForm(OperatorFormBase):
    """What may be changed of an operator."""

    class Meta:
        model = Operator
        fields = ("username", "email", "is_active")


class NewOperatorForm(NewOperatorFormBase):
    """A local operator with a password of its own."""

    # A local operator without a password could never sign in.
    usable_password = None  # type: ignore[assignment]

    class Meta:
        model = Operator
        fields = ("username", "email")

    def save(self, commit: bool = True) -> Operator:  # noqa: FBT001, FBT002  Django's
        """Every operator may use the whole console."""
        self.instance.is_staff = self.instance.is_superuser = True
        return super().save(commit)


@admin.register(Operator)
class OperatorAdmin(OperatorAdminBase):
    """Operators are made inactive, not deleted: the change log names them."""

    actions = None

    def get_urls(self) -> list[URLPattern]:
        """The list, an operator, a new one, and a local one's password."""
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="core_operator_changelist"),
            path("add/", wrap(self.add_view), name="core_operator_add"),
            path(
                "<int:object_id>/change/",
                wrap(self.change_view),
                name="core_operator_change",
            ),
            path(
                "<int:object_id>/password/",
                wrap(self.password_view),
                name="core_operator_password",
            ),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All operators: there are few."""
        _require(self.has_view_permission(request))
        context = {"operators": Operator.objects.order_by("username")}
        return self._render(request, "core/operators.html", context)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A new local operator."""
        _require(self.has_add_permission(request))
        form = NewOperatorForm(request.POST or None)
        if form.is_valid():
            form.save()
            messages.success(request, _("Added the operator."))
            return redirect("admin:core_operator_changelist")
        return self._render(request, "core/operator.html", {"form": form})

    def change_view(
        self,
        request: HttpRequest,
        object_id: Any,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """An operator's name and whether it may sign in."""
        _require(self.has_change_permission(request))
        operator = get_object_or_404(Operator, pk=object_id)
        form = OperatorForm(request.POST or None, instance=operator)
        if form.is_valid() and self._keeps_itself(request, form):
            form.save()
            messages.success(request, _("Saved the operator."))
            return redirect("admin:core_operator_changelist")
        context = {"form": form, "operator": operator}
        return self._render(request, "core/operator.html", context)

    def password_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """A new password for a local operator; linked ones have MoviePilot's."""
        _require(self.has_change_permission(request))
        operator = get_object_or_404(Operator, pk=object_id, moviepilot_id=None)
        form = AdminPasswordChangeForm(operator, request.POST or None)
        form.fields.pop("usable_password", None)
        if form.is_valid():
            form.save()
            messages.success(request, _("Set the password."))
            return redirect("admin:core_operator_changelist")
        context = {"form": form, "operator": operator, "is_password": True}
        return self._render(request, "core/operator.html", context)

    def _keeps_itself(self, request: HttpRequest, form: OperatorForm) -> bool:
        """Refuse to lock oneself out."""
        if form.instance.pk == request.user.pk and not form.cleaned_data["is_active"]:
            form.add_error("is_active", _("You cannot disable yourself."))
            return False
        return True

    def _render(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, template, {**shared, **context})


def _require(is_allowed: bool) -> None:  # noqa: FBT001  reads as the sentence it is
    if not is_allowed:
        raise PermissionDenied
