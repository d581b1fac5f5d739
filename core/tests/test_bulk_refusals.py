"""What the bulk pages refuse, ask about, and leave to the operator."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from core.changes import ChangeSet, Delete, Plan, Selection, Set, draft, plan
from core.models import Operator
from core.tests.support.bulk import (
    add_site,
    chosen,
    fields,
    plan_at,
    previewed,
    start,
    text,
    url,
    wrong,
)
from sites.models import Site


@pytest.fixture
def site(library):
    return add_site(library)


def stored(library, table, column):
    rows = library.execute(f'SELECT "{column}" FROM "{table}" ORDER BY id')
    return [row[0] for row in rows]


# --- What is wrong


def test_all_that_is_wrong_is_told_at_once_and_all_that_was_typed_stays(
    library, operator_client, site
):
    address = start(operator_client, Site, ids=[site])["Location"]
    data = fields(
        timeout="soon",
        ua=("replace_regex", {"pattern": "(", "put": "kept"}),
        pri=("add", {"amount": "1"}),
        note=("set_path", {"path": "a", "value": "{"}),
        lst_mod_date=("shift", {"seconds": "1.5", "seconds-unit": "60"}),
        downloader="tr",
    )

    page = operator_client.post(address, {**data, "reason": "kept too"})

    assert page.status_code == 422
    assert wrong(page.context["form"]).keys() == {"timeout", "ua", "note"}
    assert chosen(page.context["form"]) == {
        "timeout": ("set", "soon"),
        "ua": ("replace_regex", "(", "kept", ""),
        "pri": ("add", "1"),
        "note": ("set_path", "a", "{"),
        "lst_mod_date": ("shift", "1.5"),
        "downloader": ("set", "tr"),
    }
    html = page.content.decode()
    assert 'value="kept too"' in html
    assert '<option value="60" selected>' in html
    for name in ("timeout", "ua", "note"):
        assert f'href="#id_{name}_field"' in html
        assert f'aria-describedby="id_{name}_error"' in html


def test_what_was_typed_and_not_chosen_is_asked_about_and_stays_in_sight(
    library, operator_client, site
):
    address = start(operator_client, Site, ids=[site])["Location"]
    data = {**fields(ua=("prefix", {"text": "x"})), "ua-suffix-text": "forgotten"}

    page = operator_client.post(address, data)

    assert "for “Add suffix”" in wrong(page.context["form"])["ua"][0]
    html = page.content.decode()
    assert re.search(r'class="bulk-inputs is-forgotten"[^>]*data-doing="suffix"', html)
    assert 'value="forgotten"' in html
    assert not Plan.objects.exclude(kind="").exists()


# --- Records that cannot be changed


@pytest.fixture
def rivals(library):
    """Three sites, of which but one can have a domain."""
    return [
        library.insert("site", name=name, url="u", domain=f"{name}.example", timeout=1)
        for name in "abc"
    ]


def test_nobody_goes_on_without_records_unasked(library, operator_client, rivals):
    _made, address = previewed(
        operator_client, Site, ids=rivals, domain="same.example", timeout="2"
    )
    before = library.dump()

    page = operator_client.get(address)
    refused = operator_client.post(address)

    assert page.content.decode().count("has the same domain") == 2
    assert refused.status_code == 422
    assert "2 records cannot be changed so" in text(refused)
    assert library.dump() == before
    assert not ChangeSet.objects.exists()

    operator_client.post(address, {"skip_invalid": "1"})

    assert stored(library, "site", "timeout") == [2, 1, 1]
    change_set = ChangeSet.objects.get()
    assert change_set.changed == 1
    assert change_set.skipped + change_set.failed == 2


def test_records_that_cannot_be_changed_are_edited_by_themselves(
    library, operator_client, rivals
):
    _made, address = previewed(operator_client, Site, ids=rivals, domain="same.example")

    response = operator_client.post(address, {"do": "invalid"})

    page = operator_client.get(response["Location"])
    assert "2 records" in text(page)
    assert page.context["plan"].record_ids() == rivals[1:]


def test_all_records_that_cannot_be_changed_are_reached_page_by_page(
    library, operator_client, rivals, monkeypatch
):
    monkeypatch.setattr("core.admin.bulk.preview.INVALID", 1)
    _made, address = previewed(operator_client, Site, ids=rivals, domain="same.example")

    first = operator_client.get(address).context["invalid"]
    second = operator_client.get(address.split("?")[0] + first.next_url.split("#")[0])

    assert [row[0] for row in first.rows] == rivals[1:2]
    assert [row[0] for row in second.context["invalid"].rows] == rivals[2:]
    assert not second.context["invalid"].next_url
    for odd in ("0", "999999", "-1", "x", "²"):
        assert operator_client.get(f"{address.split('?')[0]}?invalid={odd}").context


# --- What goes along


def test_what_is_offered_to_go_along_is_previewed_before_it_goes(
    library, operator_client, site
):
    library.insert("siteicon", name="Alpha", domain="alpha.example", url="u")
    before = library.dump()
    address = start(operator_client, Site, ids=[site], do="delete")["Location"]
    assert "Delete as well" in text(operator_client.get(address))

    again = operator_client.post(address, {"along-shown": "1", "along": "icon"})
    assert library.dump() == before
    assert plan_at(again["Location"]).operations == {"along": ["icon"]}
    page = operator_client.get(again["Location"])
    assert "deleted with" in text(page)
    operator_client.post(again["Location"], {"along-shown": "1", "along": "icon"})

    assert stored(library, "siteicon", "id") == stored(library, "site", "id") == []
    pk = ChangeSet.objects.get().pk
    operator_client.post(reverse("admin:core_changeset_undo", args=[pk]))
    assert library.dump() == before


# --- Permissions


@pytest.fixture
def reader_client(client, operator):
    """Signed in as somebody who may look at everything, and change nothing."""
    reader = Operator.objects.create_user("rita", password="synthetic-Pass-2")
    reader.is_staff = True
    reader.save()
    reader.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_who_may_only_look_neither_edits_nor_deletes(library, reader_client, site):
    before = library.dump()

    for do in ("edit", "delete"):
        assert start(reader_client, Site, ids=[site], do=do).status_code == 403
    assert not Plan.objects.exists()
    reader = Operator.objects.get(username="rita")
    selection = Selection(Site, ids=[site])
    made = draft(selection, by=reader)
    address = url("bulk_edit", Site, made.token)
    for answer in (reader_client.get(address), reader_client.post(address)):
        assert answer.status_code == 403
    for doing in ({"timeout": Set(5)}, Delete()):
        made = plan(Site, doing, selection=selection, by=reader)
        address = reverse("admin:core_plan_preview", args=[made.token])
        for data in ({}, {"do": "again"}, {"do": "invalid"}, {"skip_invalid": "1"}):
            assert reader_client.post(address, data).status_code == 403
        assert reader_client.get(address).status_code == 403
    assert library.dump() == before
