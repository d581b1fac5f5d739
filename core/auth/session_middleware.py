"""What each request means for its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from core.auth.sessions import SessionStore

POLLS = ("_progress", "_count")
"""Ends of the names of addresses that pages ask for by themselves."""


class ConsoleSessionMiddleware(SessionMiddleware):
    """Django's; a session ended on another page leads to the sign-in page."""

    def process_response(
        self, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        """Keep the session, where it was changed."""
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            return to_sign_in(request)


class SessionUseMiddleware:
    """Stands after AuthenticationMiddleware: what operators do keeps them signed in.

    What a page asks for by itself does not: a forgotten one would never end.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            if not is_poll(request):
                cast("SessionStore", request.session).touch()
        elif "HX-Request" in request.headers and leads_to_sign_in(response):
            # Or the sign-in page would stand in the place of the part.
            return HttpResponse(headers={"HX-Refresh": "true"})
        return response


def is_poll(request: HttpRequest) -> bool:
    """Whether nobody asked for it but a page that stands open."""
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith(POLLS)


def leads_to_sign_in(response: HttpResponse) -> bool:
    """Whether the answer is a redirect to the sign-in page."""
    address = response.headers.get("Location", "")
    return bool(address) and address.startswith(reverse("admin:login"))


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page; from there on a page that was only looked at."""
    if "HX-Request" in request.headers:
        response = HttpResponse(headers={"HX-Refresh": "true"})
    else:
        is_safe = request.method in {"GET", "HEAD"}
        next_page = request.get_full_path() if is_safe else ""
        response = redirect_to_login(next_page, reverse("admin:login"))
    response.delete_cookie(
        settings.SESSION_COOKIE_NAME,
        path=settings.SESSION_COOKIE_PATH,
        samesite="Lax",
    )
    return response
