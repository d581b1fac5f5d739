"""For whom a passkey is, where it may be used, and the challenges handed out."""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib.sessions.backends.base import UpdateError
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, generate_challenge

from core.config import console, settings

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.models import Operator

LOCALHOST = "localhost"
"""MoviePilot's relying party where its APP_DOMAIN is not set."""
CHALLENGE = "passkey_challenge"
LIFETIME = 300
"""Seconds a challenge may be answered in."""
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True)
class RelyingParty:
    """What an answer must be made for."""

    id: str
    """The host name that passkeys are bound to."""
    origins: list[str]
    """The addresses of pages that may ask for them."""


def for_operator(request: HttpRequest, operator: Operator) -> RelyingParty:
    """MoviePilot's for its users, the console's own for local operators."""
    rp_id = moviepilot_id() if operator.is_linked else own_id(request)
    return RelyingParty(rp_id, origins(request))


def moviepilot_id() -> str:
    """The host name under which MoviePilot registers passkeys."""
    return console.MPADMIN_PASSKEY_RP_ID or host_of(settings.APP_DOMAIN)


def own_id(request: HttpRequest) -> str:
    """The host name of the console itself, or the one that was set, if it covers it."""
    host = host_of(request.get_host())
    wanted = console.MPADMIN_PASSKEY_RP_ID
    if wanted and (host == wanted or host.endswith(f".{wanted}")):
        return wanted
    # No browser makes passkeys for an address of numbers.
    return LOCALHOST if _is_number(host) else host


def origins(request: HttpRequest) -> list[str]:
    """Where the browser may say it is: what was set, else where this request came to.

    Django has checked that Host against ALLOWED_HOSTS.
    """
    if console.MPADMIN_PASSKEY_ORIGINS:
        return [origin.rstrip("/") for origin in console.MPADMIN_PASSKEY_ORIGINS]
    scheme = request.scheme or "http"
    host = request.get_host().lower().removesuffix(DEFAULT_PORTS.get(scheme, ":80"))
    return [f"{scheme}://{host}"]


def host_of(address: str) -> str:
    """The host name in an address, which may lack its scheme; else localhost."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        return parts.hostname or LOCALHOST
    except ValueError:
        return LOCALHOST


def new_challenge(request: HttpRequest, purpose: str) -> bytes:
    """A challenge for this browser, in place of any other it was given."""
    challenge = generate_challenge()
    request.session[CHALLENGE] = {
        "challenge": bytes_to_base64url(challenge),
        "purpose": purpose,
        "at": int(time.time()),
    }
    return challenge


def taken_challenge(request: HttpRequest, purpose: str) -> bytes | None:
    """The challenge this browser was given for this; from now on nobody has it."""
    given = request.session.pop(CHALLENGE, None)
    try:
        # At once: whatever happens to this request, the same is not taken again.
        request.session.save()
    except UpdateError:  # signed out elsewhere at this moment
        return None
    if given is None or given["purpose"] != purpose:
        return None
    is_fresh = time.time() - given["at"] <= LIFETIME
    return base64url_to_bytes(given["challenge"]) if is_fresh else None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
