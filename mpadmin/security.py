"""Settings of sessions, proxies and HTTPS, each checked; all raise SettingsError."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

from core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

Network = IPv4Network | IPv6Network

DAY = 24 * 60
MOST_HOURS = 365 * 24
MOST_SECONDS = 2 * 365 * 24 * 60 * 60


def idle_seconds(minutes: int) -> int:
    """After how many seconds without use a session ends."""
    return 60 * _between("MPADMIN_SESSION_IDLE_MINUTES", minutes, 1, 30 * DAY)


def session_seconds(hours: int) -> int:
    """After how many seconds a session ends in any case."""
    return 60 * 60 * _between("MPADMIN_SESSION_HOURS", hours, 1, MOST_HOURS)


def proxies(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks of the reverse proxies that are believed."""
    return tuple(_network(text) for text in texts)


def hsts_seconds(seconds: int) -> int:
    """How long browsers are told to keep to HTTPS."""
    return _between("MPADMIN_HSTS_SECONDS", seconds, 0, MOST_SECONDS)


def _between(variable: str, number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise SettingsError(
            f"{variable} is {number} — write a number from {least} to {most}."
        )
    return number


def _network(text: str) -> Network:
    try:
        network = ip_network(text)
    except ValueError:
        raise SettingsError(
            f"MPADMIN_TRUSTED_PROXIES: {text!r} is neither an address nor a network — "
            "write some such as 127.0.0.1,10.0.0.0/8,fd00::/8."
        ) from None
    if not network.prefixlen:
        raise SettingsError(
            f"MPADMIN_TRUSTED_PROXIES: {text} would let anybody pretend to come from "
            "anywhere — name the proxies."
        )
    return network
