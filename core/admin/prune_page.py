"""Deleting what old changes have kept of their records: how much, and doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.admin.log_size import log_size
from core.changes import retention

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from core.changes.retention import Prunable
    from core.models import Operator

USUAL = 90
MOST = 36_500
SECONDS = 10.0
"""How long one request deletes; the page then offers to go on."""


@dataclass(frozen=True)
class Offer:
    """What the page shows."""

    days: int
    found: Prunable
    bytes: int
    """About how much room it takes."""


def urls(site: AdminSite) -> list[URLPattern]:
    """The page."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest) -> HttpResponse:
        return show(site, request)

    # Before the changes themselves, which go by their numbers.
    return [path("core/changeset/prune/", site.admin_view(page), name="prune")]


def show(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Ask how old, tell how much that is; on POST do it."""
    if not request.user.has_perm("core.prune_changeset"):
        raise PermissionDenied
    is_post = request.method == "POST"
    text = (request.POST if is_post else request.GET).get("days", "")
    days = days_of(text)
    if is_post and days is not None:
        return prune(request, days)
    context = {
        **site.each_context(request),
        "title": _("Delete old changes"),
        "days": text or str(USUAL),
        "most": MOST,
        "is_refused": bool(text) and days is None,
        "offer": None if days is None else offer(days),
    }
    return TemplateResponse(request, "core/prune.html", context)


def days_of(text: str) -> int | None:
    """The number of days; None for what is none."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST))
    return int(text) if is_number and int(text) <= MOST else None


def offer(days: int) -> Offer:
    """How much would be deleted."""
    found = retention.look(days)
    log = log_size()
    entries = found.entries + found.left
    share = min(1.0, entries / log.entries) if log.entries else 0.0
    return Offer(days, found, int(log.bytes * share))


def prune(request: HttpRequest, days: int) -> HttpResponse:
    """Delete for a while, and say how far it came."""
    found = retention.look(days)
    if not found.is_something:
        messages.info(request, _("No change is that old."))
        return redirect("admin:core_changeset_changelist")
    retention.record(days, found, by=cast("Operator", request.user))
    pruned = [*retention.prune(days, seconds=SECONDS)]
    count = sum(entries for _change_set, entries in pruned)
    text = ngettext(
        "Deleted %(count)s entry of old changes.",
        "Deleted %(count)s entries of old changes.",
        count,
    )
    messages.success(request, text % {"count": f"{count:,}"})
    if retention.look(days).is_something:
        messages.warning(request, _("There are more; go on below."))
        return redirect(f"{reverse('admin:prune')}?days={days}")
    return redirect("admin:core_changeset_changelist")
