"""Every role at every address with every method: what it is answered, and that nothing
is written by those who may not.

What is expected stands in TABLE_RULES and RULES, by a page's name; the pages are found
by walking the URL configuration, and one without a rule fails.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from core.admin.tests import awkward
from core.roles import Role, permissions_of
from core.tests.support.people import client_of, make_operator
from core.tests.support.routes import NOWHERE, prepare, routes

if TYPE_CHECKING:
    from django.http import HttpResponse

    from core.models import Operator
    from core.models.base import Record
    from core.tests.support.libraries import Library, Value
    from core.tests.support.routes import Route, World

METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST")
"""In this order, so that what is read is there yet."""
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
READ = frozenset({"GET", "HEAD"})
BOTH = READ | {"POST"}
POST = frozenset({"POST"})


class Answer(Enum):
    """What a request comes to."""

    OK = "answered"
    SIGN_IN = "sent to sign in"
    FORBIDDEN = "forbidden"
    NO_METHOD = "not with this method"
    NOT_FOUND = "not found"


class Who(Enum):
    """Those who are no operators of any role."""

    ANONYMOUS = "anonymous"
    NO_ROLE = "no role"


Needs = Callable[[Set[str], str, str], bool]
"""(permissions held, app, table) → whether they are enough"""


def on(*actions: str) -> Needs:
    """All of these, on the page's table."""
    wanted = {"view", *actions}
    return lambda held, app, table: {f"{app}.{a}_{table}" for a in wanted} <= held


def holding(*names: str) -> Needs:
    """All of these, whatever the table."""
    return lambda held, _app, _table: {*names} <= held


def every(*needs: Needs) -> Needs:
    """All of them."""
    return lambda *given: all(each(*given) for each in needs)


def either(*needs: Needs) -> Needs:
    """One of them."""
    return lambda *given: any(each(*given) for each in needs)


@dataclass(frozen=True)
class Rule:
    """What a page takes, and what for."""

    methods: Set[str]
    needs: Needs
    """To read, and to post where nothing else is said."""
    needs_to_post: Needs | None = None
    answer: Answer = Answer.OK
    """What those are answered who may."""
    posted: Answer | None = None
    """The same for what is posted, where it is another: of an empty form."""
    open_to_all: Answer | None = None
    """What those are answered who are not signed in, where they are not just sent to
    sign in.
    """


IMPORT = every(holding("core.import_records"), on("change"))
EXPORT = every(holding("core.export_records"), on("view"))
CHANGES = every(holding("core.view_changeset"), on("view"))
UNDO = every(CHANGES, holding("core.undo_own_changeset"), on("change"))
CACHE = holding("core.clear_caches")
SOMETHING = holding()

TABLE_RULES: dict[str, Rule] = {
    "changelist": Rule(READ, on("view")),
    "count": Rule(READ, on("view")),
    "add": Rule(BOTH, on("add")),
    "change": Rule(BOTH, on("view"), on("change")),
    "delete": Rule(BOTH, on("delete")),
    "history": Rule(READ, CHANGES),
    # Without an entry there is nothing to restore; with one: test_permissions.
    "restore": Rule(BOTH, either(on("change"), on("add")), answer=Answer.NOT_FOUND),
    "bulk": Rule(POST, either(on("change"), on("delete"), EXPORT)),
    "bulk_edit": Rule(BOTH, on("change")),
    "import": Rule(BOTH, IMPORT),
    "import_map": Rule(BOTH, IMPORT),
    "import_preview": Rule(BOTH, every(IMPORT, on("add"))),
    "import_errors": Rule(READ, IMPORT),
    "export_list": Rule(BOTH, EXPORT),
    "export": Rule(BOTH, EXPORT),
    "clear": Rule(BOTH, on("delete")),
    "rescue": Rule(BOTH, every(holding("core.rescue_user"), on("change"))),
    # Which secret is not said.
    "reveal": Rule(BOTH, on("view"), on("reveal"), posted=Answer.NOT_FOUND),
}
"""By what a table calls its page."""

RULES: dict[str, Rule] = {
    "theme": Rule(POST, SOMETHING, open_to_all=Answer.OK),
    "set_language": Rule(POST, SOMETHING, open_to_all=Answer.OK),
    "admin:index": Rule(READ, SOMETHING),
    "admin:login": Rule(BOTH, SOMETHING, open_to_all=Answer.OK),
    # Nobody has given a password.
    "admin:login_code": Rule(BOTH, SOMETHING, open_to_all=Answer.SIGN_IN),
    "admin:login_passkey": Rule(BOTH, SOMETHING, open_to_all=Answer.SIGN_IN),
    "admin:login_back": Rule(POST, SOMETHING, open_to_all=Answer.SIGN_IN),
    # Django's own; they take PUT for POST, and tell their methods.
    "admin:logout": Rule(POST | {"OPTIONS"}, SOMETHING),
    "admin:password_change": Rule(BOTH | {"PUT", "OPTIONS"}, SOMETHING),
    "admin:password_change_done": Rule(READ | {"OPTIONS"}, SOMETHING),
    "admin:cache": Rule(READ, CACHE),
    "admin:cache_clear": Rule(BOTH, CACHE),
    "admin:remap": Rule(BOTH, holding("core.change_subscribe")),
    "admin:remap_plan": Rule(BOTH, holding("core.change_subscribe")),
    "admin:core_plan_preview": Rule(BOTH, holding("core.change_message")),
    "admin:own_account": Rule(READ, SOMETHING),
    "admin:own_codes": Rule(BOTH, SOMETHING),
    "admin:own_codes_off": Rule(BOTH, SOMETHING),
    "admin:own_passkey_add": Rule(BOTH, SOMETHING),
    "admin:own_passkey": Rule(BOTH, SOMETHING),
    "admin:own_passkey_remove": Rule(BOTH, SOMETHING),
    "admin:own_session_end": Rule(POST, SOMETHING),
    "admin:own_sessions_end": Rule(POST, SOMETHING, answer=Answer.SIGN_IN),
    "admin:signins": Rule(READ, holding("core.view_signin")),
    "admin:audit": Rule(READ, holding("core.view_auditevent")),
    "admin:prune": Rule(BOTH, holding("core.prune_changeset")),
    "admin:core_operator_changelist": Rule(READ, holding("core.view_operator")),
    "admin:core_operator_add": Rule(BOTH, holding("core.add_operator")),
    "admin:core_operator_grant": Rule(BOTH, holding("core.add_operator")),
    "admin:core_operator_change": Rule(BOTH, holding("core.change_operator")),
    "admin:core_operator_password": Rule(BOTH, holding("core.change_operator")),
    # What is to be removed is not said.
    "admin:core_operator_remove": Rule(
        POST, holding("core.change_operator"), answer=Answer.NOT_FOUND
    ),
    NOWHERE: Rule(frozenset(METHODS), SOMETHING, answer=Answer.NOT_FOUND),
}
"""By the name of the address. The plans and changes are the operator's own; those of
changes are about messages.
"""


def about_messages(needs: Needs) -> Needs:
    """Whatever the page's own table is."""
    return lambda held, _app, _table: needs(held, "core", "message")


RULES |= {
    f"admin:core_changeset_{page}": Rule(methods, about_messages(needs))
    for page, methods, needs in (
        ("changelist", READ, holding("core.view_changeset")),
        ("records", READ, holding("core.view_changeset")),
        ("change", READ, CHANGES),
        ("progress", READ, CHANGES),
        ("undo", BOTH, UNDO),
        ("resume", POST, UNDO),
        ("cancel", POST, UNDO),
        ("queue", POST, UNDO),
        ("select", POST, every(CHANGES, on("change"))),
    )
}


def rule_of(route: Route) -> Rule:
    return (TABLE_RULES if route.model else RULES)[route.page]


def held_by(who: Role | Who) -> Set[str]:
    return permissions_of(who) if isinstance(who, Role) else frozenset()


def expected(who: Role | Who, route: Route, method: str) -> Answer:
    """By the rules."""
    rule = rule_of(route)
    if isinstance(who, Who) and not rule.open_to_all:
        return Answer.SIGN_IN
    if method not in rule.methods:
        return Answer.NO_METHOD
    if isinstance(who, Who):
        return rule.open_to_all or rule.answer
    is_post = method == "POST"
    needs = (is_post and rule.needs_to_post) or rule.needs
    app, table = route.model._meta.label_lower.split(".") if route.model else ("", "")
    if not needs(held_by(who), app, table) or makes_no_sense(route):
        return Answer.FORBIDDEN
    return (is_post and rule.posted) or rule.answer


def makes_no_sense(route: Route) -> bool:
    """A record added by hand, which MoviePilot could not use."""
    return route.page == "add" and not admin.site.get_model_admin(route.model).can_add


def told(response: HttpResponse) -> Answer | int:
    """What a response comes to."""
    status = response.status_code
    known = {
        403: Answer.FORBIDDEN,
        405: Answer.NO_METHOD,
        404: Answer.NOT_FOUND,
        # The form once more; the records are others by now.
        422: Answer.OK,
        409: Answer.OK,
        400: Answer.OK,
        200: Answer.OK,
    }
    if status == 302:
        path = response["Location"].partition("?")[0]
        asked = response.wsgi_request.path
        is_out = path == reverse("admin:login") or asked == reverse("admin:logout")
        is_signed_in = response.wsgi_request.user.is_staff
        return Answer.SIGN_IN if is_out and not is_signed_in else Answer.OK
    return known.get(status, status)


def make(who: Role | Who) -> Operator:
    name = who.name.lower()
    return make_operator(name, who if isinstance(who, Role) else None)


ENDS_RECORD = ("delete", "admin:core_operator_remove", "admin:own_passkey_remove")
ENDS_SESSION = ("admin:logout", "admin:own_sessions_end")


def addresses(world: World, person: Operator) -> list[tuple[Route, str]]:
    """All of them; those that end what others need come last."""
    found = [(route, route.url(world, person)) for route in routes()]
    return sorted(found, key=lambda each: each[0].page in ENDS_RECORD)


def client_for(who: Role | Who, person: Operator) -> Client:
    return Client() if who is Who.ANONYMOUS else client_of(person)


def send(client: Client, method: str, url: str) -> HttpResponse:
    response = client.generic(method, url)
    if response.streaming:
        b"".join(response)  # else it counts as a download that runs
    return response


def may_write(who: Role | Who, model: type[Record]) -> bool:
    app, table = model._meta.label_lower.split(".")
    return any(
        f"{app}.{a}_{table}" in held_by(who) for a in ("add", "change", "delete")
    )


def closed(dump: list[Value], who: Role | Who) -> list[Value]:
    """What stands in tables in which these may write nothing."""
    tables = {
        model._meta.db_table
        for model in awkward.record_models()
        if may_write(who, model)
    }
    return [value for value in dump if value.table not in tables]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals would be written down, each with its traceback."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


EVERYBODY: tuple[Any, ...] = (*Who, *Role)


def name_of(who: Any) -> str:
    return str(who.name).lower()


def test_every_address_has_a_rule():
    unknown = {
        route.name
        for route in routes()
        if route.page not in (TABLE_RULES if route.model else RULES)
    }
    unused = {*RULES} - {route.page for route in routes()}

    assert (unknown, unused) == (set(), set())


@pytest.mark.parametrize("who", EVERYBODY, ids=name_of)
def test_every_role_at_every_address_with_every_method(library: Library, who: Any):
    world, person = prepare(library), make(who)
    found = addresses(world, person)
    client = client_for(who, person)
    before = library.dump()

    wrong = []
    # Methods that no page takes are answered before any database is asked.
    methods = METHODS if library.vendor == "sqlite" else ("GET", "POST")
    for method in methods:
        for route, url in found:
            answer = told(send(client, method, url))
            if answer != expected(who, route, method):
                wrong.append((method, url, expected(who, route, method), answer))
            if route.page in ENDS_SESSION:
                client = client_for(who, person)

    assert wrong == []
    assert closed(library.dump(), who) == closed(before, who)


@pytest.mark.parametrize("who", [Role.ADMINISTRATOR], ids=name_of)
def test_nothing_is_written_without_the_forms_token(library: Library, who: Role):
    world, person = prepare(library), make(who)
    found = addresses(world, person)
    before = library.dump()
    client = Client(enforce_csrf_checks=True)
    client.cookies = client_of(person).cookies

    answers = {
        (route.name, method): told(send(client, method, url))
        for method in UNSAFE
        for route, url in found
    }

    taken = {Answer.FORBIDDEN, Answer.NO_METHOD}
    assert {each for each, answer in answers.items() if answer not in taken} == set()
    assert library.dump() == before
