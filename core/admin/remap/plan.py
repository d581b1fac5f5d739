"""What a remap would do, place by place, and doing exactly that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin.applying import PreviewPage, already, apply_plan
from core.admin.bulk.edit import own_plan
from core.admin.notices import refused
from core.admin.remap.places import admin_of, found_groups, place_states
from core.admin.remap.warnings import warnings
from core.admin.words import table_label
from core.changes import (
    InvalidValues,
    Kind,
    Plan,
    Problem,
)
from core.changes.remap import Remap, moved_tables, plan_remap

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest

    from core.changes import ChangeSet
    from core.models.operators import Operator

MOST_IDS = 100


@dataclass(frozen=True)
class Moved:
    """A table whose hits are not those that were previewed."""

    table: str
    added: int
    removed: int
    added_links: list[tuple[int, str]]
    removed_ids: list[int]


def show(site: AdminSite, request: HttpRequest, token: str) -> HttpResponse:
    """The preview; on POST apply it, or make another of other places."""
    made = own_plan(request, token, kind=Kind.REMAP)
    if made.change_set_id is not None:
        return already(request, made.change_set)
    usable = [s.place.name for s in place_states(request) if s.is_open]
    kept = Remap.of(made)
    if not {*kept.places} <= {*usable}:
        raise PermissionDenied
    if request.method != "POST":
        return _page(site, request, made)
    if request.POST.get("do") == "again":
        return _again(site, request, made)
    return _apply(site, request, made)


def _page(
    site: AdminSite, request: HttpRequest, made: Plan, *, error: str = ""
) -> HttpResponse:
    remap, preview = Remap.of(made), made.preview
    known = dict(Problem.choices)
    context = {
        **site.each_context(request),
        "title": _("Path remap: preview"),
        "plan": made,
        "remap": remap,
        "preview": preview,
        "groups": found_groups(site, preview.facts, remap.places),
        "problems": [
            {
                "table": str(apps.get_model(table)._meta.verbose_name),
                "id": pk,
                "url": admin_of(site, apps.get_model(table)).record_url(pk),
                "why": known.get(why, why),
            }
            for table, pk, why in preview.facts.get("problems", ())[:MOST_IDS]
        ],
        "warnings": warnings(remap, preview),
        "reason": request.POST.get("reason", made.reason),
        "back_url": f"{reverse('admin:remap')}?plan={made.token}",
        "error": error,
    }
    status = 422 if error else 200
    return TemplateResponse(request, "core/remap_plan.html", context, status=status)


def _posted_places(request: HttpRequest, made: Plan) -> list[str]:
    """The places that are on in the page; those without hits have no switch there."""
    shown = made.preview.facts.get("places", {})
    posted = {*request.POST.getlist("place")}
    kept = Remap.of(made).places
    return [name for name in kept if name in posted or name not in shown]


def _again(site: AdminSite, request: HttpRequest, made: Plan) -> HttpResponse:
    """A plan of the places that are on now, under a token of its own."""
    kept, places = Remap.of(made), _posted_places(request, made)
    if not {*request.POST.getlist("place")} and "shown" in request.POST:
        return _page(site, request, made, error=_("Turn on at least one place."))
    remap = Remap(kept.old, kept.new, places, kept.ignore_case)
    reason = request.POST.get("reason", made.reason).strip()
    try:
        by = cast("Operator", request.user)
        fresh = plan_remap(remap, reason=reason, by=by)
    except (InvalidValues, ValueError) as problem:
        return _page(site, request, made, error=str(problem))
    except DatabaseError as problem:
        return _page(site, request, made, error=refused(problem))
    return redirect(reverse("admin:remap_plan", args=[fresh.token]))


def _apply(site: AdminSite, request: HttpRequest, made: Plan) -> HttpResponse:
    """Apply the plan, and go to what comes of it."""
    if {*_posted_places(request, made)} != {*Remap.of(made).places}:
        # Nothing is written that no preview has shown.
        messages.warning(
            request, _("The places are others now: look at them, then apply.")
        )
        return _again(site, request, made)
    if not made.preview.changed:
        return _page(site, request, made, error=_("There is nothing to change."))
    page = PreviewPage(
        show=lambda error: _page(site, request, made, error=error),
        show_moved=lambda _moved: _moved_page(site, request, made),
        invalid_words=_invalid_words,
        done_words=_done_words,
    )
    return apply_plan(request, made, page)


def _moved_page(site: AdminSite, request: HttpRequest, made: Plan) -> HttpResponse:
    """Nothing was written: say which tables have more hits now, or fewer."""
    context = {
        **site.each_context(request),
        "title": _("The hits have changed"),
        "plan": made,
        "remap": Remap.of(made),
        "tables": [
            _moved(site, table, added, removed)
            for table, (added, removed) in moved_tables(made).items()
        ],
        "places": [*made.preview.facts.get("places", {})],
        "reason": made.reason,
    }
    return TemplateResponse(request, "core/remap_moved.html", context, status=409)


def _moved(site: AdminSite, table: str, added: set[int], removed: set[int]) -> Moved:
    model = apps.get_model(table)
    model_admin = admin_of(site, model)
    return Moved(
        table_label(model),
        len(added),
        len(removed),
        [(pk, model_admin.record_url(pk)) for pk in sorted(added)[:MOST_IDS]],
        sorted(removed)[:MOST_IDS],
    )


def _invalid_words(count: int) -> str:
    return ngettext(
        "%(count)s record cannot be changed, and nothing was written. Correct it, or"
        " tick that the remap goes on without it.",
        "%(count)s records cannot be changed, and nothing was written. Correct them,"
        " or tick that the remap goes on without them.",
        count,
    ) % {"count": f"{count:,}"}


def _done_words(change_set: ChangeSet) -> str:
    count = change_set.written
    text = ngettext(
        "Remapped the paths of %(count)s record.",
        "Remapped the paths of %(count)s records.",
        count,
    )
    return text % {"count": f"{count:,}"}
