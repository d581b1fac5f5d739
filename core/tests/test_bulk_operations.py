"""Every table's bulk form, and every operation through the pages and back."""

import re

import pytest
from django.contrib import admin
from django.db import connections
from django.urls import reverse

from core.admin.bulk.form import BulkForm
from core.admin.tests.awkward import record_models
from core.admin.words import operations_words
from core.changes import ChangeSet, Plan, Selection, Set, draft
from core.changes.operations import Operation, offered
from core.models import Message, Subscribe
from core.tests.support.bulk import (
    add_site,
    chosen,
    fields,
    plan_at,
    previewed,
    start,
    text,
    url,
)
from sites.models import Site

MODELS = [pytest.param(model, id=model._meta.db_table) for model in record_models()]
COOKIE = "synthetic-cookie-1"
GONE = 4711
MOST_FIELDS = 1000
"""Django refuses a form with more."""


@pytest.fixture
def site(library):
    return add_site(library)


@pytest.fixture
def wanted(library):
    return library.insert(
        "subscribe",
        name="流浪地球",
        state="R",
        save_path="/media/a/b",
        sites=f"[1, {GONE}]",
        filter_groups='["g"]',
    )


def stored(library, table, column):
    rows = library.execute(f'SELECT "{column}" FROM "{table}" ORDER BY id')
    return [row[0] for row in rows]


def json_text(library, table, column):
    kind = "::text" if library.vendor == "postgresql" else ""
    rows = library.execute(f'SELECT "{column}"{kind} FROM "{table}" ORDER BY id')
    return [row[0] for row in rows]


# --- Every table


@pytest.mark.parametrize("model", MODELS)
def test_every_editable_column_offers_all_that_can_be_done_to_it(
    sqlite_library, operator, operator_client, model
):
    made = draft(Selection(model, ids=[]), by=operator)

    page = operator_client.get(url("bulk_edit", model, made.token))

    html = page.content.decode()
    form = page.context["form"]
    names = {each.name for each in model._meta.fields}
    assert {row.name for row in form.fields} == {n for n in names if offered(model, n)}
    for row in form.fields:
        select = re.search(rf'<select[^>]*name="{row.name}-mode".*?</select>', html)[0]
        for operation in offered(model, row.name):
            assert f'value="{operation.name}"' in select, (row.name, operation)
            for each in row.doings[operation.name].inputs:
                assert f'name="{each.name}"' in html, each.name
    assert len(re.findall(r"<(?:input|select|textarea)\b", html)) < MOST_FIELDS
    ids = re.findall(r'\bid="([^"]*)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("model", MODELS)
def test_a_form_that_says_nothing_changes_nothing(
    sqlite_library, operator, operator_client, model
):
    made = draft(Selection(model, ids=[]), by=operator)
    address = url("bulk_edit", model, made.token)

    page = operator_client.post(address, {"reason": "why"})

    assert page.status_code == 422
    assert "Nothing to do yet" in text(page)
    assert not Plan.objects.exclude(kind="").exists()


def test_every_operation_is_done_through_the_pages_below():
    done = {doing for _table, _name, (doing, _typed), _after in CASES}

    assert done | {"set", "null"} >= {*Operation.registry}


# --- Every operation

CASES = [
    ("site", "ua", ("prefix", {"text": "x"}), "x Mozilla/5.0 mpadmin "),
    ("site", "ua", ("suffix", {"text": "y "}), " Mozilla/5.0 mpadmin y "),
    ("site", "ua", ("replace", {"find": "5.0", "put": "6"}), " Mozilla/6 mpadmin "),
    ("site", "ua", ("replace", {"find": "Mozilla/"}), " 5.0 mpadmin "),
    (
        "site",
        "ua",
        (
            "replace_regex",
            {"pattern": r"MOZ\w+/(\d)", "put": r"v\1", "ignore_case": "on"},
        ),
        " v5.0 mpadmin ",
    ),
    ("site", "ua", ("trim", {}), "Mozilla/5.0 mpadmin"),
    ("site", "ua", ("case", {"to": "lower"}), " mozilla/5.0 mpadmin "),
    ("site", "ua", ("copy", {"source": "downloader"}), "qb"),
    ("site", "pri", ("add", {"amount": "-2"}), 1),
    ("site", "pri", ("multiply", {"factor": "3"}), 9),
    ("site", "pri", ("clamp", {"low": "5"}), 5),
    ("site", "pri", ("sequence", {"start": "10", "step": "5", "by": "name"}), 10),
    ("site", "proxy", ("toggle", {}), 1),
    (
        "site",
        "lst_mod_date",
        ("shift", {"seconds": "-2", "seconds-unit": "3600"}),
        "2025-03-04 03:06:07",
    ),
    (
        "site",
        "note",
        ("set_path", {"path": "a.b[1]", "value": '"x"'}),
        '{"a": {"b": [1, "x"]}}',
    ),
    (
        "site",
        "note",
        ("set_path", {"path": "c", "value": "null"}),
        '{"a": {"b": [1, 2]}, "c": null}',
    ),
    ("site", "note", ("remove_path", {"path": "a.b"}), '{"a": {}}'),
    (
        "subscribe",
        "save_path",
        ("swap_path", {"old": "/media/a", "new": "/volume"}),
        "/volume/b",
    ),
    ("subscribe", "sites", ("list_add", {"values": "[7]"}), f"[1, {GONE}, 7]"),
    ("subscribe", "sites", ("list_remove", {"values": f"[{GONE}]"}), "[1]"),
    (
        "subscribe",
        "sites",
        ("list_replace", {"old": str(GONE), "new": "1"}),
        "[1]",
    ),
    ("subscribe", "filter_groups", ("list_add", {"values": "a\nb"}), '["g", "a", "b"]'),
]


@pytest.mark.parametrize(
    ("table", "name", "doing", "after"),
    [
        pytest.param(*case, id=f"{case[1]}-{case[2][0]}-{n}")
        for n, case in enumerate(CASES)
    ],
)
def test_an_operation_is_previewed_applied_and_taken_back(
    library, operator_client, site, wanted, table, name, doing, after
):
    model, pk = {"site": (Site, site), "subscribe": (Subscribe, wanted)}[table]
    before = library.dump()

    made, address = previewed(operator_client, model, ids=[pk], **{name: doing})
    preview = operator_client.get(address)
    assert library.dump() == before
    assert made.preview.changed == 1
    assert "Apply to 1 record" in text(preview)
    back = operator_client.get(preview.context["back_url"])
    assert chosen(back.context["form"]).keys() == {name}
    again = operator_client.post(back.request["PATH_INFO"], fields(**{name: doing}))
    assert plan_at(again["Location"]).operations == made.operations
    applied = operator_client.post(address, follow=True)

    is_json = isinstance(after, str) and after[:1] in "[{"
    read = json_text if is_json else stored
    assert read(library, table, name) == [after]
    assert "Updated 1 record." in text(applied)
    assert applied.context["operations"][0].name == name
    pk = ChangeSet.objects.get().pk
    operator_client.post(reverse("admin:core_changeset_undo", args=[pk]))
    assert library.dump() == before


def test_many_fields_are_changed_at_once_each_in_its_way(
    library, operator_client, site
):
    other = library.insert("site", name="Beta", url="u", pri=1, timeout=None, ua=None)
    before = library.dump()

    _made, address = previewed(
        operator_client,
        Site,
        ids=[site, other],
        timeout="60",
        ua=("trim", {}),
        downloader="",
        filter=None,
        pri=("sequence", {"start": "1", "step": "1", "by": "name"}),
        proxy=("toggle", {}),
    )
    operator_client.post(address)

    rows = library.execute(
        "SELECT timeout, ua, downloader, filter, pri, proxy FROM site ORDER BY id"
    )
    assert rows == [
        (60, "Mozilla/5.0 mpadmin", "", None, 1, 1),
        (60, None, "", None, 2, None),
    ]
    pk = ChangeSet.objects.get().pk
    operator_client.post(reverse("admin:core_changeset_undo", args=[pk]))
    assert library.dump() == before


def test_null_and_the_empty_text_are_two_choices(library, operator_client, site):
    made = start(operator_client, Site, ids=[site])["Location"]

    rows = {row.name: row for row in operator_client.get(made).context["form"].fields}

    def empties(name):
        return {"null", "empty"} & {*rows[name].doings}

    assert empties("ua") == {"null", "empty"}
    assert empties("name") == {"empty"}
    assert empties("timeout") == {"null"}
    assert empties("note") == {"null"}


# --- Lists with names


def test_lists_are_chosen_by_name_and_what_is_gone_is_told(
    library, operator_client, site, wanted
):
    address = start(operator_client, Subscribe, ids=[wanted])["Location"]

    page = operator_client.get(address)
    boxes = page.content.decode()
    row = next(row for row in page.context["form"].fields if row.name == "sites")

    def shown(doing, number=0):
        html = row.doings[doing].inputs[number].html({})
        return " ".join(re.sub(r"<[^>]*>", " ", html).split())

    assert f"Site {GONE} (gone)" in shown("list_remove")
    assert f"Site {GONE} (gone)" in shown("list_replace", 0)
    assert "Alpha" in shown("list_add")
    assert "Alpha" in shown("list_replace", 1)
    assert str(GONE) not in shown("list_add") + shown("list_replace", 1)
    assert 'name="sites-list_remove-values-pick-0"' in boxes


def test_boxes_stand_for_members_of_the_list(library, operator_client, site, wanted):
    address = start(operator_client, Subscribe, ids=[wanted])["Location"]
    page = operator_client.get(address).content.decode()
    key = "sites-list_remove-values"
    held = re.search(rf'name="{key}-boxes" value="([^"]*)"', page)[1]
    numbers = held.strip("[]").split(", ")
    data = {
        "sites-mode": "list_remove",
        key: "[]",
        f"{key}-boxes": held,
        f"{key}-pick-{numbers.index(str(GONE))}": "on",
    }

    preview = operator_client.post(address, data, follow=True)

    made = plan_at(preview.redirect_chain[-1][0])
    assert made.operations["sites"]["values"] == [GONE]
    assert re.search(rf"remove {GONE} from the list", text(preview))
    assert re.search(rf"{GONE} − 1", text(preview)) or "Goes from" in text(preview)


def test_a_list_names_the_sites_in_what_is_planned(
    library, operator_client, site, wanted
):
    added = ("list_add", {"values": f"[{site}]"})
    _made, address = previewed(operator_client, Subscribe, ids=[wanted], sites=added)

    page = operator_client.get(address)

    assert re.search(rf"add Alpha&nbsp; {site} to the list", text(page))


# --- Long work, other ways, cost


def test_long_work_is_left_to_a_worker(sqlite_library, operator_client):
    sqlite_library.execute(
        "INSERT INTO message (title, action) WITH RECURSIVE n(i) AS (SELECT 1 "
        "UNION ALL SELECT i + 1 FROM n WHERE i < 2001) SELECT 'm' || i, 0 FROM n"
    )
    _made, address = previewed(operator_client, Message, all_matching=True, source="x")
    response = operator_client.post(address)

    change_set = ChangeSet.objects.get()
    assert response["Location"].startswith(
        reverse("admin:core_changeset_change", args=[change_set.pk])
    )
    assert change_set.state in ("queued", "applying", "applied")


def test_an_export_of_the_selection_is_begun_like_an_edit(
    library, operator_client, site
):
    response = start(operator_client, Site, ids=[site], do="export")

    made = Plan.objects.get()
    assert response["Location"].startswith(url("export", Site, made.token))
    assert made.record_ids() == [site]


def test_changes_of_every_kind_are_told_without_their_payload():
    for kind, operations in {
        "edit": {"timeout": {"op": "set", "value": 1}},
        "create": {},
        "delete": {"along": ["icon"]},
        "import": {"columns": {"pri": 0}, "name": "a<b>.csv"},
        "remap": {"old": "/a", "new": "/b"},
        "undo": {},
    }.items():
        change = ChangeSet(kind=kind, table="sites.site", operations=operations)
        words = " ".join(str(each.text) for each in operations_words(change))
        assert "<b>" not in words


@pytest.mark.parametrize("model", [Site, Subscribe], ids=["site", "subscribe"])
def test_the_pages_ask_few_questions_whatever_is_edited(
    sqlite_library, operator_client, django_assert_max_num_queries, model, site, wanted
):
    pk = site if model is Site else wanted
    address = start(operator_client, model, ids=[pk])["Location"]

    def asked(console, moviepilot, act):
        with (
            django_assert_max_num_queries(console, connection=connections["default"]),
            django_assert_max_num_queries(
                moviepilot, connection=connections["moviepilot"]
            ),
        ):
            return act()

    # Without anybody who watches the settings, each list reads its choices anew.
    asked(5, 20, lambda: operator_client.get(address))
    name = "name" if model is Site else "username"
    data = fields(**{name: ("suffix", {"text": "x"})})
    preview = asked(9, 12, lambda: operator_client.post(address, data))["Location"]
    asked(8, 3, lambda: operator_client.get(preview))
    asked(45, 20, lambda: operator_client.post(preview))


def test_a_form_of_its_own_reads_what_it_shows():
    model_admin = admin.site.get_model_admin(Site)

    form = BulkForm(model_admin, initial={"timeout": Set(5)})

    assert chosen(form) == {"timeout": ("set", "5")}
