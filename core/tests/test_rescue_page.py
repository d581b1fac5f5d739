"""The page that helps a MoviePilot user back in."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from core.auth.passwords import verify_password
from core.changes import ChangeSet
from core.changes.tests.support import stored
from core.models import AuditEvent, User
from core.rescue import numbered
from core.roles import Role
from core.tests.support.live import PASSWORD as OPERATORS
from core.tests.test_browser import sign_in
from core.tests.test_browser import window as window  # the fixture
from core.tests.test_rescue import add_keys, add_user

PASSWORD = "synthetic-password-1"
ALL = "password=1&clear-otp=1&passkeys=drop&activate=1&superuser=1"


def address(pk, query=""):
    url = reverse("admin:core_user_rescue", args=[pk])
    return f"{url}?{query}" if query else url


def text_of(response):
    return html.unescape(response.content.decode())


def post(client, pk, query, **values):
    """Fill in the form that the page shows, and send it."""
    page = text_of(client.get(address(pk, query)))
    shown = re.search(r'name="shown" value="(\w+)"', page)
    data = {"shown": shown[1] if shown else "", **values}
    return client.post(address(pk, query), data)


def passwords(first=PASSWORD, again=PASSWORD):
    return {"password": first, "password-again": again}


def rows_of(page):
    """What would change, line by line."""
    table = page.partition('class="diff-table')[2].partition("</table>")[0]
    return re.findall(
        r"<th scope=\"row\">(.+?)</th>.*?<del>(.+?)</del>.*?<ins>(.+?)</ins>",
        table,
        re.DOTALL,
    )


def test_it_shows_how_the_user_stands(library, operator_client):
    pk = add_user(library)
    add_keys(library, pk, "on", "off")

    page = text_of(operator_client.get(address(pk)))

    for words in ("disabled", "kept in a format", "asked for", "1 of 2 active"):
        assert words in page
    assert "What will change" not in page
    assert "synthetic" not in page


def test_only_what_can_be_done_is_offered(library, operator_client):
    pk = add_user(
        library, is_active=True, is_superuser=True, is_otp=False, otp_secret=None
    )

    page = text_of(operator_client.get(address(pk)))

    assert 'name="password"' in page
    for name in ("clear-otp", "passkeys", "activate", "superuser"):
        assert f'name="{name}"' not in page


def test_a_look_writes_nothing(library, operator_client):
    pk = add_user(library)
    add_keys(library, pk, "on")
    before = library.dump()

    page = text_of(operator_client.get(address(pk, ALL)))

    assert rows_of(page) == [
        ("Password", "none that works", "a new one"),
        ("One-time codes", "on", "off"),
        ("Passkeys", "1 of 1 active", "1 deleted"),
        ("Active", "no", "yes"),
        ("Administrator", "no", "yes"),
    ]
    assert library.dump() == before
    assert not AuditEvent.objects.exists()


def test_it_is_done_and_the_change_s_page_offers_to_undo_it(
    library, operator_client, operator
):
    pk = add_user(library)
    add_keys(library, pk, "on")

    done = post(operator_client, pk, ALL, reason="lost phone", **passwords())

    change_set = ChangeSet.objects.get()
    url = reverse("admin:core_changeset_change", args=[change_set.pk])
    assert (done.status_code, done.url) == (302, url)
    assert verify_password(PASSWORD, stored(User, pk, "hashed_password"))
    account = numbered(pk)
    assert (account.is_active, account.is_superuser, account.has_codes) == (
        True,
        True,
        False,
    )
    assert not account.keys
    assert change_set.reason == "Rescue: lost phone"
    assert AuditEvent.objects.get().operator == operator
    page = text_of(operator_client.get(url))
    assert reverse("admin:core_changeset_undo", args=[change_set.pk]) in page
    hashed = stored(User, pk, "hashed_password")
    assert not any(word in page for word in (PASSWORD, hashed, "synthetic-otp"))


def test_a_password_alone(library, operator_client):
    pk = add_user(library)
    before = numbered(pk)

    post(operator_client, pk, "password=1", **passwords())

    after = numbered(pk)
    assert after.has_password
    assert {**after.held, "hashed_password": ""} == {
        **before.held,
        "hashed_password": "",
    }


@pytest.mark.parametrize(
    ("first", "again", "words"),
    [
        ("short", "short", "at least 8"),
        (PASSWORD, "synthetic-password-2", "not the same"),
        ("密" * 25, "密" * 25, "72 bytes"),
        ("", "", "at least 8"),
    ],
    ids=["short", "mistyped", "long", "none"],
)
def test_a_password_that_cannot_be_is_told_and_not_sent_back(
    library, operator_client, first, again, words
):
    pk = add_user(library)
    before = library.dump()

    response = post(operator_client, pk, ALL, **passwords(first, again))

    assert response.status_code == 422
    page = text_of(response)
    assert words in page
    assert not first or f'value="{first}"' not in page
    assert "synthetic-password" not in page
    assert rows_of(page)
    assert library.dump() == before


def test_what_was_not_shown_is_not_changed(library, operator_client):
    pk = add_user(library)
    [key] = add_keys(library, pk, "on")
    page = text_of(operator_client.get(address(pk, ALL)))
    shown = re.search(r'name="shown" value="(\w+)"', page)[1]
    library.execute(f"DELETE FROM passkey WHERE id = {key}")
    before = library.dump()

    for told in (shown, "", "é"):
        data = {"shown": told, **passwords()}
        done = operator_client.post(address(pk, ALL), data)
        assert (done.status_code, done.url) == (302, address(pk, ALL))

    assert library.dump() == before
    assert "was changed meanwhile" in text_of(operator_client.get(address(pk, ALL)))


def test_what_is_so_already(library, operator_client):
    pk = add_user(library, is_active=True)

    page = text_of(operator_client.get(address(pk, "activate=1")))
    done = operator_client.post(
        address(pk, "activate=1"), {"shown": numbered(pk).shown}
    )

    assert "all is so already" in page
    assert done.status_code == 302
    assert not ChangeSet.objects.exists()


def test_a_post_that_asks_for_nothing_does_nothing(library, operator_client):
    pk = add_user(library)

    done = operator_client.post(address(pk), {"shown": numbered(pk).shown})

    assert done.status_code == 302
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("pk", [10**6, 2**63])
def test_a_user_that_is_gone(sqlite_library, operator_client, pk):
    assert operator_client.get(address(pk)).status_code == 302


@pytest.mark.parametrize("query", ["passkeys=all", "passkeys=\x00&password", "x=1"])
def test_what_the_address_may_say(sqlite_library, operator_client, query):
    pk = add_user(sqlite_library)

    assert operator_client.get(address(pk, query)).status_code == 200


def test_a_database_without_passkeys(library, operator_client):
    pk = add_user(library)
    library.execute("DROP TABLE passkey")

    page = text_of(operator_client.get(address(pk, "passkeys=drop")))

    assert "of before “passkey”" in page


@pytest.mark.parametrize("role", [*Role], ids=lambda role: role.name)
def test_who_may(sqlite_library, client_as, role):
    pk = add_user(sqlite_library)
    client, data = client_as(role), {"shown": numbered(pk).shown}
    may = role is Role.ADMINISTRATOR

    assert client.get(address(pk)).status_code == (200 if may else 403)
    done = client.post(address(pk, "activate=1"), data)

    assert done.status_code == (302 if may else 403)
    assert numbered(pk).is_active == may


def test_a_rescue_needs_the_form_s_token(sqlite_library, operator):
    from django.test import Client

    pk = add_user(sqlite_library)
    client = Client(enforce_csrf_checks=True)
    client.login(username=operator.username, password=OPERATORS)

    done = client.post(address(pk, "activate=1"), {"shown": numbered(pk).shown})

    assert done.status_code in (302, 403)
    assert not numbered(pk).is_active


def test_the_last_administrator_cannot_be_deleted_on_its_page(library, operator_client):
    pk = add_user(library, is_active=True, is_superuser=True)
    url = reverse("admin:core_user_delete", args=[pk])

    page = text_of(operator_client.get(url))
    done = operator_client.post(url)

    assert "last active administrator" in page
    assert done.url == reverse("admin:core_user_change", args=[pk])
    assert "last active administrator" in text_of(operator_client.get(done.url))
    assert numbered(pk) is not None


def test_an_undo_says_on_its_page_whom_it_leaves_alone(library, operator_client):
    pk = add_user(library, is_active=True)
    post(operator_client, pk, "superuser=1")
    url = reverse("admin:core_changeset_undo", args=[ChangeSet.objects.get().pk])

    page = text_of(operator_client.get(url))
    operator_client.post(url)

    assert "1 record is left alone:" in page
    assert "last active administrator" in page
    assert numbered(pk).is_superuser


def test_in_a_browser(window, live_console, sqlite_library, operator):
    pk = add_user(sqlite_library)
    add_keys(sqlite_library, pk, "on")
    watch = sign_in(window, live_console)
    window.goto(f"{live_console.url}/core/user/{pk}/change/")

    window.get_by_role("link", name="Rescue").click()
    window.get_by_label("Set a new password").check()
    window.get_by_label("Delete them").check()
    window.get_by_label("Let the user sign in again").check()
    window.get_by_role("button", name="Preview").click()
    expect(window.get_by_text("1 deleted")).to_be_visible()
    watch.check()
    window.get_by_label("New password", exact=True).fill(PASSWORD)
    window.get_by_label("Password again").fill(PASSWORD)
    window.get_by_role("button", name="Rescue").click()
    expect(window.get_by_text("Rescued “anna”.")).to_be_visible()
    watch.check()

    assert verify_password(PASSWORD, stored(User, pk, "hashed_password"))
    assert numbered(pk).is_active
    assert not numbered(pk).keys
