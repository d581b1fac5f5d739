"""The code after the password."""

import time

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from core import secrets
from core.auth import pending
from core.auth.accounts import Refusal
from core.auth.tests.support import (
    BACK,
    CODE,
    HOME,
    LOCAL_PASSWORD,
    LOGIN,
    MANAGER,
    PASSWORD,
    SECRET,
    add_coded_user,
    add_passkey,
    change_mark,
    code,
    hashed,
    is_signed_in,
    make_local,
    outcomes,
    send_code,
    sign_in,
    told,
)
from core.models import Operator, OperatorPassKey, Outcome
from core.startup.databases import bound
from mpadmin import attach


def is_pending(client):
    return pending.KEY in client.session


def wrong_code():
    right = {code(steps) for steps in range(-2, 3)}
    return next(text for text in map("{:06}".format, range(10)) if text not in right)


# --- The second step


def test_a_right_password_leads_to_the_code(library, client):
    add_coded_user(library)
    before = library.dump()
    client.get(LOGIN)
    session = client.session
    session.save()
    first = session.session_key

    response = sign_in(client, next="/changes/")

    assert response["Location"] == CODE
    assert is_pending(client)
    assert not is_signed_in(client)
    assert client.session.session_key != first
    assert client.get("/changes/").status_code == 302
    response = client.get(CODE)
    assert "no-store" in response["Cache-Control"]
    assert 'inputmode="numeric"' in told(response)
    assert 'autocomplete="one-time-code"' in told(response)
    assert outcomes() == [Outcome.PASSWORD_RIGHT]
    assert library.dump() == before


def test_the_code_signs_in(library, client):
    add_coded_user(library)
    sign_in(client, next="/changes/")
    pending_key = client.session.session_key
    right = code()

    response = send_code(client, f" {right[:3]} {right[3:]} ")

    assert response["Location"] == "/changes/"
    assert is_signed_in(client)
    assert not is_pending(client)
    assert client.session.session_key != pending_key
    assert outcomes() == [Outcome.PASSWORD_RIGHT, Outcome.SUCCESS]
    assert Operator.objects.get().totp_step is not None


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_watch_may_be_a_little_wrong(sqlite_library, client, steps):
    add_coded_user(sqlite_library)
    sign_in(client)

    send_code(client, code(steps))

    assert is_signed_in(client)


def test_a_code_is_accepted_once(library, client):
    add_coded_user(library)
    used = code()
    sign_in(client)
    send_code(client, used)
    other = Client()

    sign_in(other)
    response = send_code(other, used)

    assert not is_signed_in(other)
    assert "was used before" in told(response)
    assert outcomes()[-1] == Outcome.WRONG_CODE
    send_code(other, code(1))
    assert is_signed_in(other)


def test_after_five_wrong_codes_one_starts_again(library, client):
    add_coded_user(library)
    sign_in(client)
    for _number in range(4):
        assert "This code is wrong" in told(send_code(client, wrong_code()))

    response = send_code(client, wrong_code())

    assert response["Location"] == LOGIN
    assert not is_pending(client)
    assert "Too many wrong codes" in told(client.get(LOGIN))
    assert send_code(client, code())["Location"] == LOGIN
    assert not is_signed_in(client)
    assert outcomes() == [Outcome.PASSWORD_RIGHT, *[Outcome.WRONG_CODE] * 5]


def test_wrong_codes_of_new_sessions_count_too(library, client, no_time_passes):
    add_coded_user(library)
    for _number in range(5):
        client.logout()
        sign_in(client)
        send_code(client, wrong_code())
    client.logout()

    assert sign_in(client).status_code == 429


def test_too_many_codes_are_refused_unseen(library, client, no_time_passes):
    add_coded_user(library)
    sign_in(client)
    for _number in range(5):
        send_code(Client(), "")  # nobody's: does not count
    for _number in range(5):
        sign_in(Client(), password="wrong")

    response = send_code(client, code())

    assert response.status_code == 429
    assert response["Retry-After"] == "1"
    assert "Too many attempts" in response.content.decode()
    assert is_pending(client)


def test_no_code_is_not_looked_at(library, client):
    add_coded_user(library)
    sign_in(client)

    assert "Enter a code" in told(send_code(client, "  "))
    assert outcomes() == [Outcome.PASSWORD_RIGHT]


def test_the_password_counts_for_five_minutes(library, client):
    add_coded_user(library)
    sign_in(client)
    change_mark(client, begun_at=time.time() - pending.LIVES)

    assert send_code(client, code())["Location"] == LOGIN
    assert not is_pending(client)
    assert not is_signed_in(client)


@pytest.mark.parametrize("kept", [None, 1, "x", [], {}, {"operator": 1, "more": 2}])
def test_a_mark_of_another_version_is_dropped(console, client, kept):
    session = client.session
    session[pending.KEY] = kept
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key

    assert client.get(CODE)["Location"] == LOGIN


def test_without_a_password_there_is_no_code(library, client):
    add_coded_user(library)

    assert client.get(CODE)["Location"] == LOGIN
    assert send_code(client, code())["Location"] == LOGIN
    assert not is_signed_in(client)


def test_the_way_back_forgets_the_password(library, client):
    add_coded_user(library)
    sign_in(client)

    assert client.get(BACK).status_code == 405
    assert is_pending(client)
    assert client.post(BACK)["Location"] == LOGIN
    assert not is_pending(client)


def test_the_session_holds_neither_password_nor_code(library, client):
    add_coded_user(library)
    sign_in(client)
    page = told(client.get(CODE))

    kept = page + str(dict(client.session))
    assert PASSWORD not in kept
    assert SECRET not in kept
    assert "$2" not in kept


def test_a_pending_sign_in_leaves_who_is_signed_in(library, operator_client, operator):
    add_coded_user(library)

    sign_in(operator_client)

    assert operator_client.session["_auth_user_id"] == str(operator.pk)
    send_code(operator_client, code())
    signed_in = Operator.objects.get(pk=operator_client.session["_auth_user_id"])
    assert signed_in.username == "mila"


@pytest.mark.parametrize(
    ("change", "logged"),
    [
        ({"is_active": False}, [Outcome.INACTIVE]),
        ({"is_superuser": False}, [Outcome.NO_ROLE]),
        ({"is_superuser": False, "permissions": MANAGER}, [Outcome.NO_ROLE]),
        ({"hashed_password": hashed("another")}, [Outcome.WRONG]),
        # Here no code is looked at.
        ({"name": "nora"}, []),
        ({"is_otp": False}, []),
    ],
    ids=["disabled", "demoted", "another-role", "password", "renamed", "no-codes"],
)
def test_who_has_changed_since_the_password_starts_again(
    library, client, change, logged
):
    pk = add_coded_user(library)
    sign_in(client)

    library.update("user", pk, **change)

    assert send_code(client, code())["Location"] == LOGIN
    assert not is_signed_in(client)
    assert not is_pending(client)
    assert "has just changed" in told(client.get(LOGIN))
    assert outcomes() == [Outcome.PASSWORD_RIGHT, *logged]


def test_an_operator_disabled_since_the_password_starts_again(library, client):
    add_coded_user(library)
    sign_in(client)

    Operator.objects.update(is_active=False)

    assert send_code(client, code())["Location"] == LOGIN
    assert not is_signed_in(client)


@pytest.mark.parametrize("stored", [None, "", "not base32!"])
def test_without_a_secret_no_code_is_right(library, client, stored):
    add_coded_user(library, otp_secret=stored)
    sign_in(client)

    assert "manage.py rescue NAME --clear-otp" in told(client.get(CODE))
    for typed in ("000000", code(), "", code(secret=SECRET)):
        assert "manage.py rescue NAME" in told(send_code(client, typed))
    assert not is_signed_in(client)


def test_codes_are_asked_for_whatever_stands_there_but_false(sqlite_library, client):
    add_coded_user(sqlite_library, is_otp="false")

    assert sign_in(client)["Location"] == CODE


@pytest.mark.parametrize("is_otp", [False, True])
def test_an_active_passkey_is_asked_for_alone(library, client, is_otp):
    pk = add_coded_user(library, is_otp=is_otp)
    key = add_passkey(library, pk)

    assert sign_in(client)["Location"] == reverse("admin:login_passkey")
    assert send_code(client, code())["Location"] == reverse("admin:login_passkey")
    assert not is_signed_in(client)

    library.update("passkey", key, is_active=False)
    client.logout()
    response = sign_in(client)
    assert response["Location"] == (CODE if is_otp else HOME)


def test_without_moviepilots_database_there_is_no_second_step(
    sqlite_library, client, tmp_path
):
    add_coded_user(sqlite_library)
    sign_in(client)
    missing = attach.sqlite(tmp_path / "no" / "user.db", settings.MOVIEPILOT_TZ)

    with bound("moviepilot", missing):
        assert send_code(client, code())["Location"] == LOGIN
        assert escape(str(Refusal.UNREACHABLE.label)) in told(client.get(LOGIN))
    assert not is_signed_in(client)


# --- Local operators


def test_a_local_operators_code_is_asked_for(library, client):
    operator = make_local(totp_secret=secrets.encrypt(SECRET))

    assert sign_in(client, "lee", LOCAL_PASSWORD)["Location"] == CODE
    assert "Use a passkey" not in told(client.get(CODE))
    assert "This code is wrong" in told(send_code(client, wrong_code()))
    assert not is_signed_in(client)
    send_code(client, code())

    assert client.session["_auth_user_id"] == str(operator.pk)
    assert outcomes() == [
        Outcome.PASSWORD_RIGHT,
        Outcome.WRONG_CODE,
        Outcome.SUCCESS,
    ]


def test_a_local_operator_may_choose_between_code_and_passkey(console, client):
    operator = make_local(totp_secret=secrets.encrypt(SECRET))
    OperatorPassKey.objects.create(
        operator=operator, credential_id="c", public_key="k", name="key"
    )

    response = sign_in(client, "lee", LOCAL_PASSWORD)

    assert response["Location"] == reverse("admin:login_passkey")
    assert f'href="{reverse("admin:login_passkey")}"' in told(client.get(CODE))
    send_code(client, code())
    assert is_signed_in(client)


def test_a_secret_of_another_key_lets_nobody_in(console, client):
    make_local(totp_secret="gAAAAAsynthetic")
    sign_in(client, "lee", LOCAL_PASSWORD)

    assert "SECRET_KEY_FALLBACKS" in told(send_code(client, code()))
    assert not is_signed_in(client)


def test_a_local_operator_with_another_password_starts_again(console, client):
    operator = make_local(totp_secret=secrets.encrypt(SECRET))
    sign_in(client, "lee", LOCAL_PASSWORD)

    operator.set_password("synthetic-Local-2")
    operator.save()

    assert send_code(client, code())["Location"] == LOGIN
    assert not is_signed_in(client)
