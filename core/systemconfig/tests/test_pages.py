"""The pages of settings: what they say of a key, and of MoviePilot's memory."""

import json

import pytest
from django.urls import reverse

from core.admin.tests.test_record_form import Form
from core.changes import (
    ChangeSet,
    Selection,
    Set,
    apply,
    delete_records,
    plan,
    save_record,
    undo,
)
from core.models import SystemConfig, UserConfig
from sites.models import Site

RESTART = "it notices the change only when it is restarted"
TOLD = "MoviePilot must be restarted to see this change."
OVERWRITTEN = "has been overwritten since"


def keep(library, key="RssSites", value="[1]"):
    return library.insert("systemconfig", key=key, value=value)


def record_url(model, pk, page="change"):
    return reverse(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[pk]
    )


def text(response):
    return " ".join(response.content.decode().split())


def change_page(client, change_set):
    return text(
        client.get(reverse("admin:core_changeset_change", args=[change_set.pk]))
    )


def messages(page):
    """The part of a page that tells what was just done."""
    return page[page.index('class="message ') :]


# --- What is known of a key


def test_a_setting_tells_what_it_is_for_and_how_it_must_look(library, operator_client):
    pk = keep(library)

    page = text(operator_client.get(record_url(SystemConfig, pk)))

    assert "Sites used for subscriptions" in page
    assert "Ids of the sites subscriptions look at" in page
    assert "What the value must look like" in page
    assert "&quot;integer&quot;" in page


def test_a_plugins_setting_has_no_shape_and_an_unknown_one_nothing(
    library, operator_client
):
    of_plugin, unknown = keep(library, "plugin.Mine", "{}"), keep(library, "Mine", "{}")

    page = text(operator_client.get(record_url(SystemConfig, of_plugin)))
    assert "Plugin settings" in page
    assert "must look like" not in page
    page = text(operator_client.get(record_url(SystemConfig, unknown)))
    assert "must look like" not in page


def test_an_error_names_the_place_in_the_json(library, operator_client):
    pk = keep(library)
    form = Form(operator_client, record_url(SystemConfig, pk))

    form["value"] = '[1, "two"]'
    form.save()

    [error] = form.errors()
    assert "$[1]" in error
    assert library.execute("SELECT value FROM systemconfig") in ([("[1]",)], [([1],)])


def test_an_unknown_key_stays_editable(library, operator_client):
    pk = keep(library, "WorkflowCache-1", "[]")
    form = Form(operator_client, record_url(SystemConfig, pk))

    form["value"] = '{"any": "thing"}'
    form.save()

    assert SystemConfig.objects.all() == {"WorkflowCache-1": {"any": "thing"}}


# --- MoviePilot's memory


def test_a_saved_setting_says_that_moviepilot_must_be_restarted(
    library, operator_client
):
    pk = keep(library)
    form = Form(operator_client, record_url(SystemConfig, pk))
    form["value"] = "[1, 2]"

    page = text(operator_client.get(form.save()["Location"]))

    assert TOLD in messages(page)
    assert RESTART in change_page(operator_client, ChangeSet.objects.get())


def test_adding_and_deleting_say_so_too(library, operator_client):
    url = reverse("admin:core_systemconfig_add")
    form = Form(operator_client, url)
    form["key"], form["value"] = "RssSites", "[1]"
    added = text(operator_client.get(form.save()["Location"]))
    [pk] = ChangeSet.objects.get().record_ids()

    deleted = operator_client.post(record_url(SystemConfig, pk, "delete"), follow=True)

    assert TOLD in messages(added)
    assert TOLD in messages(text(deleted))


def test_a_bulk_edit_and_its_undo_say_so_too(library, operator, operator_client):
    pk = library.insert("userconfig", username="a", key="Layout", value='"wide"')
    made = plan(
        UserConfig,
        {"value": Set("compact")},
        selection=Selection(UserConfig, ids=[pk]),
        by=operator,
    )

    applied = operator_client.post(
        reverse("admin:core_plan_preview", args=[made.token]), follow=True
    )
    undone = operator_client.post(
        reverse("admin:core_changeset_undo", args=[ChangeSet.objects.get().pk]),
        follow=True,
    )

    assert TOLD in messages(text(applied))
    assert TOLD in messages(text(undone))


def test_a_change_of_another_table_says_nothing_of_it(library, operator_client):
    pk = library.insert("site", name="a", url="https://a.example/", timeout=15)

    change_set = save_record(Site, pk, {"timeout": 60})

    page = change_page(operator_client, change_set)
    assert RESTART not in page
    assert TOLD not in page
    assert OVERWRITTEN not in page


# --- Overwritten since


def test_a_value_that_moviepilot_wrote_back_is_told(library, operator_client):
    pk, other = keep(library), keep(library, "IndexerSites")
    first = save_record(SystemConfig, pk, {"value": [2]})
    second = save_record(SystemConfig, other, {"value": [3]})
    assert OVERWRITTEN not in change_page(operator_client, first)

    library.update("systemconfig", pk, value="[1]")

    page = change_page(operator_client, first)
    assert OVERWRITTEN in page
    assert record_url(SystemConfig, pk) in page
    assert OVERWRITTEN not in change_page(operator_client, second)


def test_a_deleted_setting_that_came_back_is_told(library, operator_client):
    pk = keep(library)
    change_set = delete_records(SystemConfig, [pk])
    assert OVERWRITTEN not in change_page(operator_client, change_set)

    library.insert("systemconfig", id=pk + 7, key="RssSites", value="[1]")

    assert OVERWRITTEN in change_page(operator_client, change_set)


def test_a_created_setting_that_is_gone_is_told(library, operator_client):
    pk = SystemConfig.objects.add(SystemConfig(key="RssSites", value=[1]))
    change_set = ChangeSet.objects.get()

    library.execute(f"DELETE FROM systemconfig WHERE id = {pk}")

    assert OVERWRITTEN in change_page(operator_client, change_set)


def test_what_was_taken_back_was_not_overwritten(library, operator_client):
    change_set = save_record(SystemConfig, keep(library), {"value": [2]})

    undo(change_set)

    assert OVERWRITTEN not in change_page(operator_client, change_set)


def test_secrets_stay_hidden_on_those_pages(library, operator_client):
    value = [{"name": "a", "type": "b", "config": {"password": "synthetic-secret-1"}}]
    pk = keep(library, "Downloaders", json.dumps(value))
    change_set = save_record(SystemConfig, pk, {"value": [*value, *value]})
    library.update("systemconfig", pk, value=json.dumps(value))

    for page in (
        change_page(operator_client, change_set),
        text(operator_client.get(record_url(SystemConfig, pk))),
    ):
        assert "synthetic-secret-1" not in page


@pytest.mark.parametrize("count", [3, 300])
def test_no_more_than_a_page_of_entries_is_compared(
    sqlite_library, operator, operator_client, count
):
    ids = [
        sqlite_library.insert("userconfig", username=f"u{n}", key="Layout", value="1")
        for n in range(count)
    ]
    made = plan(UserConfig, {"value": Set(2)}, by=operator)
    change_set = apply(made, by=operator)
    sqlite_library.execute("UPDATE userconfig SET value = '1'")

    page = change_page(operator_client, change_set)

    notice = page[
        page.index(OVERWRITTEN) : page.index("</ul>", page.index(OVERWRITTEN))
    ]
    assert notice.count("<li>") == min(len(ids), 200)
