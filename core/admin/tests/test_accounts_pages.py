"""Pages of MoviePilot's users: list, record, adding, renaming, deleting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from core.admin.tests.people import (
    HASH,
    add_orphan,
    add_passkey,
    add_setting,
    add_user,
)
from core.admin.tests.test_record_form import Form, form_of
from core.auth.passwords import verify_password
from core.changes import ChangeSet, undo
from core.models import PassKey, User, UserConfig
from core.roles import Role
from core.schema import forget_columns
from core.tests.support import shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.tests.support.libraries import Library

PASSWORD = "synthetic-密码-1"


def text_of(client: Client, url: str) -> str:
    page = client.get(url)
    assert page.status_code == 200, url
    return page.content.decode()


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def add_form(client: Client) -> Form:
    return Form(client, "/core/user/add/")


def new_user(client: Client, name: str = "yuki", **others: str) -> Form:
    form = add_form(client)
    form["name"] = name
    typed = {"password": PASSWORD, "password-again": PASSWORD, **others}
    form.page = client.post(form.url, {**form.values, **typed})
    return form


def undo_all() -> None:
    for change_set in ChangeSet.objects.order_by("-pk"):
        if change_set.kind != "undo":
            undo(change_set)


# --- The list


def test_the_list_tells_what_a_user_may_and_how_the_user_signs_in(
    operator_client: Client, library: Library
) -> None:
    mira = add_user(
        library, "mira", email="m@mail.example", permissions='{"search": true, "x": 1}'
    )
    add_user(library, "root", is_superuser=True, permissions=None)
    add_user(library, "odd", permissions='[1, "a"]')
    add_passkey(library, mira, name="a")
    add_passkey(library, mira, name="b", is_active=False, aaguid="x")

    html = text_of(operator_client, "/core/user/")

    rows = [words_of(row) for row in html.split("<tr>") if "data-check " in row]
    odd, root, user = rows
    assert "mira" in user
    assert "1 of 2 active" in user
    assert "m@mail.example Search" in user
    assert "everything" in root
    assert '[1, "a"]' in odd.replace("&quot;", '"')
    assert HASH not in html


@pytest.mark.parametrize("users", [1, 20])
def test_passkeys_of_a_page_are_counted_in_one_query(
    operator_client: Client, library: Library, users: int
) -> None:
    for number in range(users):
        add_passkey(library, add_user(library, f"u{number}"))

    with CaptureQueriesContext(connections["moviepilot"]) as queries:
        text_of(operator_client, "/core/user/")

    about = [q["sql"] for q in queries if 'FROM "passkey"' in q["sql"]]
    assert len(about) == 1


def test_users_are_shown_where_there_are_no_passkeys_at_all(
    operator_client: Client, library: Library
) -> None:
    pk = add_user(library, "mira")
    library.execute("DROP TABLE passkey")
    forget_columns()

    assert "mira" in text_of(operator_client, "/core/user/")
    assert "user-passkeys" not in text_of(operator_client, f"/core/user/{pk}/change/")
    page = operator_client.get("/core/user/?with_passkeys=1")
    assert page.status_code == 400
    assert "“passkey” is missing" in page.content.decode()
    assert operator_client.get("/").status_code == 200
    new_user(operator_client)
    assert User.objects.get_by_name("yuki")


LOCKED = {"off", "null", "nohash", "foreign", "codes", "spare"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("with_passkeys=1", {"keyed"}),
        ("with_passkeys=0", {"fine", *LOCKED}),
        ("locked_out=1", LOCKED),
        ("locked_out=0", {"fine", "keyed"}),
    ],
    ids=["keyed", "keyless", "locked", "open"],
)
def test_users_are_filtered_by_how_they_sign_in(
    operator_client: Client, library: Library, query: str, names: set[str]
) -> None:
    add_user(library, "fine")
    add_user(library, "off", is_active=False)
    add_user(library, "null", is_active=None)
    add_user(library, "nohash", hashed_password="")
    add_user(library, "foreign", hashed_password="pbkdf2_sha256$1$synthetic")
    add_user(library, "codes", is_otp=True, otp_secret=None)
    add_passkey(library, add_user(library, "keyed"))
    add_passkey(library, add_user(library, "spare", is_active=False), is_active=False)

    html = text_of(operator_client, f"/core/user/?{query}")

    assert {*re.findall(r'class="record-link"[^>]*>([^<]+)<', html)} == names


# --- A user's page


def test_a_users_page_tells_what_belongs_to_the_user(
    operator_client: Client, library: Library
) -> None:
    pk = add_user(library, "mira", is_otp=True, otp_secret="SYNTHETICSECRET")
    other = add_user(library, "tobi")
    key = add_passkey(library, pk, name="Security key", transports="usb,nfc")
    add_passkey(library, other, name="not mine")
    setting = add_setting(library, "mira", "Layout", "compact")
    add_setting(library, "tobi", "Dashboard")

    html = text_of(operator_client, f"/core/user/{pk}/change/")

    words = words_of(html)
    assert "Password set One-time codes set up, but a passkey is asked for" in words
    assert "Passkeys asked for" in words
    assert "Security key" in words
    assert "never used · usb,nfc" in words
    assert "Layout 9 characters" in words
    assert "not mine" not in words
    assert f"/core/passkey/{key}/delete/" in html
    assert f"/core/userconfig/{setting}/change/" in html
    assert "synthetic-credential" not in html
    assert "SYNTHETICSECRET" not in html
    assert HASH not in html


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"hashed_password": None}, "nobody can sign in with one"),
        ({"hashed_password": "pbkdf2_x$1"}, "format MoviePilot cannot read"),
        ({"is_otp": True, "otp_secret": ""}, "there is no secret"),
        ({"is_active": False}, "disabled"),
    ],
    ids=["no-password", "foreign-hash", "no-secret", "disabled"],
)
def test_a_users_page_tells_why_the_user_cannot_sign_in(
    operator_client: Client, sqlite_library: Library, values: dict, told: str
) -> None:
    pk = add_user(sqlite_library, "mira", **values)

    assert told in text_of(operator_client, f"/core/user/{pk}/change/")


def test_who_is_no_administrator_may_only_look(
    client_as: Callable[[Role], Client], library: Library
) -> None:
    pk = add_user(library, "mira", permissions='{"search": true}')
    key = add_passkey(library, pk)
    add_orphan(library, pk + 3, credential_id="synthetic-credential-9")
    before = library.dump()
    for role in (Role.VIEWER, Role.OPERATOR, Role.SITE_KEEPER):
        client = client_as(role)

        html = text_of(client, f"/core/user/{pk}/change/")

        assert "user-passkeys" in html
        for address in (f"passkey/{key}/delete/", "/rescue/", "operator/"):
            assert address not in html[html.index("<main") :], (role, address)
        assert client.get("/core/user/add/").status_code == 403
        dropped = client.post("/core/user/add/", {"drop-passkeys": "1"})
        assert dropped.status_code == 403
    assert library.dump() == before


# --- A new user


def test_a_new_user_can_sign_in_and_is_taken_back(
    operator_client: Client, library: Library
) -> None:
    add_user(library, "mira")
    before = library.dump()

    form = new_user(operator_client)

    user = User.objects.get_by_name("yuki")
    assert form.page.status_code == 302
    assert verify_password(PASSWORD, user.hashed_password)
    assert user.hashed_password.startswith("$2b$12$")
    assert (user.is_active, user.is_superuser, user.is_otp) == (True, False, False)
    assert [*user.permissions.items()] == [
        ("discovery", True),
        ("search", True),
        ("subscribe", True),
        ("manage", False),
    ]
    assert user.settings == {}
    [change_set] = ChangeSet.objects.all()
    assert (change_set.kind, change_set.changed) == ("create", 1)
    undo(change_set)
    assert library.dump() == before


def test_permissions_and_settings_of_a_new_user_are_chosen(
    operator_client: Client, library: Library
) -> None:
    form = add_form(operator_client)
    form["name"] = "yuki"
    form.untick("permissions-member-search")
    form["permissions-member-manage"] = "on"
    form["settings-member-telegram_userid"] = "700042"

    operator_client.post(
        form.url,
        {**form.values, "password": PASSWORD, "password-again": PASSWORD},
    )

    user = User.objects.get_by_name("yuki")
    assert user.permissions == {
        "discovery": True,
        "search": False,
        "subscribe": True,
        "manage": True,
    }
    assert user.settings == {"telegram_userid": "700042"}


@pytest.mark.parametrize(
    ("typed", "again", "told"),
    [
        ("", "", "at least 8 characters"),
        ("short-1", "short-1", "at least 8 characters"),
        (PASSWORD, "synthetic-other-1", "not the same"),
        ("x" * 73, "x" * 73, "longer than 72 bytes"),
        ("密" * 25, "密" * 25, "longer than 72 bytes"),
        ("synthetic\0-1", "synthetic\0-1", "NUL"),
    ],
    ids=["none", "short", "different", "long", "long-chinese", "nul"],
)
def test_a_password_that_cannot_be_kept_is_refused(
    operator_client: Client, sqlite_library: Library, typed: str, again: str, told: str
) -> None:
    form = new_user(operator_client, **{"password": typed, "password-again": again})

    html = form.page.content.decode()
    assert told in html
    assert not typed or f'value="{typed}' not in html
    assert 'name="field-name" value="yuki"' in html
    assert not User.objects.list()
    assert not ChangeSet.objects.exists()


def test_a_password_is_not_sent_back_when_something_else_is_wrong(
    operator_client: Client, library: Library
) -> None:
    add_user(library, "mira")
    before = library.dump()

    form = new_user(operator_client, "mira")

    html = form.page.content.decode()
    assert "has the same name" in html
    assert "Type it again" in html
    assert PASSWORD not in html
    assert library.dump() == before


# --- Renaming, disabling, deleting


def test_settings_follow_a_renamed_user_and_come_back(
    operator_client: Client, library: Library
) -> None:
    pk = add_user(library, "mira")
    add_setting(library, "mira", "Layout")
    add_setting(library, "mira", "Dashboard")
    add_setting(library, "tobi", "Layout")
    before = library.dump()
    form = form_of(operator_client, User, pk)
    assert "they follow when it is changed" in form.page.content.decode()
    form["name"] = "Mira W"

    form.save()

    assert len(UserConfig.objects.of_user("Mira W").sizes()) == 2
    page = text_of(operator_client, f"/core/user/{pk}/change/")
    assert "2 other records have been changed with it" in page
    undo_all()
    assert library.dump() == before


def test_a_user_is_disabled(operator_client: Client, library: Library) -> None:
    add_user(library, "root", is_superuser=True)
    pk = add_user(library, "mira")
    before = library.dump()
    form = form_of(operator_client, User, pk)
    form["is_active"] = "0"

    form.save()

    assert User.objects.find(pk).is_active is False
    undo_all()
    assert library.dump() == before


@pytest.mark.parametrize("along", [[], ["settings"]], ids=["kept", "with-settings"])
def test_passkeys_go_with_a_deleted_user_and_settings_if_wanted(
    operator_client: Client, library: Library, along: list[str]
) -> None:
    add_user(library, "root", is_superuser=True)
    pk = add_user(library, "mira")
    add_passkey(library, pk)
    add_setting(library, "mira", "Layout")
    before = library.dump()
    url = f"/core/user/{pk}/delete/"
    question = text_of(operator_client, url)
    assert 'name="along"' in question

    operator_client.post(url, {"along": along} if along else {})

    assert User.objects.find(pk) is None
    assert not PassKey.objects.list()
    assert UserConfig.objects.get_queryset().exists() is not bool(along)
    undo_all()
    assert library.dump() == before


# --- Other shapes of the schema


def test_an_upgraded_or_moved_database_has_all_pages(
    operator_client: Client, library: Library
) -> None:
    is_sqlite = library.vendor == "sqlite"
    (shapes.make_upgraded if is_sqlite else shapes.make_moved)(library)
    pk = add_user(library, "mira")
    key = add_passkey(library, pk)
    setting = add_setting(library, "mira", "Layout")
    add_orphan(library, pk + 5, credential_id="synthetic-credential-9")
    for page in (
        "/core/user/?locked_out=0&with_passkeys=1",
        f"/core/user/{pk}/change/",
        "/core/user/add/",
        "/core/passkey/",
        "/core/passkey/?orphans=1",
        f"/core/passkey/{key}/change/",
        "/core/userconfig/?orphans=0",
        f"/core/userconfig/{setting}/change/",
    ):
        text_of(operator_client, page)
    form = new_user(operator_client)
    assert form.page.status_code == 302
