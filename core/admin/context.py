"""What the shell of every page needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from core.admin import navigation, progress
from core.admin.preferences import theme_of

if TYPE_CHECKING:
    from django.http import HttpRequest


def console(request: HttpRequest) -> dict[str, Any]:
    """The side navigation, the theme, what runs, whether the library is the sample."""
    user = getattr(request, "user", None)
    is_inside = user is not None and user.is_authenticated
    return {
        "sidenav": navigation.side(user, request.path) if is_inside else "",
        "theme": theme_of(request),
        "running": progress.running(user) if is_inside else None,
        "is_sample": is_inside and not settings.MOVIEPILOT_ATTACHED,
    }
