"""The pages of the console's own accounts: who may use it, and as what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from core.admin.base import BOTH, READ
from core.models import Operator

if TYPE_CHECKING:
    from collections.abc import Callable

    OperatorAdminBase = admin.ModelAdmin[Operator]
else:
    OperatorAdminBase = admin.ModelAdmin

# Each role has its group, which nobody edits: see core.roles.
if admin.site.is_registered(Group):
    admin.site.unregister(Group)


@admin.register(Operator)
class OperatorAdmin(OperatorAdminBase):
    """Operators are made inactive, not deleted: the change log names them."""

    actions = None

    def get_urls(self) -> list[URLPattern]:
        """The list, an operator, what is done to one, and new ones."""
        # Not above: they ask for this site's pages.
        from core.admin.operators import adding, one

        return [
            self._url("", READ, self.changelist_view, "changelist"),
            self._url("add/", BOTH, adding.add, "add"),
            self._url("grant/", BOTH, adding.grant, "grant"),
            self._url("<int:pk>/change/", BOTH, one.change, "change"),
            self._url("<int:pk>/password/", BOTH, one.password, "password"),
            self._url("<int:pk>/remove/", ("POST",), one.remove, "remove"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All operators."""
        from core.admin.operators import one

        return one.everybody(self, request)

    def render(
        self,
        request: HttpRequest,
        template: str,
        *,
        status: int | None = None,
        **context: Any,
    ) -> HttpResponse:
        """One of these pages."""
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, template, {**shared, **context}, status=status)

    def _url(
        self,
        at: str,
        methods: tuple[str, ...],
        view: Callable[..., HttpResponse],
        name: str,
    ) -> URLPattern:
        is_own = getattr(view, "__self__", None) is self

        def inside(request: HttpRequest, **given: Any) -> HttpResponse:
            return view(*(() if is_own else (self,)), request, **given)

        allowed = require_http_methods([*methods])(inside)
        wrapped = self.admin_site.admin_view(allowed)
        return path(at, wrapped, name=f"core_operator_{name}")
