"""The sign-in log."""

from __future__ import annotations

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.admin.browsers import browser
from core.auth.signin_log import key_of, network_of
from core.models import Outcome, SignIn
from core.roles import Role
from core.tests.support.live import PASSWORD

PAGE = "/sign-ins/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def add(name="ada", outcome=Outcome.WRONG, address="192.0.2.1", **more) -> SignIn:
    return SignIn.objects.create(
        name=name,
        name_key=key_of(name),
        address=address,
        network=network_of(address),
        outcome=outcome,
        **more,
    )


def listed(client, **query) -> list[str]:
    response = client.get(PAGE, query)
    assert response.status_code == 200
    return [row["attempt"].name for row in response.context["rows"]]


def test_what_happens_at_the_sign_in_page_is_on_it(sqlite_library, operator):
    client = Client(REMOTE_ADDR="2001:db8::7", headers={"user-agent": FIREFOX})
    for password in ("synthetic-wrong", PASSWORD):
        client.post("/login/", {"username": "olivia", "password": password})

    response = client.get(PAGE)
    page = response.content.decode()

    outcomes = [row["attempt"].outcome for row in response.context["rows"]]
    assert outcomes == [Outcome.SUCCESS, Outcome.WRONG]
    assert "2001:db8::7" in page
    assert "Firefox 140 · Linux" in page
    assert PASSWORD not in page


def test_the_newest_come_first_and_pages_follow(operator_client, sqlite_library):
    for number in range(120):
        add(f"n{number}")

    first = operator_client.get(PAGE)
    second = operator_client.get(f"{PAGE}{first.context['page_urls']['next']}")
    last = operator_client.get(f"{PAGE}{first.context['page_urls']['last']}")

    names = [
        [row["attempt"].name for row in page.context["rows"]]
        for page in (first, second, last)
    ]
    newest = [f"n{number}" for number in reversed(range(120))]
    assert names == [newest[:50], newest[50:100], newest[70:]]


def test_the_log_is_filtered(operator_client, operator, sqlite_library):
    add("ada", operator=operator, outcome=Outcome.SUCCESS)
    add("ben", address="2001:db8::1")
    add("cleo", outcome=Outcome.THROTTLED)

    assert listed(operator_client, name="ben") == ["ben"]
    assert listed(operator_client, name="BEN") == []
    assert listed(operator_client, outcome="throttled") == ["cleo"]
    assert listed(operator_client, operator=operator.pk) == ["ada"]
    assert listed(operator_client, address="2001:DB8:0::1") == ["ben"]
    assert listed(operator_client, address="192.0.2.1", outcome="success") == ["ada"]
    assert listed(operator_client, to="2001-01-01") == []
    assert len(listed(operator_client, **{"from": "2001-01-01"})) == 3


def test_a_name_that_no_account_has_can_be_asked_for(operator_client, sqlite_library):
    client = Client()
    client.post("/login/", {"username": "nobody-here", "password": "synthetic"})

    response = operator_client.get(PAGE, {"name": "nobody-here"})

    assert [row["attempt"].name for row in response.context["rows"]] == [""]
    assert "no account's name" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"operator": "x"},
        {"operator": "9" * 30},
        {"address": "nowhere"},
        {"from": "soon"},
        {"to": "9999-12-31"},
        {"name": "a\0b"},
        {"after": "broken"},
        {"outcome": "no-such"},
    ],
    ids=str,
)
def test_a_filter_that_cannot_be_used_is_told(operator_client, sqlite_library, query):
    add()

    response = operator_client.get(PAGE, query)

    assert response.status_code == 200


def test_only_who_may_sees_it(client_as, client, sqlite_library):
    answers = {role: client_as(role).get(PAGE).status_code for role in Role}

    assert answers == {
        Role.VIEWER: 403,
        Role.OPERATOR: 403,
        Role.SITE_KEEPER: 403,
        Role.ADMINISTRATOR: 200,
    }
    assert client.get(PAGE)["Location"] == f"/login/?next={PAGE}"


def test_it_is_only_read(operator_client, sqlite_library):
    assert operator_client.post(PAGE).status_code == 405
    assert reverse("admin:signins") == PAGE


def test_a_page_costs_the_same_however_long_the_log_is(operator_client, sqlite_library):
    def queries() -> list[str]:
        with CaptureQueriesContext(connections["default"]) as context:
            operator_client.get(PAGE, {"outcome": "wrong"})
        return [each["sql"] for each in context.captured_queries]

    add()
    few = queries()
    for _ in range(200):
        add()
    many = queries()

    assert len(few) == len(many)
    assert not any("COUNT(" in sql or "DISTINCT" in sql for sql in many)


WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
AGENTS = {
    FIREFOX: "Firefox 140 · Linux",
    f"{WINDOWS} Chrome/140.0.0.0 Safari/537.36": "Chrome 140 · Windows",
    f"{WINDOWS} Chrome/140.0.0.0 Safari/537.36 Edg/140.0": "Edge 140 · Windows",
    f"{PHONE} Version/18.0 Mobile/15E148 Safari/604.1": "Safari 18 · iOS",
    "curl/8.5.0": "curl/8.5.0",
    "": "",
    "<script>" * 20: f"{('<script>' * 20)[:60]}…",
}


def test_a_browser_is_told_in_few_words():
    assert {agent: browser(agent) for agent in AGENTS} == AGENTS
