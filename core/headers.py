"""What every answer tells the browser, whoever gives it: pages, static files, errors.

Stands first of all middleware. django-csp and Django's own stand right behind it,
before anything that may answer by itself or fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from whitenoise.middleware import WhiteNoiseFileResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

DENIED = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "compute-pressure",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
"""Features of devices and browsers that no page here needs."""
NEEDED = ("publickey-credentials-create", "publickey-credentials-get")
"""Signing in with a passkey, and adding one."""
PERMISSIONS = ", ".join(
    [*(f"{name}=()" for name in DENIED), *(f"{name}=(self)" for name in NEEDED)]
)
HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    # Django sends these too, but not where it refuses a host name.
    "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
}


class HeadersMiddleware:
    """Adds what is not there yet, and keeps pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not isinstance(response, WhiteNoiseFileResponse):
            response.headers["Cache-Control"] = "no-store"
        return response
