"""The admin site that is the console's shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.admin import AdminSite
from django.db.models.base import ModelBase
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.template.response import TemplateResponse
    from django.urls import URLPattern, URLResolver

FOREIGN = frozenset({"django_tasks_database"})
"""Apps whose pages are not the console's."""
UNUSED = frozenset({"autocomplete", "jsi18n", "view_on_site", "app_list"})
"""Addresses of Django's admin that no page here leads to."""


class ConsoleSite(AdminSite):
    """Django's admin without its pages: every table brings its own."""

    site_header = site_title = "mpadmin"
    index_title = _("Home")
    password_change_template = "registration/password_change_form.html"  # noqa: S105  a path
    password_change_done_template = "registration/password_change_done.html"  # noqa: S105
    logout_template = "registration/logged_out.html"

    def register(
        self,
        model_or_iterable: Any,
        admin_class: Any = None,
        **options: Any,
    ) -> None:
        """Not what packages bring: the pages of tasks show tracebacks, with values."""
        is_one = isinstance(model_or_iterable, ModelBase)
        models = [model_or_iterable] if is_one else [*model_or_iterable]
        kept = [model for model in models if model._meta.app_label not in FOREIGN]
        super().register(kept, admin_class, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Sign-in, sign-out, home, the password, the pages that are no lists, the
        tables' addresses.
        """
        # Not above: it needs the apps.
        from core.admin import (
            audit,
            caches,
            own_account,
            own_sessions,
            prune_page,
            signins,
        )
        from core.admin.remap import pages as remap
        from core.admin.signin import code, passkey

        urls: list[URLPattern | URLResolver] = super().get_urls()
        kept = [each for each in urls if getattr(each, "name", "") not in UNUSED]
        # Django's own end with one that answers whatever is left.
        pages = (
            caches,
            remap,
            code,
            passkey,
            own_account,
            own_sessions,
            signins,
            audit,
            prune_page,
        )
        return [*(url for page in pages for url in page.urls(self)), *kept]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What Django's own sign-in pages expect, and no more.

        AdminSite asks here for every table's permissions, on every page.
        """
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "has_permission": self.has_permission(request),
        }

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Name and password."""
        from core.admin.signin import login

        return login.show(self, request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """One's own password."""
        from core.admin.own_password import OwnPasswordPage

        page = OwnPasswordPage.as_view(
            template_name=self.password_change_template,
            extra_context=self.each_context(request),
        )
        return cast("TemplateResponse", page(request))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The home page."""
        # Not above: it needs this site.
        from core.admin import home

        return home.show(request)
