"""The audit log: secrets seen, rescues, roles, operators and pruning. Read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.admin.audit_words import facts
from core.admin.changes_list import number, page_urls
from core.admin.log_list import LogFilter, operators
from core.models import AuditEvent
from core.models.audit import SYSTEM, AuditKind

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from core.admin.log_list import Choices

TONES = {
    AuditKind.REVEAL: "is-warning",
    AuditKind.EXPORT: "is-warning",
    AuditKind.RESCUE: "is-info",
    AuditKind.PRUNE: "is-danger",
}


class AuditFilter(LogFilter):
    """By what was done, by whom, and to what."""

    selects: ClassVar = ("kind", "operator")
    texts: ClassVar = ("subject",)

    def label(self, name: str) -> str:
        """What a condition is called."""
        labels = {
            "subject": _("Subject"),
            "kind": _("Kind"),
            "operator": _("Operator"),
        }
        return labels[name]

    def choices(self, name: str) -> Choices:
        """The kinds, or the operators and the system."""
        if name == "operator":
            return [*operators(), (SYSTEM, _("system"))]
        return [(value, str(label)) for value, label in AuditKind.choices]

    def rows(self) -> QuerySet[AuditEvent]:
        """All events."""
        rows: QuerySet[AuditEvent] = AuditEvent.objects.all()
        return rows

    def condition(self, name: str, value: str) -> Q:
        """Raises FilterError."""
        match name:
            case "subject":
                return Q(subject__icontains=value)
            case "operator" if value == SYSTEM:
                return Q(operator=None, operator_name=SYSTEM)
            case "operator":
                return Q(operator_id=number(value))
        return Q(kind=value)


def urls(site: AdminSite) -> list[URLPattern]:
    """The page."""

    @require_safe
    def page(request: HttpRequest) -> HttpResponse:
        return show(site, request)

    return [path("audit/", site.admin_view(page), name="audit")]


def show(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """One page of the log."""
    if not request.user.has_perm("core.view_auditevent"):
        raise PermissionDenied
    state = AuditFilter.parse(request.GET.dict())
    page = state.page(request.GET.dict())
    context = {
        **site.each_context(request),
        "title": _("Audit log"),
        "state": state,
        "rows": [row_of(each) for each in page.records],
        "page_urls": page_urls(page, state.query),
    }
    return TemplateResponse(request, "core/audit.html", context)


def row_of(event: AuditEvent) -> dict[str, Any]:
    """An event, as its row shows it."""
    is_system = event.operator_id is None and event.operator_name == SYSTEM
    return {
        "event": event,
        "operator": _("system") if is_system else event.operator_name,
        "tone": TONES.get(AuditKind(event.kind), "is-accent"),
        "facts": facts(event.detail),
    }
