"""From where a request really comes, and whether it was HTTPS there.

Everybody may write into a request that it was forwarded for somebody else. Only what
MPADMIN_TRUSTED_PROXIES say is believed; what others say is gone before anything reads
it.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Address = IPv4Address | IPv6Address

FOR, PROTO = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"
CLAIMS = re.compile(
    "HTTP_(X_FORWARDED_.*|X_FORWARDED|FORWARDED.*|X_REAL_IP|X_CLIENT_IP|CLIENT_IP|"
    "X_CLUSTER_CLIENT_IP|TRUE_CLIENT_IP|CF_CONNECTING_IP|X_SCHEME|X_URL_SCHEME|"
    "FRONT_END_HTTPS|X_ORIGINAL_URL|X_REWRITE_URL|X_HTTP_METHOD_OVERRIDE|VIA)"
)
"""Headers that claim what the connection itself does not show."""
MOST_HOPS = 32
"""Entries looked at: nobody has so many proxies in a row."""
WITH_PORT = re.compile(r"\[(?P<six>[^\]]*)\](?::\d{1,5})?|(?P<four>[\d.]+):\d{1,5}")


class ProxyMiddleware:
    """Stands before everything that asks for the address or the scheme."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        claims = {
            name: request.META.pop(name)
            for name in [*request.META]
            if CLAIMS.fullmatch(name)
        }
        peer = parsed(request.META.get("REMOTE_ADDR", ""))
        if peer is not None and is_trusted(peer):
            chain = [*_entries(claims.get(FOR, ""))]
            hop, peer = client_of(peer, chain)
            if proto := _at(hop, [*_entries(claims.get(PROTO, ""))], len(chain)):
                request.META[PROTO] = proto.lower()
        request.META["REMOTE_ADDR"] = "" if peer is None else str(peer)
        return self.get_response(request)


def client_of(peer: Address, chain: list[str]) -> tuple[int, Address]:
    """The last address that is no trusted proxy, and its place from the right.

    Each proxy adds the address it was asked from on the right, so what stands left of
    the first one that is not ours, is what that one claims.
    """
    hop, found = 0, peer
    for number, text in enumerate(reversed(chain), start=1):
        address = parsed(text)
        if address is None:  # whatever it is, nothing left of it can be believed
            break
        hop, found = number, address
        if not is_trusted(address):
            break
    return hop, found


def parsed(text: str) -> Address | None:
    """The address in a text, which may have a port or a zone; None where there is none.

    One and the same address has one form only: IPv4 in IPv6 is IPv4.
    """
    match = WITH_PORT.fullmatch(text.strip())
    bare = (match["six"] or match["four"] or "") if match else text.strip()
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_trusted(address: Address) -> bool:
    """Whether a proxy of ours has this address."""
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _entries(header: str) -> list[str]:
    return [part.strip() for part in header.split(",")][-MOST_HOPS:] if header else []


def _at(hop: int, protos: list[str], hops: int) -> str:
    """What the proxy said that the client asked: of as many as there are addresses the
    one in its place, else the last.
    """
    if not protos:
        return ""
    return protos[-hop] if hop and len(protos) == hops else protos[-1]
