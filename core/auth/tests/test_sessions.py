"""Sessions: whose they are, when they end, and that an ended one stays ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.auth import sessions
from core.auth.sessions import SessionStore, end_all, end_one, row_key, sessions_of
from core.models import Operator, OperatorSession
from core.roles import Role
from core.tests.support.live import PASSWORD
from core.tests.support.people import client_of, make_operator

HOME = "/"
SIGN_IN = "/login/"


def row_of(client: Client) -> OperatorSession:
    return OperatorSession.objects.get(pk=row_key(client.session.session_key))


def age(client: Client, **columns: timedelta) -> None:
    """Move these times of the client's session back."""
    row = row_of(client)
    changed = {name: getattr(row, name) - by for name, by in columns.items()}
    OperatorSession.objects.filter(pk=row.pk).update(**changed)


def is_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def writes(context: CaptureQueriesContext) -> list[str]:
    begun = ("INSERT", "UPDATE", "DELETE")
    return [
        each["sql"] for each in context.captured_queries
        if each["sql"].startswith(begun)
    ]  # fmt: skip


def test_a_session_knows_whose_it_is_and_from_where(operator, sqlite_library):
    client = Client(REMOTE_ADDR="192.0.2.7", headers={"user-agent": "Synthetic/1.0"})

    client.post(SIGN_IN, {"username": operator.username, "password": PASSWORD})

    row = row_of(client)
    assert (row.operator, row.address, row.agent) == (
        operator,
        "192.0.2.7",
        "Synthetic/1.0",
    )
    assert timezone.now() - row.started_at < timedelta(minutes=1)
    assert row.expire_date - row.seen_at == timedelta(minutes=120)


def test_the_key_itself_is_nowhere_kept(operator_client):
    key = operator_client.session.session_key

    kept = [*OperatorSession.objects.values_list("pk", "session_data")]

    assert len(kept) == 1
    assert all(key not in text for text in kept[0])


def test_signing_in_renews_the_session_and_the_csrf_token(operator, sqlite_library):
    client = Client(enforce_csrf_checks=True)
    anonymous = client.session
    anonymous["something"] = "kept by an attacker"
    anonymous.save()
    client.cookies["mpadmin_session"] = anonymous.session_key
    client.get(SIGN_IN)
    token = client.cookies["mpadmin_csrf"].value

    client.post(
        SIGN_IN,
        {
            "username": operator.username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": token,
        },
    )

    assert is_in(client)
    assert client.session.session_key != anonymous.session_key
    assert not anonymous.exists(anonymous.session_key)
    assert client.cookies["mpadmin_csrf"].value != token


def test_signing_in_again_begins_another_session(operator_client, operator):
    age(operator_client, started_at=timedelta(hours=20))
    before = operator_client.session.session_key

    operator_client.force_login(operator, "django.contrib.auth.backends.ModelBackend")

    assert operator_client.session.session_key != before
    assert OperatorSession.objects.count() == 1
    assert timezone.now() - row_of(operator_client).started_at < timedelta(minutes=1)


def test_a_session_that_is_not_used_ends(operator_client, sqlite_library):
    OperatorSession.objects.update(expire_date=timezone.now())

    response = operator_client.get("/core/user/")

    assert response["Location"] == f"{SIGN_IN}?next=/core/user/"


def test_a_session_in_use_is_written_down_once_a_minute(
    operator_client, sqlite_library
):
    operator_client.get(HOME)
    with CaptureQueriesContext(connections["default"]) as soon:
        operator_client.get(HOME)
    age(operator_client, seen_at=timedelta(minutes=1), expire_date=timedelta(minutes=1))
    before = row_of(operator_client)
    with CaptureQueriesContext(connections["default"]) as later:
        operator_client.get(HOME)

    after = row_of(operator_client)
    assert writes(soon) == []
    assert len(writes(later)) == 1
    assert after.seen_at - before.seen_at >= timedelta(minutes=1)
    assert after.expire_date - after.seen_at == timedelta(minutes=120)


def test_use_does_not_put_off_the_absolute_end(operator_client, sqlite_library):
    by = timedelta(hours=23, minutes=59)
    age(operator_client, started_at=by, seen_at=timedelta(minutes=5))

    operator_client.get(HOME)

    row = row_of(operator_client)
    assert row.expire_date == row.started_at + timedelta(hours=24)
    assert row.expire_date - timezone.now() < timedelta(minutes=1)


def test_a_page_left_open_does_not_keep_its_session_alive(
    operator_client, sqlite_library
):
    age(operator_client, seen_at=timedelta(minutes=5))
    before = row_of(operator_client).seen_at

    operator_client.get(reverse("admin:core_changeset_progress", args=[1]))
    operator_client.get(reverse("admin:core_user_count"))

    assert row_of(operator_client).seen_at == before


def test_a_part_asked_for_without_a_session_has_the_page_loaded_anew(sqlite_library):
    address = reverse("admin:core_changeset_progress", args=[1])

    response = Client().get(address, headers={"hx-request": "true"})

    assert response["HX-Refresh"] == "true"
    assert response.content == b""


def test_an_ended_session_stays_ended_though_a_request_still_holds_it(
    operator_client, operator
):
    held = SessionStore(operator_client.session.session_key)
    assert held[SESSION_KEY] == str(operator.pk)
    held.about.seen_at -= timedelta(hours=1)
    end_all(operator)

    held.touch()
    held["something"] = "new"
    with pytest.raises(UpdateError):
        held.save()
    with pytest.raises(SessionInterrupted):
        held.cycle_key()

    assert OperatorSession.objects.count() == 0


def test_a_page_that_loses_its_session_meanwhile_leads_to_the_sign_in_page(
    operator_client, operator, sqlite_library, settings
):
    # Written on every request, and ended while the second one is being answered.
    settings.SESSION_SAVE_EVERY_REQUEST = True
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "core.auth.tests.test_sessions.EndsSessions",
    ]
    client = client_of(operator)

    response = client.get("/core/user/?q=x")

    assert response.status_code == 302
    assert response["Location"] == f"{SIGN_IN}?next=/core/user/%3Fq%3Dx"
    assert client.cookies["mpadmin_session"].value == ""
    assert OperatorSession.objects.count() == 0


class EndsSessions:
    """Middleware of the test above: somebody ends all sessions at that moment."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        OperatorSession.objects.all().delete()
        return response


def test_ending_all_spares_the_one_that_is_named(operator):
    here, there = client_of(operator), client_of(operator)
    other = client_of(make_operator("otto", Role.VIEWER))

    ended = end_all(operator, except_key=here.session.session_key)

    assert ended == 1
    assert {row.operator.username for row in OperatorSession.objects.all()} == {
        "olivia",
        "otto",
    }
    assert SESSION_KEY in here.session
    assert SESSION_KEY not in there.session
    assert SESSION_KEY in other.session


def test_nobody_ends_a_session_of_somebody_else(operator):
    other = client_of(make_operator("otto", Role.VIEWER))

    assert not end_one(operator, row_of(other).pk)
    assert SESSION_KEY in other.session


def test_only_running_sessions_are_listed(operator):
    client_of(operator)
    ended = client_of(operator)
    age(ended, expire_date=timedelta(days=1))

    assert sessions_of(operator).count() == 1


def test_ended_sessions_are_cleared_away_in_small_batches(operator, monkeypatch):
    monkeypatch.setattr(sessions, "BATCH", 3)
    past = timezone.now() - timedelta(days=1)
    OperatorSession.objects.bulk_create(
        OperatorSession(session_key=f"ended-{n}", expire_date=past) for n in range(7)
    )

    client = client_of(operator)
    after_sign_in = OperatorSession.objects.count()
    SessionStore.clear_expired()

    assert after_sign_in == 7 - 3 + 1
    assert [row.pk for row in OperatorSession.objects.all()] == [row_of(client).pk]


def test_a_session_costs_one_query(operator_client):
    key = operator_client.session.session_key

    with CaptureQueriesContext(connections["default"]) as context:
        assert SESSION_KEY in SessionStore(key)

    assert len(context) == 1


def test_a_changed_password_ends_the_other_sessions(operator, sqlite_library):
    here, there = client_of(operator), client_of(operator)
    new = "synthetic-Pass-2"

    here.post(
        reverse("admin:password_change"),
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )

    assert [row.pk for row in OperatorSession.objects.all()] == [row_of(here).pk]
    assert is_in(here)
    assert not is_in(there)


@pytest.mark.parametrize("key", ["", "short", "x" * 5000, "no\0thing1", "\xe9" * 20])
def test_any_cookie_is_answered(sqlite_library, key):
    client = Client()
    client.cookies["mpadmin_session"] = key

    assert client.get(HOME).status_code == 302


def test_a_session_of_an_operator_who_is_gone_is_not_kept_for_ever(operator):
    store = SessionStore()
    store[SESSION_KEY] = str(operator.pk)
    store.save()
    gone = Operator.objects.filter(pk=operator.pk)

    gone.delete()

    assert OperatorSession.objects.count() == 0
