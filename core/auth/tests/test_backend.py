"""Signing in: who may, who may not, and what they are told."""

import lzma
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import bcrypt
import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils.html import escape

from core.auth.backend import MoviePilotBackend, Refusal
from core.auth.passwords import verify_password
from core.models import Operator
from core.startup.databases import bound
from mpadmin import attach

PASSWORD = "synthetic-Word-7"
BACKEND = "core.auth.backend.MoviePilotBackend"
SHARED = settings.BASE_DIR.parent / "shared" / "data"


def hashed(password=PASSWORD, ident=b"$2b$"):
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4))
    return (ident + made[4:]).decode()


def add_user(library, name="mila", **values):
    values = {"is_active": True, "is_superuser": True, **values}
    values.setdefault("hashed_password", hashed())
    return library.insert("user", name=name, **values)


def sign_in(client, name="mila", password=PASSWORD):
    form = {"username": name, "password": password, "next": "/"}
    return client.post(reverse("admin:login"), form)


def is_signed_in(client):
    return "_auth_user_id" in client.session


def reason(response):
    assert response.status_code == 200
    (error,) = response.context["form"].non_field_errors().as_data()
    return error.code


def backend_says(client, name="mila", password=PASSWORD):
    return reason(sign_in(client, name, password))


# --- Passwords


@pytest.mark.parametrize("ident", [b"$2a$", b"$2b$", b"$2y$"])
@pytest.mark.parametrize(
    "password", [PASSWORD, "пароль🔑", "密码", "", " x ", "y" * 100]
)
def test_a_bcrypt_hash_of_any_ident_verifies(ident, password):
    assert verify_password(password, hashed(password, ident))
    assert not verify_password(password[:60] + "!", hashed(password, ident))


def test_a_password_counts_up_to_72_bytes():
    stored = hashed("x1-" + "y" * 80)

    assert verify_password("x1-" + "y" * 69, stored)
    assert verify_password("x1-" + "y" * 200, stored)
    assert not verify_password("x1-" + "y" * 68, stored)


def test_another_cost_verifies():
    stored = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(6)).decode()

    assert verify_password(PASSWORD, stored)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "",
        "not-a-hash",
        "pbkdf2_sha256$1$salt$hash",
        "bcrypt$$2b$12$" + "x" * 53,
        "$2b$99$" + "x" * 53,
        "$2b$12$" + "!" * 53,
        "$2x$04$" + "x" * 53,
        "$2b$04$short",
        "$2b$٠٤$" + "x" * 53,
    ],
)
def test_a_hash_of_another_kind_is_a_wrong_password(stored):
    assert not verify_password(PASSWORD, stored)


@pytest.mark.parametrize("password", ["a\0b", "\0", "\ud800"])
def test_an_impossible_password_is_a_wrong_one(password):
    assert not verify_password(password, hashed("a"))


def test_what_is_refused_takes_as_long_as_a_wrong_password():
    stored = bcrypt.hashpw(b"x", bcrypt.gensalt(12)).decode()
    verify_password("warm up", None)

    def seconds(password, stored):
        started = time.process_time()
        verify_password(password, stored)
        return time.process_time() - started

    wrong = seconds("wrong", stored)
    assert seconds("wrong", None) > wrong / 2
    assert seconds("wrong", "not-a-hash") > wrong / 2
    assert seconds("wr\0ng", stored) > wrong / 2


# --- Who may


def test_a_superuser_signs_in_and_becomes_an_operator(library, client):
    pk = add_user(library)
    before = library.dump()

    response = sign_in(client)

    operator = Operator.objects.get()
    assert response.status_code == 302
    assert client.session["_auth_user_backend"] == BACKEND
    assert (operator.moviepilot_id, operator.moviepilot_name) == (pk, "mila")
    assert (operator.username, operator.is_staff, operator.is_superuser) == (
        ("mila", True, True)
    )
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
    ("values", "refusal"),
    [
        ({"is_active": False}, Refusal.INACTIVE),
        ({"is_active": None}, Refusal.INACTIVE),
        ({"is_superuser": False}, Refusal.NOT_SUPERUSER),
        ({"is_superuser": None}, Refusal.NOT_SUPERUSER),
        ({"is_otp": True}, Refusal.SECOND_FACTOR),
        ({"name": "n" * 151}, Refusal.NAME),
    ],
)
def test_the_holder_of_the_password_is_told_why(library, values, refusal, rf):
    name = values.get("name", "mila")
    add_user(library, **{"name": name, **values})
    request = rf.post("/")

    assert authenticate(request, username=name, password=PASSWORD) is None
    assert request.refusal == refusal
    assert not Operator.objects.exists()


def test_the_page_shows_the_reason(library, client):
    add_user(library, is_superuser=False)

    response = sign_in(client)

    assert escape(str(Refusal.NOT_SUPERUSER.label)) in response.content.decode()
    assert reason(response) == Refusal.NOT_SUPERUSER


@pytest.mark.parametrize(
    "values", [{"is_active": False}, {"is_superuser": False}, {"is_otp": True}]
)
def test_nobody_else_is_told_why(library, client, values):
    add_user(library, **values)

    assert backend_says(client, password="wrong") == "invalid_login"


def test_an_active_passkey_is_a_second_factor(library, client):
    pk = add_user(library)
    key = library.insert(
        "passkey", user_id=pk, credential_id="c", public_key="k", is_active=True
    )

    assert backend_says(client) == Refusal.SECOND_FACTOR
    library.update("passkey", key, is_active=False)
    sign_in(client)
    assert is_signed_in(client)


def test_a_database_of_before_passkeys_has_none(library, client):
    add_user(library)
    library.execute("DROP TABLE passkey")

    sign_in(client)

    assert is_signed_in(client)


def test_one_of_two_users_of_a_name_is_refused(library, client):
    add_user(library)
    add_user(library)

    assert backend_says(client) == Refusal.DUPLICATE
    assert backend_says(client, password="wrong") == "invalid_login"


@pytest.mark.parametrize("stored", [None, "", "not-a-hash", "pbkdf2_sha256$1$a$b"])
def test_an_unreadable_hash_refuses_politely(library, client, stored):
    add_user(library, hashed_password=stored)

    assert backend_says(client) == "invalid_login"
    assert backend_says(client, password="not-a-hash") == "invalid_login"


# --- Local operators


def test_a_local_operator_signs_in_with_the_local_password(library, client):
    Operator.objects.create_superuser("mila", password="synthetic-Local-1")
    add_user(library)

    assert backend_says(client) == Refusal.LOCAL
    sign_in(client, "mila", "synthetic-Local-1")

    assert is_signed_in(client)
    assert Operator.objects.get().moviepilot_id is None


def test_an_operator_disabled_here_stays_out(library, client):
    add_user(library)
    sign_in(client)
    Operator.objects.update(is_active=False)
    client.logout()

    assert backend_says(client) == Refusal.DISABLED_HERE


def test_a_local_account_without_staff_rights_is_refused(library, client):
    Operator.objects.create_user("lee", password=PASSWORD)

    assert backend_says(client, "lee") == "invalid_login"


def test_local_operators_sign_in_without_moviepilots_database(
    sqlite_library, client, tmp_path
):
    add_user(sqlite_library)
    Operator.objects.create_superuser("lee", password=PASSWORD)
    missing = attach.sqlite(tmp_path / "no" / "user.db", settings.MOVIEPILOT_TZ)

    with bound("moviepilot", missing):
        assert backend_says(client, "mila") == Refusal.UNREACHABLE
        sign_in(client, "lee")

        assert is_signed_in(client)


# --- Afterwards


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"is_superuser": False},
        {"is_superuser": None},
        {"name": "nora"},
        {"hashed_password": hashed("another")},
    ],
)
def test_who_is_demoted_loses_access_at_once(library, client, change):
    pk = add_user(library)
    sign_in(client)
    assert client.get(reverse("admin:core_changeset_changelist")).status_code == 200

    library.update("user", pk, **change)

    response = client.get(reverse("admin:core_changeset_changelist"))
    assert response.status_code == 302
    assert reverse("admin:login") in response["Location"]


def test_a_deleted_user_loses_access_at_once(library):
    pk = add_user(library)
    operator = MoviePilotBackend().authenticate(None, "mila", PASSWORD)
    assert MoviePilotBackend().get_user(operator.pk) == operator

    library.execute('DELETE FROM "user" WHERE id = ?', pk)

    assert MoviePilotBackend().get_user(operator.pk) is None


def test_checking_again_asks_moviepilot_once(library, django_assert_num_queries):
    add_user(library)
    operator = MoviePilotBackend().authenticate(None, "mila", PASSWORD)

    from django.db import connections

    with django_assert_num_queries(1, connection=connections["moviepilot"]):
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
    assert all(PASSWORD not in str(s.get_decoded()) for s in Session.objects.all())
    assert PASSWORD not in caplog.text


def test_pages_want_a_sign_in(library, client):
    for name in ("core_changeset_changelist", "index"):
        response = client.get(reverse(f"admin:{name}"))
        assert response.status_code == 302


# --- Real databases

OPEN = {
    "admin": "Admin-Pass-123",
    "superadmin": "Admin-Pass-123",
    "张三": "密码-Pass-123",
    "unicode": "пароль🔑-1",
    "longpw": "x1-" + "y" * 80,
    "ident2a": "Ident-Pass-123",
    "ident2y": "Ident-Pass-123",
}
CLOSED = {
    "otpuser": "Otp-Pass-123",
    "passkeyuser": "Passkey-Pass-123",
    "otppasskey": "Both-Pass-123",
    "disabled": "Disabled-Pass-123",
    "normal": "Normal-Pass-123",
    "Normal": "CaseDiff-Pass-123",
    "manager": "Manager-Pass-123",
    "dupname": "Ident-Pass-123",
    "nopassword": "x",
    "emptypassword": "",
    "brokenhash": "not-a-hash",
}


@pytest.fixture(params=["mp_2_2_7", "mp_2_1_6_upgraded_2_2_7"])
def real_users(request, console, tmp_path):
    """The superusers of a real installation, where its database is at hand."""
    packed = SHARED / f"{request.param}.sqlite.xz"
    if not packed.exists():
        pytest.skip(f"{packed.name} is not here")
    path = tmp_path / "real.db"
    path.write_bytes(lzma.decompress(packed.read_bytes()))
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name FROM user WHERE is_superuser = 1")
        names = {name for (name,) in rows}
    with bound("moviepilot", attach.sqlite(path, settings.MOVIEPILOT_TZ)):
        yield names


def test_logins_of_a_real_database(real_users, rf):
    for name, password in OPEN.items():
        operator = authenticate(rf.post("/"), username=name, password=password)
        assert (operator is not None) == (name in real_users), name
    for name, password in CLOSED.items():
        assert authenticate(rf.post("/"), username=name, password=password) is None
