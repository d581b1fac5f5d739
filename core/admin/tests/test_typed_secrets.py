"""What was typed and could not be saved comes back without its secrets."""

import json

import pytest

from core.admin.masking import (
    UnknownPlaceholder,
    mask_for_edit,
    restore,
    seal_for_edit,
    seal_texts,
)
from core.admin.tests import awkward
from core.changes.tests.support import add_sites, stored
from core.models import Subscribe, SystemConfig, User, Workflow
from core.roles import Role
from core.secrets import MASK
from core.tests.support.acceptance import TestClientVisitor, Tour
from history.models import TransferHistory
from sites.models import Site

SECRET = "synthetic-typed-secret"
DOWNLOADERS = [{"name": "qb", "type": "qbittorrent", "config": {"password": SECRET}}]


@pytest.fixture
def visitor(operator_client):
    return TestClientVisitor(operator_client)


def test_a_typed_secret_has_to_be_typed_again(library, visitor):
    [pk] = add_sites(library, 1)
    form = Tour(visitor, Site).record(pk).form("shown")
    form["field-cookie"], form["field-timeout"] = SECRET, "soon"

    again = form.send()

    assert SECRET not in again.html
    assert "Type it again" in again.text
    form = again.form("shown")
    form["field-cookie"], form["field-timeout"] = SECRET, "60"
    form.send().expect("Saved 2 fields.")
    assert stored(Site, pk, "cookie") == SECRET


def test_json_that_cannot_be_saved_comes_back_sealed_and_can_be_saved_then(
    library, visitor
):
    pk = library.insert("systemconfig", key="Downloaders", value="[]")
    form = Tour(visitor, SystemConfig).record(pk).form("shown")
    form["field-value"] = json.dumps({"not a list": DOWNLOADERS})

    again = form.send()

    assert SECRET not in again.html
    assert MASK in again.html
    form = again.form("shown")
    form["field-value"] = json.dumps(json.loads(form["field-value"])["not a list"])
    form.send().expect("Saved 1 field.")
    assert json.loads(stored(SystemConfig, pk, "value")) == DOWNLOADERS


def test_text_that_is_no_json_comes_back_sealed(library, visitor):
    pk = library.insert("systemconfig", key="plugin.P", value="{}")
    form = Tour(visitor, SystemConfig).record(pk).form("shown")
    form["field-value"] = f'{{"notes": "{SECRET}", }}'

    again = form.send()

    assert SECRET not in again.html
    form = again.form("shown")
    form["field-value"] = form["field-value"].replace(", }", "}")
    form.send().expect("Saved 1 field.")
    assert stored(SystemConfig, pk, "value") == f'{{"notes": "{SECRET}"}}'


def test_a_new_record_that_is_refused_does_not_send_its_secrets_back(library, visitor):
    form = visitor.get(Tour(visitor, Site).pages.url("add")).form("shown")
    form["field-cookie"], form["field-timeout"] = SECRET, "soon"

    assert SECRET not in form.send().html


@pytest.mark.parametrize(
    "text",
    [
        f'{{"a": "{SECRET}", "b" : ["{SECRET}", "x\\"{SECRET}"], "{"key"}": 1',
        f'["{SECRET}',
        f'{{"a": "line\n{SECRET}"',
    ],
)
def test_every_text_is_sealed_but_the_names(text):
    sealed = seal_texts(text)

    assert SECRET not in sealed
    assert ('"a"' in sealed) is ('"a"' in text)


def test_what_is_sealed_is_put_back():
    typed = {"password": SECRET, "deep": [{"token": 12345}], "open": "seen", "n": None}

    sealed = seal_for_edit(typed)

    assert SECRET not in json.dumps(sealed)
    assert "12345" not in json.dumps(sealed)
    assert sealed["open"] == "seen"
    assert restore(sealed, None) == typed
    with pytest.raises(UnknownPlaceholder):
        restore(f"{MASK}=gAAAAsomething-else", None)


@pytest.mark.parametrize(
    "moved",
    [{"tikon": "{}"}, ["{}"], "{}", {"token": "", "note": "{}"}],
    ids=["renamed", "in-a-list", "alone", "beside"],
)
def test_a_secret_cannot_be_moved_to_where_it_would_be_shown(
    sqlite_library, client_as, moved
):
    held = json.dumps({"token": SECRET})
    pk = sqlite_library.insert("workflow", name="w", timer="", state="W", actions=held)
    keeper = TestClientVisitor(client_as(Role.OPERATOR))
    form = Tour(keeper, Workflow).record(pk).form("shown")
    placeholder = json.loads(form["field-actions"])["token"]
    form["field-actions"] = json.dumps(moved).replace("{}", placeholder)

    again = form.send()

    assert "hidden value was altered" in again.text
    assert SECRET not in again.html
    assert json.loads(stored(Workflow, pk, "actions")) == {"token": SECRET}


def test_a_secret_may_be_moved_under_another_secret_name():
    held = {"token": SECRET, "url": "http://x/?passkey=1"}
    shown = mask_for_edit(held)

    edited = {"api_token": [shown["token"]], "address": shown["url"]}

    assert restore(edited, held) == {
        "api_token": [SECRET],
        "address": "http://x/?passkey=1",
    }


def test_json_that_was_broken_before_shows_no_secret(sqlite_library, visitor):
    broken = f'{{"password": "{SECRET}", "x": '
    pk = sqlite_library.insert("subscribe", name="n", state="R", note=broken)
    tour = Tour(visitor, Subscribe)

    assert SECRET not in tour.list().html
    record = tour.record(pk)
    assert SECRET not in record.html
    form = record.form("shown")
    form["field-note"] = "[1]"
    form.send().expect("Saved 1 field.")

    assert SECRET not in visitor.get("/core/changeset/1/").expect().html
    assert stored(Subscribe, pk, "note") == "[1]"


def test_a_column_that_needs_a_value_offers_no_null(library, visitor):
    for model, column in ((TransferHistory, "status"), (User, "is_superuser")):
        pk = awkward.add(library, model, "script")
        awkward.add(library, model, "nulls")
        form = Tour(visitor, model).record(pk).form("shown")
        bulk = Tour(visitor, model)._selected("").send(do="edit").form("reason")

        assert "" not in form.control(f"field-{column}").options
        modes = bulk.control(f"{column}-mode").options
        assert modes == ["leave", "set", "toggle", "copy"]


def test_null_that_stands_there_is_shown_and_kept(library, visitor):
    pk = awkward.add(library, TransferHistory, "nulls")
    tour = Tour(visitor, TransferHistory)

    assert tour.record(pk).form("shown")["field-status"] == ""
    tour.save_unedited(pk)

    assert stored(TransferHistory, pk, "status") is None
