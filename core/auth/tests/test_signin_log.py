"""The sign-in log: what stands in it, and what need not."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.auth import signin_log, throttle
from core.auth.tests.support import (
    ELSEWHERE,
    HERE,
    add_coded_user,
    add_user,
    code,
    is_signed_in,
    outcomes,
    request_from,
    send_code,
    sign_in,
    tried,
)
from core.models import Operator, Outcome, SignIn
from core.startup.databases import bound
from mpadmin import attach

pytestmark = pytest.mark.usefixtures("no_time_passes")


def test_the_log_says_who_when_and_from_where(library, client):
    pk = add_user(library)

    client.post(
        "/login/",
        {"username": "mila", "password": "synthetic-Word-7"},
        HTTP_USER_AGENT="synthetic browser",
        REMOTE_ADDR="2001:db8::7",
    )

    row = SignIn.objects.get()
    assert (row.outcome, row.name, row.agent) == (
        Outcome.SUCCESS,
        "mila",
        "synthetic browser",
    )
    assert (row.address, row.network) == ("2001:db8::7", "2001:db8::/64")
    assert row.operator.moviepilot_id == pk
    assert timezone.now() - row.created_at < timedelta(minutes=1)


def test_only_names_that_exist_are_kept_in_clear(library, client):
    add_user(library, "mila", is_active=False)
    Operator.objects.create_user("lee", password="synthetic-Local-1")

    for name in ("mila", "lee", "synthetic-Word-7", "Mila", "mila "):
        sign_in(client, name, "wrong")

    names = SignIn.objects.order_by("pk").values_list("name", flat=True)
    assert [*names] == ["mila", "lee", "", "", ""]


def test_throttled_attempts_are_logged_once_a_minute(console):
    tried(count=15)

    for _number in range(3):
        with pytest.raises(throttle.TooMany):
            throttle.begin(request_from(), "mila")
    assert outcomes().count(Outcome.THROTTLED) == 1

    throttled = SignIn.objects.filter(outcome=Outcome.THROTTLED)
    throttled.update(created_at=timezone.now() - timedelta(seconds=61))
    with pytest.raises(throttle.TooMany):
        throttle.begin(request_from(), "mila")
    assert outcomes().count(Outcome.THROTTLED) == 2


def test_new_names_from_a_throttled_network_do_not_fill_the_log(console):
    for number in range(40):
        tried(f"name {number}")

    for number in range(10):
        with pytest.raises(throttle.TooMany):
            throttle.begin(request_from(), f"another name {number}")

    assert outcomes().count(Outcome.THROTTLED) == 1


def test_rows_of_long_ago_go_some_at_a_time(console, monkeypatch):
    monkeypatch.setattr(signin_log, "PRUNED_AT_ONCE", 3)
    monkeypatch.setattr(signin_log, "PRUNE_EVERY", 1)
    tried(count=5, outcome=Outcome.SUCCESS)
    tried(count=1, outcome=Outcome.SUCCESS)
    SignIn.objects.update(created_at=timezone.now() - timedelta(days=401))
    SignIn.objects.filter(pk=SignIn.objects.latest("pk").pk).update(
        created_at=timezone.now() - timedelta(days=399)
    )

    signin_log.attempt(request_from(), "mila")
    assert SignIn.objects.count() == 7 - 3
    signin_log.attempt(request_from(), "mila")
    assert SignIn.objects.count() == 5 - 2


def test_a_sign_in_asks_little_of_the_consoles_database(
    library, client, django_assert_max_num_queries
):
    add_user(library)
    tried("mila", address="127.0.0.1", count=4)

    with django_assert_max_num_queries(16):
        sign_in(client, password="wrong")
    tried("mila", address="127.0.0.1", count=9)
    with django_assert_max_num_queries(9):
        assert sign_in(client, password="wrong").status_code == 429


# --- Every oddity

ODD = [
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "x" * 2**20,
    "\u202e",
    "'; --",
    "%s%(a)s{}",
    "\x1b[0m",
    "\U0010ffff",
    "é" * 300,
    "<script>",
]


@pytest.fixture(params=["sqlite", "postgresql"])
def any_console(request, console, tmp_path):
    """The console's own database can be either."""
    if request.param == "sqlite":
        yield
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"console_{uuid.uuid4().hex}"
    server.create(name)
    login = server.login(name)
    address = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**login)
    try:
        with bound("default", attach.console(address, tmp_path)):
            call_command("migrate", database="default", verbosity=0)
            yield
    finally:
        server.drop(name)


def test_guesses_at_the_same_moment_count(any_console):
    Operator.objects.create_user("mila")

    def guess(_number):
        try:
            return throttle.begin(request_from(), "mila")
        except throttle.TooMany:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        begun = [row for row in pool.map(guess, range(24)) if row]

    assert 1 <= len(begun) <= throttle.FREE_OF_A_NAME
    rows = SignIn.objects.exclude(outcome=Outcome.THROTTLED)
    assert {row.pk for row in rows} == {row.pk for row in begun}


def test_either_console_signs_in(any_console, sqlite_library, client):
    add_coded_user(sqlite_library)

    sign_in(client)
    send_code(client, code())

    assert is_signed_in(client)
    assert client.get("/").status_code == 200
    assert outcomes() == [Outcome.PASSWORD_RIGHT, Outcome.SUCCESS]


def test_an_odd_name_is_a_wrong_one(any_console, sqlite_library, client):
    for number, name in enumerate(ODD):
        client.defaults["REMOTE_ADDR"] = f"203.0.113.{number}"
        if name.isascii() or name.isprintable():
            assert sign_in(client, name).status_code == 200
        else:  # a test client cannot send half a surrogate pair
            tried(name)
        tried(name, address=ELSEWHERE, count=5, ago=3600)

        assert throttle.wait_of_name(name, HERE) == 2

    assert SignIn.objects.count() == 6 * len(ODD)
    assert SignIn.objects.filter(name="").count() == 6 * len(ODD)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.text(st.characters(codec=None, exclude_categories=())),
    agent=st.text(st.characters(codec=None, exclude_categories=())),
    address=st.text(max_size=60) | st.ip_addresses().map(str),
)
def test_whatever_is_sent_can_be_logged(console, name, agent, address):
    request = request_from()
    request.META.update(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)

    row = signin_log.attempt(request, name)
    signin_log.finish(row, Outcome.WRONG)

    assert SignIn.objects.get(pk=row.pk).name_key == signin_log.key_of(name)
    assert throttle.wait(name, signin_log.address_of(request)) >= 0
    SignIn.objects.all().delete()
