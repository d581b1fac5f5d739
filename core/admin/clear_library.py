"""Clearing what the media servers hold: a cache that MoviePilot's syncs fill again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.admin import record_access
from core.admin.bulk.edit import plan_url
from core.admin.table_state import needs_table
from core.changes import Delete, Selection, plan
from core.models import MediaServerItem

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.admin.base import RecordAdmin
    from core.models.operators import Operator

EVERYTHING = "all"
NOBODYS = "none"
SERVER = "server:"
"""Before a server's name, so that one called “all” means itself."""


@dataclass(frozen=True)
class ServerCount:
    """The items of one server; those of no server have the name ''."""

    name: str
    count: int

    @property
    def choice(self) -> str:
        """What its button posts."""
        return f"{SERVER}{self.name}" if self.name else NOBODYS


@needs_table
def show(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """The servers and how much is known of each; a POST goes on to the preview."""
    record_access.require(model_admin.has_delete_permission(request))
    if request.method == "POST":
        return _plan(model_admin, request)
    servers = [ServerCount(*each) for each in MediaServerItem.objects.count_by_server()]
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "list_url": model_admin.list_url(),
        "servers": servers,
        "total": sum(each.count for each in servers),
    }
    return render(request, "core/clear_library.html", context)


def selection(choice: str) -> Selection | None:
    """The items that a button stands for; None for a button that is none of ours."""
    if choice == EVERYTHING:
        return Selection(MediaServerItem, filter={})
    if choice == NOBODYS:
        return Selection(MediaServerItem, filter={"server__empty": "1"})
    if not choice.startswith(SERVER):
        return None
    name = choice.removeprefix(SERVER)
    return Selection(MediaServerItem, filter={"server": name})


def _plan(model_admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """An ordinary deletion: previewed, confirmed, recorded, undone like any other."""
    chosen = selection(request.POST.get("clear", ""))
    if chosen is None:
        messages.error(request, _("Choose a media server, or all of them."))
        return redirect(request.get_full_path())
    made = plan(
        MediaServerItem,
        Delete(),
        selection=chosen,
        reason=_("Clear the media server cache"),
        by=cast("Operator", request.user),
    )
    if not made.count:
        messages.info(request, _("There is nothing left to clear."))
        return redirect(request.get_full_path())
    return redirect(plan_url(model_admin, made))
