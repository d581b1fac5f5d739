"""Passkeys at sign-in: what is accepted once, and all that is refused."""

from __future__ import annotations

import datetime as dt
import json
from importlib import import_module

import bcrypt
import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse

from core import config
from core.auth import passkeys, relying_party
from core.auth.passkeys import Refusal, Refused
from core.changes import ChangeSet, undo
from core.changes.tests.support import stored
from core.fields import local_now
from core.models import Operator, OperatorPassKey, PassKey, SignIn
from core.models.signins import Outcome
from core.tests.support.authenticator import Authenticator, es256, rs256


def visit(host="localhost", **headers):
    """A request of a browser with a session of its own."""
    request = RequestFactory().get("/login/passkey/", headers={"host": host}, **headers)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    request.session.create()
    return request


def add_user(library, name="mila"):
    return library.insert(
        "user", name=name, is_active=True, is_superuser=True, is_otp=False
    )


def linked(user_id, name="mila"):
    return Operator.objects.create(
        username=name, moviepilot_id=user_id, moviepilot_name=name
    )


def registered(library, name="mila", **values):
    """A MoviePilot user with a passkey: (operator, authenticator, id of the row)."""
    user_id = add_user(library, name)
    key = Authenticator(user_handle=str(user_id).encode(), **values)
    return linked(user_id, name), key, key.store(library, user_id)


def local(name="olivia", **values):
    operator = Operator.objects.create_user(name, password="synthetic-Pass-1")
    key = Authenticator(user_handle=passkeys.user_handle(operator), **values)
    row = key.stored()
    del row["is_active"]
    OperatorPassKey.objects.create(operator=operator, **row)
    return operator, key


def sign_in(operator, key, request=None):
    request = request or visit()
    answer = key.answer(passkeys.sign_in_options(request, operator))
    passkeys.verify(request, operator, answer)
    return answer


def refusal(operator, key, request=None):
    with pytest.raises(Refused) as caught:
        sign_in(operator, key, request)
    return caught.value.why


def set_to(monkeypatch, **values):
    """Start anew with these variables."""
    console, moviepilot, _texts = config.read(values)
    monkeypatch.setattr(relying_party, "console", console)
    monkeypatch.setattr(relying_party, "settings", moviepilot)
    monkeypatch.setattr(passkeys, "settings", moviepilot)


# --- What the browser is asked for


def test_the_options_name_the_active_passkeys_of_the_account(library):
    operator, key, _pk = registered(library)
    other = add_user(library, "noor")
    Authenticator(id=b"other").store(library, other)
    spare = Authenticator(id=b"spare")
    spare.store(library, operator.moviepilot_id, transports=None)
    Authenticator(id=b"off").store(library, operator.moviepilot_id, is_active=False)
    Authenticator(id=b"null").store(library, operator.moviepilot_id, is_active=None)

    options = passkeys.sign_in_options(visit(), operator)

    key_id, spare_id = (each.stored()["credential_id"] for each in (key, spare))
    assert options["rpId"] == "localhost"
    assert options["userVerification"] == "required"
    assert sorted(options["allowCredentials"], key=lambda each: each["id"]) == sorted(
        [
            {
                "id": key_id,
                "type": "public-key",
                "transports": ["internal", "hybrid"],
            },
            {"id": spare_id, "type": "public-key"},
        ],
        key=lambda each: each["id"],
    )


def test_what_is_stored_broken_is_passed_over(library):
    operator, key, _pk = registered(library)
    broken = {
        "credential_id": ["", "not base64!", "x", "ключ"],
        "public_key": ["", "?", "A"],
    }
    for column, texts in broken.items():
        for place, text in enumerate(texts):
            other = Authenticator(id=f"{column}-{place}".encode())
            other.store(library, operator.moviepilot_id, **{column: text})
    odd = Authenticator(id=b"odd")
    odd.store(library, operator.moviepilot_id, transports=" usb,,telepathy , nfc")

    options = passkeys.sign_in_options(visit(), operator)
    told = {each["id"]: each.get("transports") for each in options["allowCredentials"]}

    assert told == {
        key.stored()["credential_id"]: ["internal", "hybrid"],
        odd.stored()["credential_id"]: ["usb", "nfc"],
    }
    sign_in(operator, key)


def test_a_public_key_that_is_none_refuses(library):
    operator, key, pk = registered(library)
    for text in ("AA", "oA", "BAAA", "pQECAyYgASFYIAA", key.stored()["credential_id"]):
        library.update("passkey", pk, public_key=text)

        assert refusal(operator, key) == Refusal.INVALID


def test_verification_is_asked_for_as_moviepilot_does(monkeypatch, sqlite_library):
    operator, _key, _pk = registered(sqlite_library)
    set_to(monkeypatch, PASSKEY_REQUIRE_UV="false")

    options = passkeys.sign_in_options(visit(), operator)

    assert options["userVerification"] == "preferred"


@pytest.mark.parametrize(
    ("domain", "rp_id"),
    [
        ("", "localhost"),
        ("movies.example", "movies.example"),
        ("Movies.Example:3000", "movies.example"),
        ("https://movies.example", "movies.example"),
        ("https://movies.example:3000/path", "movies.example"),
        ("http://[::1", "localhost"),
        ("https://", "localhost"),
    ],
    ids=lambda value: value or "none",
)
def test_moviepilots_passkeys_are_for_its_host(monkeypatch, domain, rp_id):
    set_to(monkeypatch, APP_DOMAIN=domain)

    assert relying_party.moviepilot_id() == rp_id


def test_another_host_can_be_set(monkeypatch):
    set_to(
        monkeypatch,
        APP_DOMAIN="https://movies.example",
        MPADMIN_PASSKEY_RP_ID="console.example",
    )

    assert relying_party.moviepilot_id() == "console.example"


@pytest.mark.parametrize(
    ("host", "wanted", "rp_id"),
    [
        ("localhost:8000", "", "localhost"),
        ("127.0.0.1:8000", "", "localhost"),
        ("[::1]:8000", "", "localhost"),
        ("console.example", "", "console.example"),
        ("console.example:8443", "example", "example"),
        ("console.example", "console.example", "console.example"),
        ("console.example", "sole.example", "console.example"),
        ("console.example", "movies.example", "console.example"),
    ],
)
def test_a_local_operators_passkeys_are_for_the_console(
    monkeypatch, settings, host, wanted, rp_id
):
    settings.ALLOWED_HOSTS = ["*"]
    set_to(monkeypatch, APP_DOMAIN="movies.example", MPADMIN_PASSKEY_RP_ID=wanted)

    assert relying_party.own_id(RequestFactory().get("/", headers={"host": host})) == (
        rp_id
    )


@pytest.mark.parametrize(
    ("host", "is_secure", "set_", "origins"),
    [
        ("localhost:8000", False, "", ["http://localhost:8000"]),
        ("localhost:80", False, "", ["http://localhost"]),
        ("Console.Example:443", True, "", ["https://console.example"]),
        ("console.example:80", True, "", ["https://console.example:80"]),
        (
            "localhost",
            False,
            "https://a.example/,https://b.example",
            ["https://a.example", "https://b.example"],
        ),
    ],
)
def test_the_origin_is_where_the_request_came_to_or_what_was_set(
    monkeypatch, settings, host, is_secure, set_, origins
):
    settings.ALLOWED_HOSTS = ["*"]
    set_to(monkeypatch, MPADMIN_PASSKEY_ORIGINS=set_)
    request = RequestFactory().get("/", headers={"host": host}, secure=is_secure)

    assert relying_party.origins(request) == origins


# --- What is accepted


@pytest.mark.parametrize("make", [es256, rs256], ids=["es256", "rs256"])
def test_a_passkey_is_accepted_and_its_use_kept_as_a_change(library, make):
    operator, key, pk = registered(library, key=make())
    other = Authenticator(id=b"spare").store(library, operator.moviepilot_id)
    before = library.dump()

    sign_in(operator, key)

    row = PassKey.objects.get(pk)
    assert row.sign_count == 1
    assert abs(row.last_used_at - local_now()) < dt.timedelta(minutes=5)
    changed = {(each.column, each.id) for each in {*library.dump()} ^ {*before}}
    assert changed == {("sign_count", pk), ("last_used_at", pk)}
    [made] = ChangeSet.objects.all()
    assert (made.operator, made.reason) == (operator, "Signed in with a passkey")
    assert stored(PassKey, other, "last_used_at") is None
    undo(made)
    assert library.dump() == before


def test_an_authenticator_that_does_not_count_may_sign_in_again(library):
    operator, key, pk = registered(library, counts=False)
    library.update("passkey", pk, sign_count=None)

    sign_in(operator, key)
    sign_in(operator, key)

    assert stored(PassKey, pk, "sign_count") is None
    assert stored(PassKey, pk, "last_used_at") is not None


def test_an_answer_without_a_user_handle_is_accepted(library):
    operator, key, _pk = registered(library)
    key.user_handle = None

    sign_in(operator, key)


def test_verification_may_be_left_out_where_moviepilot_does_not_ask(
    monkeypatch, sqlite_library
):
    operator, key, _pk = registered(sqlite_library, verifies=False)

    assert refusal(operator, key) == Refusal.UNVERIFIED
    set_to(monkeypatch, PASSKEY_REQUIRE_UV="false")
    sign_in(operator, key)


def test_a_local_operators_passkey_is_kept_in_the_consoles_own_table(sqlite_library):
    operator, key = local(verifies=False)

    sign_in(operator, key)

    kept = OperatorPassKey.objects.get()
    assert kept.sign_count == 1
    assert kept.last_used_at is not None
    assert not ChangeSet.objects.exists()


# --- What is refused


def bent(**values):
    """A way to bend an authenticator."""

    def bend(_library, _operator, key, _pk):
        for name, value in values.items():
            setattr(key, name, value)

    return bend


def forge(_library, _operator, key, _pk):
    key.key = es256()


def disable(library, _operator, _key, pk):
    library.update("passkey", pk, is_active=False)


def delete(library, _operator, _key, pk):
    library.execute("DELETE FROM passkey WHERE id = ?", pk)


def give_to_another(library, _operator, _key, pk):
    library.update("passkey", pk, user_id=add_user(library, "noor"))


def count_further(library, _operator, _key, pk):
    library.update("passkey", pk, sign_count=7)


def count_as_far(library, _operator, _key, pk):
    library.update("passkey", pk, sign_count=1)


REFUSED = {
    "another origin": (bent(origin="http://localhost:9999"), Refusal.ORIGIN),
    "origin without its scheme": (bent(origin="localhost"), Refusal.ORIGIN),
    "a frame of another site": (bent(cross_origin=True), Refusal.ORIGIN),
    "another host": (bent(rp_id="movies.example"), Refusal.INVALID),
    "nobody verified": (bent(verifies=False), Refusal.UNVERIFIED),
    "a lower counter": (count_further, Refusal.COUNTER),
    "the same counter": (count_as_far, Refusal.COUNTER),
    "another key": (forge, Refusal.INVALID),
    "another user handle": (bent(user_handle=b"0"), Refusal.UNKNOWN),
    "an unknown passkey": (bent(id=b"never seen"), Refusal.UNKNOWN),
    "disabled": (disable, Refusal.UNKNOWN),
    "deleted": (delete, Refusal.UNKNOWN),
    "another user's": (give_to_another, Refusal.UNKNOWN),
}


@pytest.mark.parametrize("name", [*REFUSED])
def test_an_answer_is_refused_and_nothing_written(library, name):
    operator, key, pk = registered(library)
    bend, why = REFUSED[name]
    request = visit()
    options = passkeys.sign_in_options(request, operator)
    # What it is now counts, not what it was when the page was made.
    bend(library, operator, key, pk)
    before = library.dump()

    with pytest.raises(Refused) as caught:
        passkeys.verify(request, operator, key.answer(options))

    assert caught.value.why == why
    assert library.dump() == before
    assert not ChangeSet.objects.exists()


def test_an_answer_counts_once(library):
    operator, key, _pk = registered(library, counts=False)
    request = visit()
    answer = sign_in(operator, key, request)

    with pytest.raises(Refused) as caught:
        passkeys.verify(request, operator, answer)
    assert caught.value.why == Refusal.STALE

    passkeys.sign_in_options(request, operator)
    with pytest.raises(Refused) as caught:
        passkeys.verify(request, operator, answer)
    assert caught.value.why == Refusal.STALE


def test_a_challenge_is_spent_by_a_refused_answer_too(library):
    operator, key, _pk = registered(library)
    request = visit()
    answer = key.answer(passkeys.sign_in_options(request, operator))

    for posted, why in (("{}", Refusal.INVALID), (answer, Refusal.STALE)):
        with pytest.raises(Refused) as caught:
            passkeys.verify(request, operator, posted)
        assert caught.value.why == why


def test_the_challenge_of_another_session_or_account_is_refused(library):
    operator, key, _pk = registered(library)
    request, other = visit(), visit()
    answer = key.answer(passkeys.sign_in_options(request, operator))
    passkeys.sign_in_options(other, operator)

    assert refused_as(other, operator, answer) == Refusal.STALE

    somebody, _other_key, _pk = registered(library, "noor", id=b"noor's")
    passkeys.sign_in_options(request, somebody)
    assert refused_as(request, operator, answer) == Refusal.STALE


def refused_as(request, operator, answer):
    with pytest.raises(Refused) as caught:
        passkeys.verify(request, operator, answer)
    return caught.value.why


def test_a_challenge_lasts_five_minutes(sqlite_library):
    operator, key, _pk = registered(sqlite_library)
    request = visit()
    answer = key.answer(passkeys.sign_in_options(request, operator))
    given = request.session[relying_party.CHALLENGE]
    request.session[relying_party.CHALLENGE] = {**given, "at": given["at"] - 301}

    assert refused_as(request, operator, answer) == Refusal.STALE


def answered(**response):
    return json.dumps(
        {"id": "a", "rawId": "a", "type": "public-key", "response": response}
    )


def test_the_answer_of_a_session_that_was_ended_is_refused(sqlite_library):
    operator, key, _pk = registered(sqlite_library)
    request = visit()
    answer = key.answer(passkeys.sign_in_options(request, operator))
    request.session.save()
    type(request.session)(request.session.session_key).delete()

    assert refused_as(request, operator, answer) == Refusal.STALE


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "null",
        "[]",
        "{}",
        "{" * 5000,
        "[" * 60_000,
        '"\ud800"',
        "x" * 100_000,
        '{"id": "a", "rawId": "a", "type": [], "response": {}}',
        answered(clientDataJSON="é", authenticatorData="?", signature="="),
        answered(clientDataJSON="", authenticatorData="", signature="", userHandle="é"),
    ],
    ids=range(11),
)
def test_an_answer_that_is_none_is_refused(sqlite_library, answer):
    operator, _key, _pk = registered(sqlite_library)
    request = visit()
    passkeys.sign_in_options(request, operator)

    assert refused_as(request, operator, answer) in (Refusal.INVALID, Refusal.UNKNOWN)


def test_a_passkey_used_elsewhere_meanwhile_is_refused(library):
    operator, key, pk = registered(library)
    copy = PassKey.objects.get(pk)
    sign_in(operator, key)

    for change in ({"sign_count": 1}, {"is_active": False}):
        copy.sign_count = 0
        library.update("passkey", pk, **change)
        found = passkeys.Credential(copy, key.id, key.cose, 0)
        with pytest.raises(Refused) as caught:
            passkeys._note_use(operator, found, 5)
        assert caught.value.why == Refusal.COUNTER
    assert stored(PassKey, pk, "sign_count") == 1


def test_two_answers_with_one_number_let_a_local_operator_in_once(sqlite_library):
    operator, key = local()
    [before] = passkeys.credentials_of(operator)
    sign_in(operator, key)

    with pytest.raises(Refused):
        passkeys._note_use(operator, before, 1)


def test_a_counter_the_column_cannot_hold_is_refused(library, caplog):
    operator, key, pk = registered(library)
    key.count = 2**31 - 1

    assert refusal(operator, key) == Refusal.UNWRITABLE

    assert stored(PassKey, pk, "sign_count") == 0
    assert "was not noted" in caplog.text
    assert not ChangeSet.objects.exists()


def test_nobody_signs_in_while_moviepilots_database_cannot_be_written(sqlite_library):
    operator, key, pk = registered(sqlite_library)
    sqlite_library.execute(
        "CREATE TRIGGER full BEFORE UPDATE ON passkey BEGIN"
        " SELECT RAISE(ABORT, 'disk full'); END"
    )

    assert refusal(operator, key) == Refusal.UNWRITABLE
    assert stored(PassKey, pk, "sign_count") == 0


def test_a_local_operators_passkey_opens_no_other_account(sqlite_library):
    operator, key = local()
    other, _other_key = local("otto", id=b"otto's")

    assert refusal(other, key) == Refusal.UNKNOWN
    key.user_handle = passkeys.user_handle(other)
    assert refusal(operator, key) == Refusal.UNKNOWN


def test_a_refusal_is_logged_without_the_answer(sqlite_library, caplog):
    operator, key, _pk = registered(sqlite_library)
    key.origin = "https://evil.example"

    refusal(operator, key)

    assert "A passkey of 'mila' was refused: origin" in caplog.text
    assert "evil" not in caplog.text


# --- The page


PASSWORD = "synthetic-Word-7"


def add_account(library, **values):
    """A MoviePilot user with a password and a passkey: (authenticator, row's id)."""
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    user_id = library.insert(
        "user",
        name="mila",
        hashed_password=hashed,
        is_active=True,
        is_superuser=True,
        **values,
    )
    key = Authenticator(user_handle=str(user_id).encode())
    return key, key.store(library, user_id)


@pytest.fixture
def browser(client):
    client.defaults["HTTP_HOST"] = "localhost"
    return client


def type_password(browser, name="mila", next_="/core/user/"):
    form = {"username": name, "password": PASSWORD, "next": next_}
    return browser.post(reverse("admin:login"), form)


def options_of(browser):
    return json.loads(browser.get(reverse("admin:login_passkey")).context["options"])


def post(browser, answer):
    return browser.post(reverse("admin:login_passkey"), {"answer": answer})


def is_signed_in(browser):
    return "_auth_user_id" in browser.session


def outcomes():
    return [*SignIn.objects.order_by("pk").values_list("outcome", flat=True)]


def test_password_then_passkey_signs_in(library, browser):
    key, pk = add_account(library, is_otp=True, otp_secret="synthetic")

    answer = type_password(browser)
    assert answer["Location"] == reverse("admin:login_passkey")
    assert not is_signed_in(browser)
    answer = post(browser, key.answer(options_of(browser)))

    assert answer["Location"] == "/core/user/"
    assert is_signed_in(browser)
    assert outcomes() == [Outcome.PASSWORD_RIGHT, Outcome.SUCCESS]
    assert stored(PassKey, pk, "sign_count") == 1
    made = ChangeSet.objects.get()
    assert made.operator == Operator.objects.get(username="mila")


def test_the_page_is_nobodys_without_a_password(sqlite_library, browser):
    url = reverse("admin:login_passkey")

    assert browser.get(url)["Location"] == reverse("admin:login")
    assert post(browser, "{}")["Location"] == reverse("admin:login")
    assert outcomes() == []


def test_five_refusals_lead_back_to_the_password(sqlite_library, browser):
    _key, _pk = add_account(sqlite_library)
    type_password(browser)
    for _ in range(4):
        assert post(browser, "{}").status_code == 200

    assert post(browser, "{}").status_code == 302
    assert browser.get(reverse("admin:login_passkey"))["Location"] == (
        reverse("admin:login")
    )
    assert outcomes()[1:] == [Outcome.WRONG_PASSKEY] * 5
    assert not is_signed_in(browser)


def test_a_passkey_removed_meanwhile_leads_back_to_the_password(
    sqlite_library, browser
):
    key, _pk = add_account(sqlite_library)
    type_password(browser)
    answer = key.answer(options_of(browser))
    sqlite_library.execute("DELETE FROM passkey")

    assert post(browser, answer)["Location"] == reverse("admin:login")
    assert not is_signed_in(browser)


def test_passkeys_that_cannot_be_read_are_told(sqlite_library, browser):
    _key, pk = add_account(sqlite_library)
    sqlite_library.update("passkey", pk, public_key="?")
    type_password(browser)

    page = browser.get(reverse("admin:login_passkey"))

    assert "holds none that can be read" in page.content.decode()
    assert "data-options" not in page.content.decode()


def test_a_disabled_user_is_not_let_in_by_a_passkey(sqlite_library, browser):
    key, _pk = add_account(sqlite_library)
    type_password(browser)
    answer = key.answer(options_of(browser))
    sqlite_library.execute('UPDATE "user" SET is_active = 0')

    assert post(browser, answer)["Location"] == reverse("admin:login")
    assert not is_signed_in(browser)


def test_the_answer_needs_a_token_of_the_page(sqlite_library):
    browser = Client(enforce_csrf_checks=True, headers={"host": "localhost"})

    assert post(browser, "{}").status_code == 403


def test_nothing_secret_stands_in_the_page(sqlite_library, browser):
    key, _pk = add_account(sqlite_library)
    type_password(browser)

    page = browser.get(reverse("admin:login_passkey"))

    assert str(key.stored()["public_key"]) not in page.content.decode()
    assert "no-store" in page["Cache-Control"]
