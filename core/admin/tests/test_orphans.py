"""Passkeys and settings whose user is gone: seen, filtered, deleted, not inherited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from core.admin.tests.people import add_orphan, add_passkey, add_setting, add_user
from core.admin.tests.test_accounts_pages import new_user, text_of, undo_all, words_of
from core.changes import ChangeSet
from core.models import PassKey, User, UserConfig
from core.schema import forget_columns

if TYPE_CHECKING:
    from django.test import Client

    from core.tests.support.libraries import Library, SQLiteLibrary

WARNING = "waits for a new owner"


def shown(html: str) -> set[str]:
    return {*re.findall(r'class="record-link"[^>]*>([^<]+)<', html)}


# --- Lists


def test_passkeys_without_a_user_are_told_and_shown_alone(
    operator_client: Client, library: Library
) -> None:
    pk = add_user(library, "mira")
    add_passkey(library, pk, name="mine")
    add_orphan(library, pk + 1, name="left", credential_id="synthetic-2")
    add_orphan(library, pk + 7, name="behind", credential_id="synthetic-3")

    every = text_of(operator_client, "/core/passkey/")
    orphans = text_of(operator_client, "/core/passkey/?orphans=1")
    owned = text_of(operator_client, "/core/passkey/?orphans=0")

    assert "2 passkeys belong to users that do not exist" in every
    assert 'href="/core/passkey/?orphans=1"' in every
    assert f"nobody (id {pk + 1})" in words_of(every)
    assert shown(every) == {"mine", "left", "behind"}
    assert shown(orphans) == {"left", "behind"}
    assert "that do not exist" not in orphans
    assert "Without a user" in orphans
    assert shown(owned) == {"mine"}
    assert "mira" in owned


def test_settings_of_names_that_nobody_has_are_told_and_shown_alone(
    operator_client: Client, library: Library
) -> None:
    add_user(library, "mira")
    add_setting(library, "mira", "Layout")
    lost = add_setting(library, "Mira", "Dashboard")

    every = text_of(operator_client, "/core/userconfig/")

    assert "1 setting belongs to a name that no user has" in every
    orphans = text_of(operator_client, "/core/userconfig/?orphans=1")
    assert shown(orphans) == {"Dashboard"}
    record = text_of(operator_client, f"/core/userconfig/{lost}/change/")
    assert "No user is named “Mira”" in record


def test_nothing_is_said_where_everybody_has_an_owner(
    operator_client: Client, library: Library
) -> None:
    add_passkey(library, add_user(library, "mira"))
    add_setting(library, "mira", "Layout")

    assert "do not exist" not in text_of(operator_client, "/core/passkey/")
    assert "no user has" not in text_of(operator_client, "/core/userconfig/")
    assert "Without a user" not in text_of(operator_client, "/").split("<main")[1]


def test_the_home_page_counts_both(operator_client: Client, library: Library) -> None:
    add_orphan(library, 12)
    add_setting(library, "nobody", "Layout")

    html = text_of(operator_client, "/")

    assert 'href="/core/passkey/?orphans=1">Passkeys without a user' in html
    assert 'href="/core/userconfig/?orphans=1">Settings without a user' in html


def test_orphans_are_deleted_from_the_list_and_come_back(
    operator_client: Client, library: Library
) -> None:
    pk = add_user(library, "mira")
    kept = add_passkey(library, pk)
    for number in (1, 2):
        add_orphan(library, pk + number, credential_id=f"synthetic-{number}")
    before = library.dump()
    url = "/core/passkey/bulk/?orphans=1"

    page = operator_client.post(url, {"all": "1", "do": "delete"}, follow=True)
    token_url = page.redirect_chain[-1][0]
    operator_client.post(token_url, {"reason": "", "count": "2"}, follow=True)

    assert [key.pk for key in PassKey.objects.list()] == [kept]
    undo_all()
    assert library.dump() == before


@pytest.mark.parametrize("owner", ["abc", b"\x05", 2**62, 5.5, -1])
def test_anything_may_stand_for_a_user_on_sqlite(
    operator_client: Client, sqlite_library: SQLiteLibrary, owner: object
) -> None:
    add_user(sqlite_library, "mira")
    pk = add_passkey(sqlite_library, owner)

    assert "phone" in text_of(operator_client, "/core/passkey/")
    assert shown(text_of(operator_client, "/core/passkey/?orphans=1")) == {"phone"}
    text_of(operator_client, f"/core/passkey/{pk}/change/")
    text_of(operator_client, "/core/user/add/")


def test_lists_work_where_there_are_no_users_at_all(
    operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    add_passkey(sqlite_library, 3)
    setting = add_setting(sqlite_library, "mira", "Layout")
    sqlite_library.execute('DROP TABLE "user"')
    forget_columns()

    assert "nobody (id 3)" in words_of(text_of(operator_client, "/core/passkey/"))
    text_of(operator_client, "/core/userconfig/")
    text_of(operator_client, f"/core/userconfig/{setting}/change/")
    page = operator_client.get("/core/passkey/?orphans=1")
    assert page.status_code == 400
    assert operator_client.get("/").status_code == 200


# --- Inheriting


def test_a_new_user_would_inherit_and_the_form_says_so_first(
    operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    pk = add_user(sqlite_library, "mira")
    mine = add_passkey(sqlite_library, pk)
    add_user(sqlite_library, "gone")
    sqlite_library.execute('DELETE FROM "user" WHERE name = ?', "gone")
    add_orphan(sqlite_library, pk + 1, credential_id="synthetic-2")
    before = sqlite_library.dump()

    html = text_of(operator_client, "/core/user/add/")
    assert WARNING in html
    assert f"the next user gets {pk + 1}" in html
    page = operator_client.post("/core/user/add/", {"drop-passkeys": "1"}, follow=True)

    assert "Deleted 1 passkey" in page.content.decode()
    assert WARNING not in page.content.decode()
    assert [key.pk for key in PassKey.objects.list()] == [mine]
    undo_all()
    assert sqlite_library.dump() == before


def test_a_user_who_has_inherited_is_told_after(
    operator_client: Client, library: Library
) -> None:
    pk = add_user(library, "mira")
    add_orphan(library, pk + 1)

    form = new_user(operator_client)
    page = operator_client.get(form.page["Location"]).content.decode()

    assert User.objects.get_by_name("yuki").pk == pk + 1
    assert "inherited 1 passkey" in page
    assert f'href="/core/passkey/?user={pk + 1}"' in page


def test_passkeys_of_lower_ids_are_nobodys_inheritance(
    operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    add_user(sqlite_library, "first")
    add_user(sqlite_library, "last")
    sqlite_library.execute('DELETE FROM "user" WHERE name = ?', "first")
    add_orphan(sqlite_library, 1)

    assert WARNING not in text_of(operator_client, "/core/user/add/")
    form = new_user(operator_client)
    page = operator_client.get(form.page["Location"]).content.decode()
    assert "inherited" not in page


def test_dropping_is_for_who_may_delete_passkeys(
    client: Client, operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    from django.contrib.auth.models import Permission

    from core.tests.support.people import client_of, make_operator

    add_orphan(sqlite_library, 1)
    clerk = make_operator("clerk", None)
    clerk.is_staff = True
    clerk.save()
    names = ["view_user", "add_user", "view_passkey"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    clerk_client = client_of(clerk)

    html = text_of(clerk_client, "/core/user/add/")
    dropped = clerk_client.post("/core/user/add/", {"drop-passkeys": "1"})

    assert WARNING in html
    assert "Delete these passkeys first" not in html
    assert dropped.status_code == 403
    assert len(PassKey.objects.list()) == 1
    assert not ChangeSet.objects.exists()


def test_settings_are_left_to_the_next_of_the_name_only_on_purpose(
    operator_client: Client, library: Library
) -> None:
    add_setting(library, "yuki", "Layout")

    new_user(operator_client)

    assert UserConfig.objects.get_queryset().exists()
    pk = User.objects.get_by_name("yuki").pk
    assert "Layout" in text_of(operator_client, f"/core/user/{pk}/change/")
