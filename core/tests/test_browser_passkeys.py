"""Passkeys in a real browser, with its virtual authenticator."""

from __future__ import annotations

import http.server
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import bcrypt
import pyotp
import pytest
from django.db import connections
from playwright.sync_api import Page, expect
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_attestation_object,
)

from core.changes import ChangeSet
from core.models import Operator, OperatorPassKey, Outcome, PassKey, SignIn
from core.tests.support.live import PASSWORD
from core.tests.test_browser import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.tests.support.libraries import Library
    from core.tests.support.live import LiveConsole

NAME = "mila"
USE = "Use a passkey"
# What a page does, with bytes as base64url on both sides.
CEREMONIES = """
async ([ceremony, options]) => {
  const bytes = (text) => Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const publicKey = {...options, challenge: bytes(options.challenge)};
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  for (const each of publicKey.allowCredentials ?? []) each.id = bytes(each.id);
  const made = await navigator.credentials[ceremony]({publicKey});
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData",
                      "signature", "userHandle"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  return {id: made.id, rawId: text(made.rawId), type: made.type, response};
}
"""


@pytest.fixture
def origin(live_console: LiveConsole) -> str:
    """The console under the name that passkeys are for."""
    return live_console.url.replace("127.0.0.1", "localhost")


class Keys:
    """Chromium's virtual authenticator."""

    def __init__(self, page: Page) -> None:
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        self.id = self.add()

    def add(self, **options: object) -> str:
        known = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        asked = {"options": {**known, **options}}
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", asked)
        return str(made["authenticatorId"])

    def send(self, command: str, **values: object) -> dict[str, Any]:
        asked = {"authenticatorId": self.id, **values}
        return dict(self.cdp.send(f"WebAuthn.{command}", asked))

    def all(self) -> list[dict[str, Any]]:
        return list(self.send("getCredentials")["credentials"])

    def count_from(self, count: int) -> None:
        """Put a copy of its only passkey in its place, which counts from there."""
        [only] = self.all()
        self.send("clearCredentials")
        self.send("addCredential", credential={**only, "signCount": count})


@pytest.fixture
def keys(browser_page: Page) -> Keys:
    return Keys(browser_page)


T = TypeVar("T")


def outside(ask: Callable[[], T]) -> T:
    """Ask the databases in a thread: in its own, Playwright keeps old connections."""

    def work() -> T:
        try:
            return ask()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work).result()


def passkey(pk: int) -> PassKey:
    found = outside(lambda: PassKey.objects.get(pk))
    assert found is not None
    return found


def outcomes() -> list[str]:
    found = SignIn.objects.order_by("pk").values_list("outcome", flat=True)
    return outside(lambda: [*found])


def own_passkeys() -> list[OperatorPassKey]:
    return outside(lambda: [*OperatorPassKey.objects.all()])


def add_user(library: Library, name: str = NAME) -> int:
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    return library.insert(
        "user",
        name=name,
        hashed_password=hashed,
        is_active=True,
        is_superuser=True,
        is_otp=False,
    )


def register(library: Library, page: Page, origin: str, user_id: int) -> int:
    """Have the browser make a passkey as MoviePilot does, and store it as it does."""
    page.goto(origin)
    options = {
        "rp": {"id": "localhost", "name": "MoviePilot"},
        "user": {
            "id": bytes_to_base64url(str(user_id).encode()),
            "name": NAME,
            "displayName": NAME,
        },
        "challenge": bytes_to_base64url(b"synthetic challenge"),
        "pubKeyCredParams": [
            {"type": "public-key", "alg": -7},
            {"type": "public-key", "alg": -257},
        ],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }
    made = page.evaluate(CEREMONIES, ["create", options])
    attested = base64url_to_bytes(made["response"]["attestationObject"])
    data = parse_attestation_object(attested).auth_data
    assert data.attested_credential_data is not None
    public_key = data.attested_credential_data.credential_public_key
    return library.insert(
        "passkey",
        user_id=user_id,
        credential_id=made["rawId"],
        public_key=bytes_to_base64url(public_key),
        sign_count=data.sign_count,
        name="synthetic passkey",
        aaguid="00000000-0000-0000-0000-000000000000",
        created_at="2025-01-02 03:04:05.000006",
        is_active=True,
        transports="internal",
    )


def type_password(page: Page, origin: str, name: str = NAME) -> None:
    page.goto(origin)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def use_passkey(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Passkey")
    page.get_by_role("button", name=USE).click()


def is_signed_in(page: Page, name: str = NAME) -> None:
    expect(page.locator(".account-name")).to_have_text(name)


def sign_out(page: Page) -> None:
    page.locator(".account-open").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.locator(".account-open")).to_have_count(0)


def is_refused(page: Page, text: str) -> None:
    expect(page.locator("[role=alert]:visible")).to_contain_text(text)
    expect(page.get_by_role("heading", level=1)).to_have_text("Passkey")


def answer_with(page: Page, answer: str) -> None:
    """Post this answer from the page, whatever the authenticator would say."""
    page.evaluate(
        "answer => { const form = document.querySelector('[data-passkey]');"
        " form.elements.answer.value = answer; form.submit(); }",
        answer,
    )


def options_of(page: Page) -> dict[str, Any]:
    shown = page.locator("[data-passkey]").get_attribute("data-options")
    return dict(json.loads(shown or ""))


def test_a_moviepilot_user_signs_in_with_a_passkey(
    library: Library, origin: str, browser_page: Page, keys: Keys
) -> None:
    user_id = add_user(library)
    pk = register(library, browser_page, origin, user_id)
    watch = Watch(browser_page, origin)

    type_password(browser_page, f"{origin}/core/user/")
    use_passkey(browser_page)

    is_signed_in(browser_page)
    assert browser_page.url == f"{origin}/core/user/"
    watch.check()
    [key] = keys.all()
    assert passkey(pk).sign_count == key["signCount"] > 0
    assert passkey(pk).last_used_at is not None
    made = outside(ChangeSet.objects.get)
    assert (made.operator_name, made.reason) == (NAME, "Signed in with a passkey")
    assert outcomes() == [Outcome.PASSWORD_RIGHT, Outcome.SUCCESS]
    sign_out(browser_page)
    type_password(browser_page, origin)
    use_passkey(browser_page)
    is_signed_in(browser_page)


def test_an_answer_sent_again_is_refused(
    sqlite_library: Library, origin: str, browser_page: Page, keys: Keys
) -> None:
    register(sqlite_library, browser_page, origin, add_user(sqlite_library))
    type_password(browser_page, origin)
    with browser_page.expect_request(lambda each: each.method == "POST") as sent:
        use_passkey(browser_page)
    is_signed_in(browser_page)
    answer = sent.value.post_data_json["answer"]
    sign_out(browser_page)

    type_password(browser_page, origin)
    answer_with(browser_page, answer)

    is_refused(browser_page, "sent twice")
    use_passkey(browser_page)
    is_signed_in(browser_page)


def test_a_copy_that_counts_lower_is_refused(
    sqlite_library: Library, origin: str, browser_page: Page, keys: Keys
) -> None:
    pk = register(sqlite_library, browser_page, origin, add_user(sqlite_library))
    keys.count_from(40)
    type_password(browser_page, origin)
    use_passkey(browser_page)
    is_signed_in(browser_page)
    sign_out(browser_page)
    keys.count_from(3)

    type_password(browser_page, origin)
    use_passkey(browser_page)

    is_refused(browser_page, "there is a copy of it")
    assert passkey(pk).sign_count == 41
    assert outcomes()[-1] == Outcome.WRONG_PASSKEY


@contextmanager
def another_page() -> Iterator[str]:
    """A page of another origin on the same host, as an attacker might serve."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>another</title>")

        def log_message(self, *_parts: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}/"
        server.shutdown()


def test_an_answer_given_to_another_page_is_refused(
    sqlite_library: Library, origin: str, browser_page: Page, keys: Keys
) -> None:
    register(sqlite_library, browser_page, origin, add_user(sqlite_library))
    # An answer that holds but for its origin goes out from this page unchanged.
    type_password(browser_page, origin)
    options = options_of(browser_page)
    with another_page() as elsewhere:
        other = browser_page.context.new_page()
        relayed = Keys(other)
        [key] = keys.all()
        relayed.send("addCredential", credential=key)
        other.goto(elsewhere)
        answer = other.evaluate(CEREMONIES, ["get", options])

    answer_with(browser_page, json.dumps(answer))

    is_refused(browser_page, "another address")


def test_under_another_host_the_page_says_which_one_is_right(
    sqlite_library: Library,
    live_console: LiveConsole,
    origin: str,
    browser_page: Page,
    keys: Keys,
) -> None:
    register(sqlite_library, browser_page, origin, add_user(sqlite_library))

    type_password(browser_page, live_console.url)
    use_passkey(browser_page)

    is_refused(browser_page, "These passkeys are for localhost.")


def test_a_passkey_that_is_not_here_can_be_looked_for_again(
    sqlite_library: Library, origin: str, browser_page: Page, keys: Keys
) -> None:
    register(sqlite_library, browser_page, origin, add_user(sqlite_library))
    [key] = keys.all()
    keys.send("clearCredentials")
    type_password(browser_page, origin)

    use_passkey(browser_page)

    is_refused(browser_page, "Nothing came of it")
    keys.send("addCredential", credential=key)
    use_passkey(browser_page)
    is_signed_in(browser_page)


def test_without_an_active_passkey_the_password_is_enough(
    sqlite_library: Library, origin: str, browser_page: Page, keys: Keys
) -> None:
    pk = register(sqlite_library, browser_page, origin, add_user(sqlite_library))
    sqlite_library.update("passkey", pk, is_active=False)

    type_password(browser_page, origin)

    is_signed_in(browser_page)


def test_without_script_the_page_says_that_a_passkey_needs_it(
    sqlite_library: Library, origin: str, browser_page: Page, keys: Keys
) -> None:
    register(sqlite_library, browser_page, origin, add_user(sqlite_library))
    browser = browser_page.context.browser
    assert browser is not None
    page = browser.new_context(java_script_enabled=False).new_page()

    type_password(page, origin)

    expect(page.get_by_text("A passkey needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name=USE)).to_be_disabled()


# --- Local operators


def open_account(page: Page) -> None:
    page.locator(".account-open").click()
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def code_of(secret: str, *, after: int | None = None) -> str:
    """A code that was not used: of the step after the one that was."""
    codes = pyotp.TOTP(secret)
    step = int(time.time() // 30)
    return str(codes.generate_otp(max(step, after + 1 if after else step)))


@pytest.mark.parametrize("width", [1440, 390])
def test_a_local_operator_adds_both_factors_and_signs_in_with_each(
    sqlite_library: Library,
    operator: Operator,
    origin: str,
    browser_page: Page,
    keys: Keys,
    width: int,
) -> None:
    page = browser_page
    page.set_viewport_size({"width": width, "height": 900})
    watch = Watch(page, origin)
    type_password(page, origin, "olivia")
    is_signed_in(page, "olivia")

    open_account(page)
    page.get_by_role("link", name="Set up").click()
    secret = page.locator("dd code").inner_text().replace(" ", "")
    watch.check()
    page.get_by_label("Code from the app").fill(code_of(secret))
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("One-time codes are on")).to_be_visible()

    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("my laptop")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    watch.check()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("Added the passkey.")).to_be_visible()
    expect(page.get_by_role("link", name="Rename my laptop")).to_be_visible()
    watch.check()
    sign_out(page)

    type_password(page, origin, "olivia")
    use_passkey(page)
    is_signed_in(page, "olivia")
    [kept] = own_passkeys()
    assert kept.last_used_at is not None
    assert kept.sign_count == keys.all()[0]["signCount"]
    sign_out(page)

    type_password(page, origin, "olivia")
    page.get_by_role("link", name="Use a one-time code").click()
    outside(operator.refresh_from_db)
    page.get_by_label(re.compile("^Code")).fill(
        code_of(secret, after=operator.totp_step)
    )
    page.get_by_role("button", name="Sign in").click()
    is_signed_in(page, "olivia")
    watch.check()


def test_a_device_that_has_a_passkey_of_the_account_is_told_so(
    sqlite_library: Library,
    operator: Operator,
    origin: str,
    browser_page: Page,
    keys: Keys,
) -> None:
    page = browser_page
    type_password(page, origin, "olivia")
    is_signed_in(page, "olivia")
    for _ in range(2):
        page.goto(f"{origin}/account/passkeys/add/")
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Make the passkey").click()
        expect(page.locator("[role=alert]:visible, .message")).to_be_visible()

    expect(page.locator("[role=alert]:visible")).to_contain_text("already")
    assert len(own_passkeys()) == 1
