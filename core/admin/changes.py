"""The pages of the change log: what was done, by whom, why, and how to undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.admin import change_page, record_search, running, undo_page
from core.admin.bulk import plans
from core.admin.changes_list import ChangesFilter, page_urls
from core.admin.remap.places import tables_label
from core.changes import ChangeSet, Plan

RUNNING = {
    "cancel": running.cancel_change,
    "queue": running.queue_again,
    "select": running.select_left_alone,
}
"""What is posted to a change's page, by the end of its address."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.admin import AdminSite

    ChangeSetAdminBase = admin.ModelAdmin[ChangeSet]
    PlanAdminBase = admin.ModelAdmin[Plan]
else:
    ChangeSetAdminBase = PlanAdminBase = admin.ModelAdmin


@admin.register(ChangeSet)
class ChangeSetAdmin(ChangeSetAdminBase):
    """Change sets are read and undone; nothing here edits or deletes one."""

    actions = None

    def get_urls(self) -> list[URLPattern]:
        """The list, a change, and what can be done about it."""
        wrap = self.admin_site.admin_view
        read, both = ["GET", "HEAD"], ["GET", "HEAD", "POST"]
        return [
            path(
                "",
                wrap(require_http_methods(read)(self.changelist_view)),
                name="core_changeset_changelist",
            ),
            path(
                "records/",
                wrap(require_http_methods(read)(self.records_view)),
                name="core_changeset_records",
            ),
            path(
                "<int:object_id>/",
                wrap(require_http_methods(read)(self.change_view)),
                name="core_changeset_change",
            ),
            path(
                "<int:object_id>/undo/",
                wrap(require_http_methods(both)(self.undo_view)),
                name="core_changeset_undo",
            ),
            path(
                "<int:object_id>/resume/",
                wrap(require_POST(self.resume_view)),
                name="core_changeset_resume",
            ),
            path(
                "<int:object_id>/progress/",
                wrap(require_http_methods(read)(self.progress_view)),
                name="core_changeset_progress",
            ),
            *(
                path(
                    f"<int:object_id>/{name}/",
                    wrap(require_POST(self._running_view(view))),
                    name=f"core_changeset_{name}",
                )
                for name, view in RUNNING.items()
            ),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Changes come from plans and forms."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: ChangeSet | None = None
    ) -> bool:
        """The log is not for cleaning up."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list of changes, latest first."""
        self._require_view(request)
        state = ChangesFilter.parse(request.GET.dict(), request.user)
        page = state.page(request.GET.dict())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Changes"),
            "state": state,
            "changes": [(each, tables_label(each)) for each in page.records],
            "page_urls": page_urls(page, state.query),
        }
        return TemplateResponse(request, "core/changes.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: Any,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One change set and its entries."""
        self._require_view(request)
        return change_page.show(self.admin_site, request, cast("int", object_id))

    def records_view(self, request: HttpRequest) -> HttpResponse:
        """The search for records that were changed."""
        self._require_view(request)
        return record_search.show(self.admin_site, request)

    def undo_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """What an undo would do, and doing it."""
        self._require_view(request)
        return undo_page.undo_change(self.admin_site, request, object_id)

    def resume_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Going on with a stopped change set."""
        self._require_view(request)
        return undo_page.resume_change(self.admin_site, request, object_id)

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """How far a change has come."""
        self._require_view(request)
        return running.progress(self.admin_site, request, object_id)

    def _running_view(
        self, view: Callable[[AdminSite, HttpRequest, int], HttpResponse]
    ) -> Callable[..., HttpResponse]:
        def allowed(request: HttpRequest, object_id: int) -> HttpResponse:
            self._require_view(request)
            return view(self.admin_site, request, object_id)

        return allowed

    def _require_view(self, request: HttpRequest) -> None:
        if not request.user.has_perm("core.view_changeset"):
            raise PermissionDenied


@admin.register(Plan)
class PlanAdmin(PlanAdminBase):
    """A plan has one page, known to the operator who made it."""

    def get_urls(self) -> list[URLPattern]:
        """The preview."""
        wrap = self.admin_site.admin_view
        view = require_http_methods(["GET", "HEAD", "POST"])(self.preview_view)
        return [path("<str:token>/", wrap(view), name="core_plan_preview")]

    def preview_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """The plan, and applying it."""
        return plans.preview_plan(self.admin_site, request, token)
