"""The pages of signing in, one after the other."""

import time
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import roles, secrets
from core.auth import pending
from core.auth.passwords import hash_password
from core.auth.tests.support import (
    BACK,
    CODE,
    HOME,
    LOGIN,
    PASSWORD,
    SECRET,
    add_coded_user,
    add_passkey,
    add_user,
    change_mark,
    code,
    is_signed_in,
    make_local,
    outcomes,
    send_code,
    sign_in,
    told,
)
from core.models import Operator

# --- Name and password


def test_the_page_is_not_kept_by_the_browser(console, client):
    response = client.get(LOGIN)

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert 'autocomplete="current-password"' in response.content.decode()


def test_who_is_signed_in_is_sent_home(operator_client):
    assert operator_client.get(LOGIN)["Location"] == HOME


def test_who_is_signed_in_can_sign_in_as_another(library, operator_client):
    add_user(library)
    before = operator_client.session.session_key

    sign_in(operator_client)

    signed_in = Operator.objects.get(pk=operator_client.session["_auth_user_id"])
    assert signed_in.username == "mila"
    assert operator_client.session.session_key != before


def test_signing_in_makes_a_new_session(library, client):
    add_user(library)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key

    sign_in(client)

    assert is_signed_in(client)
    assert client.session.session_key != session.session_key
    assert not Client(
        headers={"cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"}
    ).session.get("_auth_user_id")


@pytest.mark.parametrize("missing", ["username", "password"])
def test_an_empty_form_is_not_looked_at(library, client, missing):
    response = sign_in(client, **{"name" if missing == "username" else missing: ""})

    assert response.context["form"].errors[missing]
    assert outcomes() == []


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
@pytest.mark.parametrize("address", [LOGIN, CODE, BACK])
def test_other_methods_are_refused(console, client, method, address):
    assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize("address", [LOGIN, CODE, BACK])
def test_a_form_of_another_page_is_refused(library, address):
    add_user(library)
    strict = Client(enforce_csrf_checks=True)

    response = strict.post(address, {"username": "mila", "password": PASSWORD})

    assert response.status_code == 403
    assert outcomes() == []


SAFE = ["/", "/sites/site/?q=1", "/changes/5/?a=b&c=d", "/é"]
UNSAFE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    "http:///evil.example",
    "https://testserver@evil.example/",
    "/\tevil",
    "data:text/html,x",
    "\ud800",
    " //evil.example",
    "\x00//evil.example",
]


@pytest.mark.parametrize("address", SAFE)
@pytest.mark.parametrize("is_coded", [False, True])
def test_one_comes_to_the_page_one_wanted(sqlite_library, client, address, is_coded):
    (add_coded_user if is_coded else add_user)(sqlite_library)

    response = sign_in(client, next=address)
    if is_coded:
        response = send_code(client, code())

    assert is_signed_in(client)
    assert response["Location"] == quote(address, safe="/?=&")


@pytest.mark.parametrize("address", UNSAFE, ids=range(len(UNSAFE)))
@pytest.mark.parametrize("is_coded", [False, True])
def test_no_address_leads_elsewhere(sqlite_library, client, rf, address, is_coded):
    (add_coded_user if is_coded else add_user)(sqlite_library)
    can_be_sent = not any("\ud800" <= letter <= "\udfff" for letter in address)

    sign_in(client, next=address if can_be_sent else "")
    if is_coded:
        change_mark(client, next_url=address)
        response = send_code(client, code())
        assert is_signed_in(client)
        assert response["Location"] in (HOME, "/%09evil")

    assert pending.safe_next(rf.get("/"), address) in (HOME, "/\tevil")


@hypothesis_settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.text(st.characters(codec=None, exclude_categories=()), max_size=30),
    password=st.text(st.characters(codec=None, exclude_categories=()), max_size=30),
    next_url=st.text(st.characters(codec=None, exclude_categories=()), max_size=30),
)
def test_whatever_is_typed_is_answered(console, name, password, next_url):
    # With this encoding even half a surrogate pair can be sent.
    body = "".join(
        f"--b\r\nContent-Disposition: form-data; name={field}\r\n\r\n"
        f"{value.encode('unicode_escape').decode()}\r\n"
        for field, value in [
            ("username", name),
            ("password", password),
            ("next", next_url),
        ]
    )
    kind = "multipart/form-data; boundary=b; charset=unicode_escape"

    response = Client().post(LOGIN, f"{body}--b--\r\n", content_type=kind)

    assert response.status_code in (200, 429)


# --- What others can find out


def people(library):
    """Name → somebody of every kind."""
    add_user(library, "linked")
    add_user(library, "disabled", is_active=False)
    add_user(library, "no role", is_superuser=False)
    add_user(library, "broken hash", hashed_password="not-a-hash")
    add_user(library, "no hash", hashed_password=None)
    add_coded_user(library, "codes")
    add_passkey(library, add_user(library, "passkey"))
    for _number in range(2):
        add_user(library, "duplicate")
    make_local("local")
    make_local("local and disabled", is_active=False)
    local = make_local("local without role")
    roles.give(local, None)
    make_local("local with codes", totp_secret=secrets.encrypt(SECRET))
    there = library.execute('SELECT DISTINCT name FROM "user" ORDER BY name')
    here = Operator.objects.order_by("pk").values_list("username", flat=True)
    return [*(name for (name,) in there), *here, "nobody"]


def test_a_wrong_password_is_answered_alike_for_everybody(library):
    pages = {}
    for name in people(library):
        client = Client(REMOTE_ADDR=f"192.0.2.{len(pages)}")
        response = sign_in(client, name, "wrong")
        page = told(response).replace(str(response.context["csrf_token"]), "")
        pages[name] = page.replace(f'value="{escape(name)}"', "")

    assert len({*pages.values()}) == 1, pages


def test_a_wrong_password_takes_as_long_for_everybody(sqlite_library):
    names = people(sqlite_library)
    slow = hash_password(PASSWORD)
    sqlite_library.execute(
        "UPDATE user SET hashed_password = ? WHERE hashed_password LIKE '$2b$%'", slow
    )
    sign_in(Client(), "warm up", "wrong")

    seconds = {
        name: seconds_of(name, f"192.0.2.{number}") for number, name in enumerate(names)
    }

    usual = seconds["nobody"]
    assert {n: s for n, s in seconds.items() if not usual / 2 < s < usual * 2} == {}


def seconds_of(name, address):
    """The least of two, of the processor: other work on the machine adds some."""
    best = []
    for _number in range(2):
        client = Client(REMOTE_ADDR=address)
        started = time.process_time()
        sign_in(client, name, "wrong")
        best.append(time.process_time() - started)
    return min(best)


# --- Signing out


def test_signing_out_is_a_post(operator_client):
    assert operator_client.get("/logout/").status_code == 405
    assert is_signed_in(operator_client)

    response = operator_client.post("/logout/")

    assert response.status_code == 200
    assert not is_signed_in(operator_client)
    assert operator_client.get(HOME).status_code == 302
