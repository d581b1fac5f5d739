"""The page of the audit log, which nobody can edit."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core.admin.audit_words import DEEDS, LABELS, facts
from core.models import AuditEvent
from core.models.audit import AuditKind
from core.roles import Role
from core.tests.support.routes import routes

PAGE = "/audit/"


def record(kind=AuditKind.REVEAL, subject="site.cookie 1", by=None, **detail):
    return AuditEvent.objects.record(kind, subject, by=by, **detail)


def listed(client, **query) -> list[str]:
    response = client.get(PAGE, query)
    assert response.status_code == 200
    return [row["event"].subject for row in response.context["rows"]]


def test_the_newest_come_first(operator_client, sqlite_library):
    for number in range(60):
        record(subject=f"s{number}")

    assert listed(operator_client) == [f"s{n}" for n in reversed(range(10, 60))]


def test_the_log_is_filtered(operator_client, operator, sqlite_library):
    record(AuditKind.ROLE, "by olivia", by=operator)
    record(AuditKind.EXPORT, "by the system")

    assert listed(operator_client, kind="role") == ["by olivia"]
    assert listed(operator_client, operator=operator.pk) == ["by olivia"]
    assert listed(operator_client, operator="system") == ["by the system"]
    assert listed(operator_client, subject="THE SYS") == ["by the system"]
    assert listed(operator_client, **{"from": "2001-01-01", "to": "2001-01-02"}) == []


@pytest.mark.parametrize(
    "query",
    [{"operator": "x"}, {"from": "soon"}, {"after": "broken"}, {"subject": "a\0b"}],
    ids=str,
)
def test_a_filter_that_cannot_be_used_is_told(operator_client, sqlite_library, query):
    page = operator_client.get(PAGE, query).content.decode()

    assert "This filter cannot be used" in page


def test_only_who_may_sees_it(client_as, sqlite_library):
    answers = [client_as(role).get(PAGE).status_code for role in Role]

    assert answers == [403, 403, 403, 200]


def test_nothing_writes_to_it(operator_client, sqlite_library):
    event = record()
    before = AuditEvent.objects.values().get()

    for method in ("post", "put", "patch", "delete"):
        assert getattr(operator_client, method)(PAGE).status_code == 405

    assert AuditEvent.objects.values().get() == before
    assert not admin.site.is_registered(apps.get_model("core", "auditevent"))
    assert [each.name for each in routes() if "audit" in each.name] == ["admin:audit"]
    assert operator_client.get(f"{PAGE}{event.pk}/").status_code == 404


def test_hostile_details_are_text(operator_client, sqlite_library):
    hostile = "<script>alert(1)</script>"
    record(subject=hostile, **{hostile: [hostile, {hostile: hostile}]})

    page = operator_client.get(PAGE).content.decode()

    assert hostile not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_page_costs_the_same_however_long_the_log_is(operator_client, sqlite_library):
    def queries() -> list[str]:
        with CaptureQueriesContext(connections["default"]) as context:
            operator_client.get(PAGE, {"kind": "reveal"})
        return [each["sql"] for each in context.captured_queries]

    record()
    few = queries()
    for _ in range(200):
        record()
    many = queries()

    assert len(few) == len(many)
    assert not any("COUNT(" in sql or "DISTINCT" in sql for sql in many)


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        (
            {"before": "", "after": "Viewer"},
            [("Before → after", "no role → Viewer")],
        ),
        ({"done": "password set"}, [("Done", "password set")]),
        ({"actions": ["clear-otp"]}, [("Actions", "turn one-time codes off")]),
        ({"email": ["", "a@b.example"]}, [("Email address", "– → a@b.example")]),
        ({"is_active": [True, False]}, [("Active", "Yes → No")]),
        (
            {"selection": {"model": "sites.site", "ids": [1, 2]}},
            [("Selection", "Sites: 2 selected records")],
        ),
        (
            {"selection": {"model": "sites.site", "ids": None, "filter": {"pri": "1"},
                           "q": "x"}},
            [("Selection", "Sites: pri = 1, search: x")],
        ),
        (
            {"selection": {"model": "no.such", "filter": {}, "q": ""}},
            [("Selection", "no.such: all records")],
        ),
        ({"count": 12345, "undoes": 12345},
         [("Records", "12,345"), ("Undoes the change", "12345")]),
        ({"new_key": {"a": None}}, [("New key", "A: –")]),
        ({"names": []}, []),
        ({}, []),
        (["odd"], [("Details", "odd")]),
    ],
)  # fmt: skip
def test_details_are_told_in_words(detail, words):
    with translation.override("en"):
        assert facts(detail) == words


def test_every_label_is_one():
    with translation.override("en"):
        assert all(map(str, [*LABELS.values(), *DEEDS.values()]))
