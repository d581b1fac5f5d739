"""Signing in: who may, who may not, and what they are told."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connections
from django.urls import reverse
from django.utils.html import escape

from core import roles
from core.auth.accounts import Refusal
from core.auth.backend import MoviePilotBackend
from core.auth.tests.support import (
    BACKEND,
    MANAGER,
    PASSWORD,
    add_user,
    hashed,
    is_signed_in,
    outcomes,
    prepare,
    reason,
    refusal,
    sign_in,
)
from core.models import Operator, OperatorSession, Outcome
from core.roles import Role
from core.startup.databases import bound
from mpadmin import attach

# --- Who may


def test_a_superuser_signs_in_and_becomes_an_operator(library, client):
    pk = add_user(library)
    before = library.dump()

    response = sign_in(client)

    operator = Operator.objects.get()
    assert response.status_code == 302
    assert client.session["_auth_user_backend"] == BACKEND
    assert (operator.moviepilot_id, operator.moviepilot_name) == (pk, "mila")
    assert (operator.username, operator.role) == ("mila", Role.ADMINISTRATOR)
    assert (operator.is_staff, operator.is_superuser) == (True, False)
    assert [*operator.groups.all()] == [Group.objects.get(name=Role.ADMINISTRATOR)]
    assert not operator.has_usable_password()
    assert library.dump() == before


def test_the_second_sign_in_finds_the_same_operator(library, client):
    add_user(library)
    sign_in(client)
    Operator.objects.update(language="zh-hans")

    client.logout()
    sign_in(client)

    assert Operator.objects.get().language == "zh-hans"
    assert is_signed_in(client)


@pytest.mark.parametrize("name", ["张三", " mila ", "ﬁn", "O'Brien; --", "%", "İ"])
def test_a_name_is_taken_exactly(sqlite_library, client, name):
    add_user(sqlite_library, name)

    sign_in(client, name)

    assert Operator.objects.get().username == name


@pytest.mark.parametrize("name", ["Mila", "mila ", "MILA", "mil_", "mila\0", ""])
def test_another_spelling_is_another_name(library, client, name):
    add_user(library)

    sign_in(client, name)

    assert not is_signed_in(client)
    assert not Operator.objects.exists()


def test_names_that_differ_by_case_are_two_operators(library, client):
    add_user(library, "mila")
    add_user(library, "Mila", hashed_password=hashed("other"))

    sign_in(client, "mila")
    sign_in(client, "Mila", "other")

    assert {*Operator.objects.values_list("username", flat=True)} == {"mila", "Mila"}


def test_a_user_made_anew_keeps_the_operator_of_the_name(library, client):
    first = add_user(library)
    sign_in(client)
    second = add_user(library, "someone else")
    library.execute('DELETE FROM "user" WHERE id = ?', first)
    library.update("user", second, name="mila")

    sign_in(client)

    assert Operator.objects.get().moviepilot_id == second


def test_a_user_who_inherited_an_id_is_another_operator(library, client):
    pk = add_user(library)
    sign_in(client)
    library.update("user", pk, name="nora")

    sign_in(client, "nora")

    names = Operator.objects.order_by("pk").values_list("username", flat=True)
    assert [*names] == ["mila", "nora"]


# --- Who may not


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"is_active": False}, Refusal.INACTIVE),
        ({"is_active": None}, Refusal.INACTIVE),
        ({"is_superuser": False}, Refusal.NO_ROLE),
        ({"is_superuser": None}, Refusal.NO_ROLE),
        ({"name": "n" * 151}, Refusal.NAME),
    ],
)
def test_the_holder_of_the_password_is_told_why(library, values, why, rf):
    name = values.get("name", "mila")
    add_user(library, **{"name": name, **values})
    request = rf.post("/")

    assert authenticate(request, username=name, password=PASSWORD) is None
    assert (request.refusal, request.outcome) == (why, Outcome(why.value))
    assert not Operator.objects.exists()


def test_the_page_shows_the_reason(library, client):
    add_user(library, is_superuser=False)

    response = sign_in(client)

    assert escape(str(Refusal.NO_ROLE.label)) in response.content.decode()
    assert reason(response) == Refusal.NO_ROLE


@pytest.mark.parametrize(
    "values", [{"is_active": False}, {"is_superuser": False}, {"is_otp": True}]
)
def test_nobody_else_is_told_why(library, client, values):
    add_user(library, **values)

    assert refusal(client, password="wrong") == "invalid_login"


def test_a_database_of_before_passkeys_has_none(library, client):
    add_user(library)
    library.execute("DROP TABLE passkey")

    sign_in(client)

    assert is_signed_in(client)


def test_one_of_two_users_of_a_name_is_refused(library, client):
    add_user(library)
    add_user(library)

    assert refusal(client) == Refusal.DUPLICATE
    assert refusal(client, password="wrong") == "invalid_login"
    assert outcomes() == [Outcome.DUPLICATE] * 2


@pytest.mark.parametrize("stored", [None, "", "not-a-hash", "pbkdf2_sha256$1$a$b"])
def test_an_unreadable_hash_refuses_politely(library, client, stored):
    add_user(library, hashed_password=stored)

    assert refusal(client) == "invalid_login"
    assert refusal(client, password="not-a-hash") == "invalid_login"


# --- Local operators


def test_a_local_operator_signs_in_with_the_local_password(library, client):
    Operator.objects.create_superuser("mila", password="synthetic-Local-1")
    add_user(library)

    assert refusal(client) == Refusal.LOCAL
    sign_in(client, "mila", "synthetic-Local-1")

    assert is_signed_in(client)
    assert Operator.objects.get().moviepilot_id is None


def test_an_operator_disabled_here_stays_out(library, client):
    add_user(library)
    sign_in(client)
    Operator.objects.update(is_active=False)
    client.logout()

    assert refusal(client) == Refusal.DISABLED


def test_a_local_account_without_staff_rights_is_refused(library, client):
    Operator.objects.create_user("lee", password=PASSWORD)

    assert refusal(client, "lee") == Refusal.NO_ROLE
    assert refusal(client, "lee", "wrong") == "invalid_login"
    assert outcomes() == [Outcome.NO_ROLE, Outcome.WRONG]


def test_local_operators_sign_in_without_moviepilots_database(
    sqlite_library, client, tmp_path
):
    add_user(sqlite_library)
    Operator.objects.create_superuser("lee", password=PASSWORD)
    missing = attach.sqlite(tmp_path / "no" / "user.db", settings.MOVIEPILOT_TZ)

    with bound("moviepilot", missing):
        assert refusal(client, "mila") == Refusal.UNREACHABLE
        sign_in(client, "lee")

        assert is_signed_in(client)


@pytest.mark.parametrize(
    "given",
    [{"superuser": True}, {"superuser": False}],
    ids=["superuser", "another"],
)
def test_a_local_password_of_a_linked_operator_does_not_do(library, client, given):
    pk = add_user(library, is_superuser=given["superuser"])
    operator = prepare(pk, Role.VIEWER)
    operator.set_password("synthetic-Local-1")
    operator.save()

    assert refusal(client, "mila", "synthetic-Local-1") == "invalid_login"
    sign_in(client)

    assert is_signed_in(client)
    assert not Operator.objects.get().has_usable_password()


def test_djangos_own_commands_make_a_local_operator(
    sqlite_library, client, monkeypatch
):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "synthetic-Local-1")
    call_command("createsuperuser", username="lee", email="", interactive=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "synthetic-Local-2")

    sign_in(client, "lee", "synthetic-Local-1")
    assert is_signed_in(client)
    call_command("changepassword", "lee")
    client.logout()
    sign_in(client, "lee", "synthetic-Local-2")

    operator = Operator.objects.get()
    assert is_signed_in(client)
    assert (operator.is_superuser, operator.is_staff) == (True, True)


# --- Afterwards


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"is_superuser": False},
        {"is_superuser": None},
        {"is_superuser": False, "permissions": MANAGER},
        {"name": "nora"},
        {"hashed_password": hashed("another")},
    ],
)
def test_who_is_demoted_loses_access_at_once(library, client, change):
    known = {"is_active": True, "is_superuser": True, "hashed_password": hashed()}
    pk = add_user(library, **known)
    sign_in(client)
    assert client.get(reverse("admin:core_changeset_changelist")).status_code == 200

    library.update("user", pk, **change)

    response = client.get(reverse("admin:core_changeset_changelist"))
    assert response.status_code == 302
    assert reverse("admin:login") in response["Location"]

    library.update("user", pk, name="mila", **known)
    assert not is_signed_in(client)  # a session that has ended stays ended


def test_a_given_role_ends_when_it_is_taken(library):
    pk = add_user(library)
    prepare(pk, Role.VIEWER)
    operator = MoviePilotBackend().authenticate(None, "mila", PASSWORD)
    library.update("user", pk, is_superuser=False)
    assert MoviePilotBackend().get_user(operator.pk) == operator

    roles.give(operator, None)
    assert MoviePilotBackend().get_user(operator.pk) is None
    roles.give(operator, Role.VIEWER)
    library.update("user", pk, is_active=False)
    assert MoviePilotBackend().get_user(operator.pk) is None


def test_a_deleted_user_loses_access_at_once(library):
    pk = add_user(library)
    operator = MoviePilotBackend().authenticate(None, "mila", PASSWORD)
    assert MoviePilotBackend().get_user(operator.pk) == operator

    library.execute('DELETE FROM "user" WHERE id = ?', pk)

    assert MoviePilotBackend().get_user(operator.pk) is None


def test_checking_again_asks_moviepilot_once(library, django_assert_num_queries):
    add_user(library)
    operator = MoviePilotBackend().authenticate(None, "mila", PASSWORD)

    # SQLite is asked whether its columns are the same, too.
    asked = 2 if library.vendor == "sqlite" else 1
    with django_assert_num_queries(asked, connection=connections["moviepilot"]):
        MoviePilotBackend().get_user(operator.pk)


def test_without_moviepilots_database_nobody_linked_stays_in(sqlite_library, tmp_path):
    add_user(sqlite_library)
    operator = MoviePilotBackend().authenticate(None, "mila", PASSWORD)
    missing = attach.sqlite(tmp_path / "no" / "user.db", settings.MOVIEPILOT_TZ)

    with bound("moviepilot", missing):
        assert MoviePilotBackend().get_user(operator.pk) is None


def test_the_password_is_kept_nowhere(library, client, console, caplog):
    add_user(library)

    sign_in(client, password="wrong-" + PASSWORD)
    sign_in(client)

    kept = console.read_bytes() + Path(f"{console}-wal").read_bytes()
    assert PASSWORD.encode() not in kept
    assert all(
        PASSWORD not in str(s.get_decoded()) for s in OperatorSession.objects.all()
    )
    assert PASSWORD not in caplog.text


def test_pages_want_a_sign_in(library, client):
    for name in ("core_changeset_changelist", "index"):
        response = client.get(reverse(f"admin:{name}"))
        assert response.status_code == 302
