"""Where one is signed in: a part of the page of one's own account."""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.test import Client

from core.auth.sessions import row_key
from core.models import OperatorSession
from core.roles import Role
from core.tests.support.people import client_of, make_operator

PAGE, END, END_ALL = (
    "/account/",
    "/account/sessions/end/",
    "/account/sessions/end-all/",
)


def key(client: Client) -> str:
    return row_key(client.session.session_key)


def test_ones_sessions_are_listed_and_nobody_elses(operator, sqlite_library):
    here, there = client_of(operator), client_of(operator)
    other = client_of(make_operator("otto", Role.VIEWER))
    OperatorSession.objects.filter(pk=key(there)).update(
        address="192.0.2.44", agent="<b>Synthetic</b>"
    )

    page = here.get(PAGE)

    text = page.content.decode()
    assert [row.session.pk for row in page.context["own_sessions"]] == [
        key(here),
        key(there),
    ]
    assert "192.0.2.44" in text
    assert "&lt;b&gt;Synthetic&lt;/b&gt;" in text
    assert "this session" in text
    assert key(there) in text
    assert key(other) not in text
    assert here.session.session_key not in text


def test_another_session_is_ended(operator, sqlite_library):
    here, there = client_of(operator), client_of(operator)

    response = here.post(END, {"session": key(there)}, follow=True)

    assert "Ended the session." in response.content.decode()
    assert SESSION_KEY in here.session
    assert there.get("/")["Location"].startswith("/login/")


def test_neither_this_one_nor_that_of_another_is_ended(operator, sqlite_library):
    here = client_of(operator)
    other = client_of(make_operator("otto", Role.VIEWER))

    for session in (key(here), key(other), "", "no-such", "x" * 10_000, "a\0b"):
        here.post(END, {"session": session})

    assert SESSION_KEY in here.session
    assert SESSION_KEY in other.session


def test_signing_out_everywhere_ends_all(operator, sqlite_library):
    here, there = client_of(operator), client_of(operator)
    other = client_of(make_operator("otto", Role.VIEWER))

    response = here.post(END_ALL)

    assert response["Location"] == "/login/"
    assert SESSION_KEY not in here.session
    assert there.get("/")["Location"].startswith("/login/")
    assert SESSION_KEY in other.session
    page = here.get("/login/").content.decode()
    assert "signed out everywhere" in page
    assert "notice is-success" in page
    assert "notice is-danger" not in page


def test_both_take_posts_with_a_token_only(operator, sqlite_library):
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator, "django.contrib.auth.backends.ModelBackend")

    for address in (END, END_ALL):
        assert client.get(address).status_code == 405
        assert client.post(address).status_code == 403
        assert Client().post(address)["Location"].startswith("/login/")
    assert SESSION_KEY in client.session


def test_a_viewer_has_the_page_too(client_as, sqlite_library):
    assert client_as(Role.VIEWER).get(PAGE).status_code == 200
