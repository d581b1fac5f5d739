"""Where one is signed in: a part of the page of one's own account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth import logout
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.admin.browsers import browser
from core.auth.sessions import end_all, end_one, row_key, sessions_of

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from core.models import Operator, OperatorSession

KEY = re.compile("[0-9a-f]{40}")
"""What the key of a session's row looks like."""
MOST = 100
"""Sessions listed: nobody has as many, unless somebody plays tricks."""


@dataclass(frozen=True)
class Row:
    """A session, as its row shows it."""

    session: OperatorSession
    browser: str
    is_this: bool
    """Whether the page is shown in it."""


def context(request: HttpRequest) -> dict[str, Any]:
    """What core/includes/own_sessions.html shows, the session in use first."""
    here = row_key(request.session.session_key or "")
    found = sessions_of(cast("Operator", request.user))[:MOST]
    rows = [Row(each, browser(each.agent), each.pk == here) for each in found]
    return {"own_sessions": sorted(rows, key=lambda row: not row.is_this)}


def urls(site: AdminSite) -> list[URLPattern]:
    """Ending one session, and all of them."""
    return [
        path(
            "account/sessions/end/",
            site.admin_view(require_POST(end)),
            name="own_session_end",
        ),
        path(
            "account/sessions/end-all/",
            site.admin_view(require_POST(end_everywhere)),
            name="own_sessions_end",
        ),
    ]


def end(request: HttpRequest) -> HttpResponse:
    """End another session of one's own; this one is ended by signing out."""
    chosen = request.POST.get("session", "")
    is_this = chosen == row_key(request.session.session_key or "")
    is_key = KEY.fullmatch(chosen) is not None
    if is_key and not is_this and end_one(cast("Operator", request.user), chosen):
        messages.success(request, _("Ended the session."))
    else:
        messages.info(request, _("This session is over already."))
    return redirect("admin:own_account")


def end_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of one's own, this one too."""
    end_all(cast("Operator", request.user))
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("admin:login")
