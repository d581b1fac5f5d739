"""The headers of every answer: all addresses, every kind of error, static files."""

from __future__ import annotations

import re

from django.conf import settings as django_settings
from django.test import Client
from django.urls import path

from core.headers import DENIED, NEEDED
from core.models import Message
from core.tests.support.people import BACKEND
from core.tests.support.routes import prepare, routes
from mpadmin.urls import urlpatterns as ours

EXACT = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: https:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
STATIC = f"/{django_settings.STATIC_URL.strip('/')}/css/base.css"


def wrong(response, *, is_static: bool = False) -> list[str]:
    """What the headers of an answer lack."""
    found = [
        f"{name}: {response.headers.get(name)}"
        for name, value in EXACT.items()
        if response.headers.get(name) != value
    ]
    policy = response.headers.get("Content-Security-Policy", "")
    if dict(part.split(" ", 1) for part in filter(None, policy.split("; "))) != POLICY:
        found.append(f"CSP: {policy}")
    if "camera=()" not in response.headers.get("Permissions-Policy", ""):
        found.append("Permissions-Policy")
    if (response.headers.get("Cache-Control") == "no-store") == is_static:
        found.append(f"Cache-Control: {response.headers.get('Cache-Control')}")
    return found + wrong_cookies(response)


def wrong_cookies(response) -> list[str]:
    return [
        f"cookie {name}"
        for name, cookie in response.cookies.items()
        if cookie["max-age"] != 0
        if not cookie["httponly"] or cookie["samesite"] != "Lax"
    ]


def test_every_address_answers_with_every_header(sqlite_library, operator, client):
    world = prepare(sqlite_library)
    addresses = [route.url(world, operator) for route in routes()]
    inside, checked = Client(), Client(enforce_csrf_checks=True)
    for each in (inside, checked):
        each.force_login(operator, backend=BACKEND)

    answers = [
        (f"{method} {address}", each.generic(method, address, **more))
        for address in addresses
        for each, method, more in (
            (inside, "GET", {}),
            (inside, "GET", {"headers": {"hx-request": "true"}}),
            (inside, "PUT", {}),
            (checked, "POST", {}),
            (client, "GET", {}),
            (client, "POST", {}),
        )
        # Or the rest of the walk would be that of nobody.
        if not (address == "/logout/" and method == "POST")
    ]

    assert {asked: wrong(answer) for asked, answer in answers if wrong(answer)} == {}
    assert {200, 302, 403, 404, 405} <= {answer.status_code for _, answer in answers}


def fail(request):
    raise ZeroDivisionError


urlpatterns = [path("fails/", fail), *ours]


def test_errors_have_the_headers_too(operator_client, sqlite_library, settings):
    settings.ROOT_URLCONF = __name__
    operator_client.raise_request_exception = False
    ask = operator_client.get

    answers = {
        500: ask("/fails/"),
        404: ask("/no/such/page/"),
        405: operator_client.put("/theme/"),
        400: ask("/", headers={"host": "elsewhere.example"}),
        413: operator_client.post(
            "/theme/", b"theme=" + b"x" * 17 * 2**20,
            content_type="application/x-www-form-urlencoded",
        ),
        403: Client(enforce_csrf_checks=True).post("/login/"),
    }  # fmt: skip

    assert [found for each in answers.values() for found in wrong(each)] == []
    assert {answer.status_code for answer in answers.values()} == {
        500, 404, 405, 400, 403
    }  # fmt: skip


def test_a_refused_host_has_them_under_https_too(sqlite_library, settings):
    settings.SECURE_SSL_REDIRECT = True

    refused = Client().get("/", headers={"host": "elsewhere.example"})
    redirected = Client().get("/")

    assert (refused.status_code, wrong(refused)) == (400, [])
    assert (redirected.status_code, wrong(redirected)) == (301, [])


def test_static_files_have_them_and_may_be_kept(operator_client, sqlite_library):
    client = operator_client
    found = client.get(STATIC)
    known = client.get(
        STATIC, headers={"if-modified-since": found.headers["Last-Modified"]}
    )
    missing = client.get(f"{STATIC}.missing")

    assert (found.status_code, wrong(found, is_static=True)) == (200, [])
    assert (known.status_code, wrong(known, is_static=True)) == (304, [])
    assert (missing.status_code, wrong(missing)) == (404, [])


def test_a_file_has_them(operator_client, operator, sqlite_library):
    world = prepare(sqlite_library)
    address = next(
        each.url(world, operator)
        for each in routes()
        if each.page == "export" and each.model is Message
    )

    answer = operator_client.post(
        address, {"format": "csv", "columns": ["id", "title"]}
    )

    assert answer.streaming
    assert "attachment" in answer.headers["Content-Disposition"]
    assert wrong(answer) == []


def test_cookies_are_secure_under_https_only(sqlite_library, operator, settings):
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        setattr(settings, f"{name}_COOKIE_SECURE", True)
    settings.SECURE_SSL_REDIRECT = True
    client = Client()

    client.get("/login/", secure=True)
    client.force_login(operator, backend=BACKEND)
    client.post("/theme/", {"theme": "dark"}, secure=True)
    client.post("/language/", {"language": "en"}, secure=True)

    kept = {name: bool(cookie["secure"]) for name, cookie in client.cookies.items()}
    assert kept == {
        "mpadmin_csrf": True,
        "mpadmin_session": True,
        "mpadmin_theme": True,
        "mpadmin_language": True,
    }


def test_no_feature_is_named_twice():
    names = [*DENIED, *NEEDED]

    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z-]+", name) for name in names)


def test_no_script_needs_a_cookie():
    scripts = [*(django_settings.BASE_DIR / "static" / "js").glob("*.js")]

    assert scripts
    assert all("document.cookie" not in each.read_text() for each in scripts)


def test_chromium_knows_every_feature_and_gets_it_with_every_file(
    live_console, browser_page
):
    said, bare = [], []
    browser_page.on("console", lambda message: said.append(message.text))
    browser_page.on("response", lambda each: bare.append(lacking(each)))

    browser_page.goto(f"{live_console.url}/login/")

    assert said == []
    assert len(bare) > 10
    assert [found for found in bare if found] == []


def lacking(response) -> str:
    """The address of an answer without our headers."""
    wanted = ("content-security-policy", "permissions-policy", "x-frame-options")
    return "" if all(name in response.headers for name in wanted) else response.url
