"""The media server cache, cleared per server or whole, by way of the preview."""

import pytest
from django.urls import reverse

from core.changes import ChangeSet, Kind, undo
from core.changes.tests.support import add_items, nothing_recorded
from core.models import Operator
from core.tests.support.acceptance import TestClientVisitor

URL = "/core/mediaserveritem/clear/"
ODD = "客厅 <b>&\"' 100%"


@pytest.fixture
def visitor(operator_client):
    return TestClientVisitor(operator_client)


def servers(library):
    rows = library.execute(
        "SELECT server, count(*) FROM mediaserveritem GROUP BY server ORDER BY 1"
    )
    return dict(rows)


def fill(library):
    add_items(library, 3)
    add_items(library, 2, server=ODD)
    library.insert("mediaserveritem", title="lost", item_id="x")
    library.insert("mediaserveritem", title="lost", item_id="y", server="")


def clear(visitor, choice):
    return visitor.get(URL).expect().form("clear").send(clear=choice)


def test_the_list_leads_to_the_servers_and_their_counts(library, visitor):
    fill(library)

    page = visitor.get(reverse("admin:core_mediaserveritem_changelist")).expect()
    assert URL in page.links
    page = visitor.get(URL).expect("Clear the cache", "Clear all 7 items")

    choices = [each.value for each in page.form("clear").controls if each.value]
    assert choices[1:] == ["server:A", f"server:{ODD}", "none", "all"]
    assert "A 3 Clear" in page.text
    assert f"{ODD} 2 Clear" in page.text
    assert "no server 2 Clear" in page.text
    assert nothing_recorded()


def test_one_server_is_cleared_and_comes_back(library, visitor):
    fill(library)
    before = library.dump()

    preview = clear(visitor, f"server:{ODD}")

    preview.expect("2 records will be deleted", "builds these records again", ODD)
    assert nothing_recorded()
    assert library.dump() == before
    preview.form("reason").send().expect("Deleted 2 records")
    assert servers(library) == {None: 1, "": 1, "A": 3}
    change_set = ChangeSet.objects.get()
    assert (change_set.kind, change_set.reason) == (
        Kind.DELETE,
        "Clear the media server cache",
    )
    undo(change_set)
    assert library.dump() == before


def test_what_belongs_to_no_server_is_cleared(library, visitor):
    fill(library)

    clear(visitor, "none").form("reason").send().expect("Deleted 2 records")

    assert servers(library) == {"A": 3, ODD: 2}


def test_everything_is_cleared(library, visitor):
    fill(library)

    preview = clear(visitor, "all").expect("7 records will be deleted")
    preview.form("reason").send().expect("Deleted 7 records")

    assert servers(library) == {}
    visitor.get(URL).expect("Nothing to clear")


@pytest.mark.parametrize("choice", ["", "A", "server:gone", "nothing"])
def test_another_choice_makes_no_plan(sqlite_library, visitor, choice):
    fill(sqlite_library)

    page = clear(visitor, choice)

    assert page.status == 200
    assert page.url.endswith(URL)
    assert "will be deleted" not in page.text
    assert sum(servers(sqlite_library).values()) == 7


def test_only_who_may_delete_is_shown_the_way(sqlite_library, client):
    fill(sqlite_library)
    nobody = Operator.objects.create_user("nobody", is_staff=True)
    client.force_login(nobody, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(URL).status_code == 403
    assert client.post(URL, {"clear": "all"}).status_code == 403


def test_counting_takes_one_query(
    sqlite_library, operator_client, django_assert_max_num_queries
):
    fill(sqlite_library)
    operator_client.get(URL)

    with django_assert_max_num_queries(2, using="moviepilot") as asked:
        operator_client.get(URL)

    counting = [each for each in asked.captured_queries if "GROUP BY" in each["sql"]]
    assert len(counting) == 1
