"""Who is believed about where a request came from."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from core.auth.proxies import ProxyMiddleware, parsed
from core.errors import SettingsError
from mpadmin import security

PROXY, SECOND, CLIENT, STRANGER = "10.0.0.2", "10.0.0.3", "203.0.113.9", "198.51.100.7"
CLAIMS = {
    "X-Forwarded-For": STRANGER,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "elsewhere.example",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/elsewhere",
    "Forwarded": f"for={STRANGER};proto=https",
    "X-Real-IP": STRANGER,
    "X-Original-URL": "/elsewhere",
}


@pytest.fixture(autouse=True)
def trusted(settings):
    settings.TRUSTED_PROXIES = security.proxies(["10.0.0.0/8", "::1", "fd00::/8"])


def seen(peer: str, **headers: str) -> tuple[str, bool]:
    """The address and whether it is HTTPS, as everything behind sees them."""
    request = passed(peer, headers)
    return request.META["REMOTE_ADDR"], request.is_secure()


def passed(peer: str, headers: dict[str, str]):
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
    ProxyMiddleware(lambda _request: HttpResponse())(request)
    return request


def forwarded(peer: str, chain: str, proto: str = "") -> tuple[str, bool]:
    headers = {"X-Forwarded-For": chain}
    if proto:
        headers["X-Forwarded-Proto"] = proto
    return seen(peer, **headers)


def test_a_trusted_proxy_is_believed():
    assert forwarded(PROXY, CLIENT, "https") == (CLIENT, True)


def test_nobody_else_is_believed_and_the_claims_are_gone():
    request = passed(CLIENT, CLAIMS)

    assert request.META["REMOTE_ADDR"] == CLIENT
    assert not request.is_secure()
    assert {name for name in CLAIMS if name in request.headers} == set()


def test_of_a_trusted_proxy_only_the_two_are_believed():
    request = passed(PROXY, CLAIMS)

    kept = {name for name in CLAIMS if name in request.headers}
    assert kept == {"X-Forwarded-Proto"}
    assert request.get_host() == "testserver:80"


def test_nobody_is_trusted_unasked(settings):
    settings.TRUSTED_PROXIES = security.proxies([])

    assert forwarded("127.0.0.1", CLIENT, "https") == ("127.0.0.1", False)


def test_what_a_client_claims_before_the_first_proxy_is_not_believed():
    assert forwarded(PROXY, f"{STRANGER}, {CLIENT}") == (CLIENT, False)
    assert forwarded(PROXY, f"{STRANGER}, {CLIENT}, {SECOND}") == (CLIENT, False)


@pytest.mark.parametrize(
    ("chain", "proto", "is_secure"),
    [
        (f"{CLIENT}, {SECOND}", "https", True),
        (f"{CLIENT}, {SECOND}", "https, http", True),
        (f"{CLIENT}, {SECOND}", "http, https", False),
        # The first of three is what the client claimed itself.
        (f"{STRANGER}, {CLIENT}, {SECOND}", "https, http, http", False),
        (f"{STRANGER}, {CLIENT}", "https, http", False),
        (CLIENT, "HTTPS", True),
        (CLIENT, "https, http", False),
        (CLIENT, "http, https", True),
        (CLIENT, "gopher", False),
        (CLIENT, ",", False),
        (CLIENT, "", False),
    ],
)
def test_the_scheme_is_the_one_the_client_used(chain, proto, is_secure):
    assert forwarded(PROXY, chain, proto) == (CLIENT, is_secure)


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("", PROXY),
        (" ", PROXY),
        (",", PROXY),
        ("unknown", PROXY),
        (f"{CLIENT}, unknown", PROXY),
        (f"{CLIENT}, garbage, {SECOND}", SECOND),
        ("_hidden", PROXY),
        ("203.0.113.999", PROXY),
        (f"{CLIENT}, <script>", PROXY),
        ("," * 10_000, PROXY),
        (f"{CLIENT},", PROXY),
        (f"{STRANGER}, " * 1000 + CLIENT, CLIENT),
        # Only our own proxies: the first of them asked for itself.
        (f"{SECOND}, 10.0.0.4", SECOND),
    ],
)
def test_a_chain_is_followed_as_far_as_it_can_be_read(chain, address):
    assert forwarded(PROXY, chain)[0] == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.9:51234", CLIENT),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("::ffff:203.0.113.9", CLIENT),
        ("[::ffff:203.0.113.9]:1", CLIENT),
        ("fe80::1%eth0", "fe80::1"),
        (" 203.0.113.9 ", CLIENT),
    ],
)
def test_an_address_may_have_a_port_and_be_ipv6(text, address):
    assert forwarded("::1", text)[0] == address


@pytest.mark.parametrize("peer", ["::ffff:10.0.0.2", "fd00::1", "10.255.0.1"])
def test_a_proxy_may_be_ipv6_or_in_a_network(peer):
    assert forwarded(peer, CLIENT)[0] == CLIENT


@pytest.mark.parametrize("peer", ["", "unix:", "@", "no address"])
def test_a_peer_without_an_address_is_nobody(peer):
    assert forwarded(peer, CLIENT, "https") == ("", False)


@given(st.text(alphabet="0123456789abcdef.:[]%, /x\0é", max_size=60), st.text())
def test_any_header_is_survived(chain, proto):
    address, _is_secure = seen(
        PROXY, **{"X-Forwarded-For": chain, "X-Forwarded-Proto": proto}
    )

    assert ip_address(address)


@given(st.ip_addresses())
def test_any_address_is_read_back(address):
    assert parsed(str(address)) in {address, getattr(address, "ipv4_mapped", None)}


@pytest.mark.parametrize(
    "text", ["*", "proxy.example", "10.0.0.1/8", "10.0.0.0/33", "0.0.0.0/0", "::/0"]
)
def test_what_is_no_network_or_every_one_is_refused(text):
    with pytest.raises(SettingsError, match=r"^MPADMIN_TRUSTED_PROXIES.* — "):
        security.proxies([text])
