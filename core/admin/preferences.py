"""How an operator wants the console: its theme and its language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseRedirect
from django.utils import translation
from django.views import i18n
from django.views.decorators.http import require_POST

from core.auth.pending import safe_next
from core.models import Operator

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

THEMES = frozenset({"auto", "light", "dark"})
THEME_COOKIE = "mpadmin_theme"
YEAR = 365 * 24 * 60 * 60


def theme_of(request: HttpRequest) -> str:
    """`light`, `dark`, or `auto` for what the system says."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in the browser and go back."""
    response = HttpResponseRedirect(_next(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            theme,
            max_age=YEAR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Keep the language in the browser, and for the operator's other browsers."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        Operator.objects.filter(pk=request.user.pk).update(language=language)
    return i18n.set_language(request)


class OperatorLanguageMiddleware:
    """Speak the language an operator chose, where the browser has none of its own.

    Stands after AuthenticationMiddleware; LocaleMiddleware has read the browser's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            language = getattr(request.user, "language", "")
            if language in dict(settings.LANGUAGES):
                translation.activate(language)
                request.LANGUAGE_CODE = language
        return self.get_response(request)


def _next(request: HttpRequest) -> str:
    return safe_next(request, request.POST.get("next", ""))
