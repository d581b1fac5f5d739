"""Fuzzed requests: no error, no way out, and no change without token and permission."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import os
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.test import client as client_module
from hypothesis import given
from hypothesis import strategies as st

from core.admin.tests import awkward
from core.changes import ChangeSet
from core.models import Operator
from core.permissions import may
from core.roles import Role
from core.secrets import encrypt
from core.tests.support import fuzzing, harvest, live
from core.tests.support.fuzzing import Fuzzer
from core.tests.support.odd_values import HUGE, ODD
from core.tests.support.people import client_of, make_operator
from mpadmin.requests import ConsoleRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)
KEPT = {"shown", "do", "csrfmiddlewaretoken", "format", "columns"}
"""Fields that decide whether a form is read at all."""
ACTIONS = ("add", "change", "delete")


@pytest.fixture
def fuzzer(library, operator, settings, monkeypatch, caplog) -> Fuzzer:
    settings.DEBUG = False
    # As the server reads them.
    monkeypatch.setattr(client_module, "WSGIRequest", ConsoleRequest)
    # Each refusal is logged, and pytest keeps what is logged.
    for name in ("django.request", "django.security"):
        caplog.set_level(logging.CRITICAL + 1, name)
    harvest.fill(library)
    people = {role.name: make_operator(f"fuzz-{role.name}", role) for role in Role}
    people |= {"SUPERUSER": operator, "NOBODY": make_operator("fuzz-nobody", None)}
    ids = {name: person.pk for name, person in people.items()}
    return Fuzzer(library, {"ANONYMOUS": None, **ids})


@pytest.fixture
def seeds(fuzzer, operator) -> list[fuzzing.Seed]:
    return harvest.forms(client_of(operator)) + harvest.preferences()


def kept(library) -> dict[str, object]:
    """Everything stored that only some people may change."""
    found: dict[str, object] = {"changes": ChangeSet.objects.count()}
    operators = Operator.objects.order_by("pk")
    columns = ("pk", "username", "role", "password", "is_active", "is_superuser")
    found["operators"] = [*operators.values_list(*columns, "is_staff")]
    for value in library.dump():
        found.setdefault(value.table, []).append(value)
    return found


def differing(before, after) -> set[str]:
    names = {*before, *after}
    return {name for name in names if before.get(name) != after.get(name)}


def forbidden(person: Operator | None, names: Iterable[str]) -> set[str]:
    """What of all that is kept this person may not change at all."""
    if person is None:
        return {*names}
    models = {model._meta.db_table: model for model in awkward.record_models()}
    refused = {
        name
        for name, model in models.items()
        if not any(may(person, action, model) for action in ACTIONS)
    }
    if refused == {*models}:
        refused.add("changes")
    return (
        refused if person.has_perm("core.change_operator") else refused | {"operators"}
    )


def walks(seeds, fuzzer):
    """What is sent first, by whom, and what is made of the pages that come of it."""
    some_forms = fuzzing.by_form(itertools.cycle(seeds))
    some_routes = fuzzing.by_route(
        itertools.cycle(fuzzing.routes()), harvest.tokens(seeds)
    )
    who = st.sampled_from(["SUPERUSER"] * 8 + [*fuzzer.people])
    then = st.lists(st.tuples(st.integers(0, 40), fuzzing.changes), max_size=2)
    return st.tuples(some_forms | some_routes, who, then)


def test_odd_requests_change_only_what_may_be_changed_and_never_fail(
    library, fuzzer, seeds
):
    stored = [kept(library)]

    @fuzzing.profile(800)
    @given(walk=walks(seeds, fuzzer))
    def send(walk):
        sent, who, then = walk
        client = fuzzer.client(who, checks_csrf=False)
        page = fuzzer.send(client, sent)
        for at, edits in then:
            found = harvest.seeds_of(page)
            if found:
                seed = found[at % len(found)]
                page = fuzzer.send(client, fuzzing.of_seed(seed, edits, [], {}))
        judge_changes(fuzzer, stored, who, sent)

    send()

    logger.info(fuzzer.told())
    assert not fuzzer.failures


def judge_changes(fuzzer, stored, who, sent) -> None:
    """Note what was changed by somebody who may not."""
    if who == "SUPERUSER":
        stored.clear()
        return
    now = kept(fuzzer.library)
    moved = differing(stored[0], now) if stored else set()
    stored[:] = [now]
    for table in moved & forbidden(fuzzer.person(who), now):
        fuzzer.failures.setdefault(f"{who} changed {table}", repr(sent)[:2000])


def test_nothing_is_changed_without_a_token(library, fuzzer, seeds):
    stored = kept(library)

    @fuzzing.profile(250)
    @given(sent=fuzzing.by_form(itertools.cycle(posts_of(seeds))))
    def send(sent):
        client = fuzzer.client("SUPERUSER", checks_csrf=True)
        fuzzer.send(client, sent)

    send()

    assert not fuzzer.failures
    assert not differing(stored, kept(library))


def posts_of(seeds) -> list[fuzzing.Seed]:
    return [seed for seed in seeds if seed.method == "POST"]


def test_every_field_of_every_form_takes_what_is_odd(fuzzer, seeds):
    odd = itertools.cycle(["\x00", "\ud800", HUGE, "a\x00b", "[" * 3000, "-1"])
    rounds = int(os.environ.get("FUZZ_ROUNDS", "1"))

    for seed in seeds * rounds:
        value = next(odd)
        # What is hidden says which record or plan is meant; without it little is read.
        pairs = [(n, old if n in KEPT else value) for n, old in seed.pairs]
        sent = fuzzing.of_seed(dataclasses.replace(seed, pairs=pairs), [], [], {})
        fuzzer.send(fuzzer.client("SUPERUSER", checks_csrf=False), sent)

    logger.info(fuzzer.told())
    assert not fuzzer.failures


def test_signing_in_takes_what_is_odd(fuzzer):
    for number, value in enumerate(ODD):
        operator = make_operator(f"odd-{number}", Role.VIEWER)
        operator.totp_secret = encrypt("JBSWY3DPEHPK3PXP")
        operator.save()
        client = Client(REMOTE_ADDR=f"10.0.{number}.1", raise_request_exception=False)
        pages = {}
        right = [("username", operator.username), ("password", live.PASSWORD)]
        for url, pairs in (
            ("/login/", [("username", value), ("password", value), ("next", value)]),
            ("/login/", right),
            ("/login/code/", [("code", value), ("next", value)]),
            ("/login/passkey/", [("answer", value), ("response", value)]),
        ):
            body = fuzzing.coded_pairs(pairs).encode()
            pages[url] = fuzzer.send(client, fuzzing.Sent("POST", url, body=body))
        assert "code" in str(harvest.seeds_of(pages["/login/"])), operator

    assert not fuzzer.failures
    assert {"admin:login_code", "admin:login_passkey"} <= fuzzer.seen
