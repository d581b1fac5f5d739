"""What is worth a warning about how the console is reached."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator


def warnings() -> Iterator[str]:
    """One line each."""
    if not is_loopback(settings.ADDRESS) and not settings.HTTPS:
        yield (
            f"Anybody on the way to {settings.ADDRESS} can read passwords — put a "
            "proxy with HTTPS before the console and set MPADMIN_HTTPS=true."
        )
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        yield (
            "MPADMIN_HTTPS is on and no proxy is trusted, so that every request is "
            "sent on to HTTPS — set MPADMIN_TRUSTED_PROXIES to the proxy's address."
        )


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return address == "localhost"
