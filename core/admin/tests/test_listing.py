"""What a list shows for what its address asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.contrib import admin
from django.db import connections
from django.test.utils import CaptureQueriesContext

from core.admin import counts
from core.admin.list_state import ListState
from core.admin.tests import awkward
from core.models import Message, Subscribe, Workflow
from core.roles import Role
from history.models import TransferHistory
from sites.models import Site

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client

    from core.models.base import Record
    from core.tests.support.libraries import Library

URL = "/history/transferhistory/"


def shown(page: HttpResponse) -> list[int]:
    """The ids of the records on the page, in their order."""
    found = re.findall(r'name="selected" value="(\d+)"', page.content.decode())
    return [int(pk) for pk in found]


def link(page: HttpResponse, rel: str) -> str:
    found = re.search(rf'href="([^"]*)" rel="{rel}"', page.content.decode())
    return found[1].replace("&amp;", "&") if found else ""


def transfer(library: Library, **values: object) -> int:
    return awkward.add(library, TransferHistory, "empty", **values)


def parse(model: type[Record], **query: str) -> ListState:
    return ListState.parse(admin.site.get_model_admin(model), query)  # type: ignore[arg-type]


@pytest.fixture
def days(library: Library) -> list[int]:
    """Transfers of some days, two at a time and two without; newest first."""
    dates = [None, None, "2025-01-01", "2025-01-01", "2025-01-02 10:00:00"]
    pks = [transfer(library, title=f"t{n}", date=date) for n, date in enumerate(dates)]
    return [pks[4], pks[3], pks[2], pks[1], pks[0]]


def test_newest_come_first_and_those_without_a_date_last(
    operator_client: Client, days: list[int]
) -> None:
    page = operator_client.get(URL)

    assert shown(page) == days


@pytest.mark.parametrize("order", ["", "date", "-date", "title", "-src", "id", "-id"])
def test_paging_walks_every_record_once_both_ways(
    operator_client: Client, library: Library, order: str
) -> None:
    for number in range(60):
        date = None if number % 3 == 0 else f"2025-01-{number % 7 + 1:02}"
        transfer(
            library,
            date=date,
            title=None if number % 5 else "same",
            src=f"{number % 4}",
        )
    everything = operator_client.get(f"{URL}?o={order}&size=200")

    page = operator_client.get(f"{URL}?o={order}&size=25")
    forward = shown(page)
    while address := link(page, "next"):
        page = operator_client.get(URL + address)
        forward += shown(page)
    last = operator_client.get(
        URL + link(operator_client.get(f"{URL}?size=25&o={order}"), "last")
    )
    backward = shown(last)
    while address := link(last, "prev"):
        last = operator_client.get(URL + address)
        backward = shown(last) + backward

    assert forward == shown(everything)
    assert backward == forward
    assert len(set(forward)) == 60


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("status=0", [1]),
        ("status=~empty", [2]),
        ("title__contains=FLOW", [0]),
        ("title=flower", [0]),
        ("date__gte=2025-01-02", [0, 1]),
        ("date__lte=2025-01-02", [1, 2]),
        ("date__gte=2025-01-02&date__lte=2025-01-02", [1]),
        ("errmsg__empty=0", [1]),
        ("errmsg__empty=1", [0, 2]),
        ("tmdbid=7&category=", [2]),
        ("q=disk", [1]),
        ("q=100%25", [2]),
    ],
)
def test_filters_show_what_they_say(
    operator_client: Client, library: Library, query: str, places: list[int]
) -> None:
    pks = [
        transfer(library, title="flower", date="2025-01-03", status=True, tmdbid=1),
        transfer(
            library,
            title="disk full",
            date="2025-01-02 23:59:59.5",
            status=False,
            errmsg="no space",
            tmdbid=None,
        ),
        transfer(library, title="100%", date="2025-01-01", status=None, tmdbid=7),
    ]

    page = operator_client.get(f"{URL}?{query}")

    assert page.status_code == 200
    assert shown(page) == [pks[place] for place in places]


def test_a_filter_in_force_is_a_chip_that_can_be_removed(
    operator_client: Client, library: Library
) -> None:
    page = operator_client.get(f"{URL}?status=0&q=x&o=title").content.decode()

    assert 'class="chip-value">No<' in page
    assert 'href="?q=x&amp;o=title"' in page
    assert 'name="o" value="title"' in page


@pytest.mark.parametrize(
    "query",
    [
        "nonsense=1",
        "title__regex=.*",
        "status=perhaps",
        "tmdbid=seven",
        "tmdbid=99999999999999999999",
        "title=%00",
        "q=%00",
        "status__contains=1",
    ],
)
def test_a_filter_that_cannot_be_used_is_explained_and_shows_nothing(
    operator_client: Client, days: list[int], query: str
) -> None:
    page = operator_client.get(f"{URL}?{query}&category=kept")

    assert page.status_code == 400
    assert shown(page) == []
    assert 'role="alert"' in page.content.decode()
    assert 'value="kept"' in page.content.decode()


def test_secrets_cannot_be_guessed_through_a_filter(
    operator_client: Client, library: Library
) -> None:
    awkward.add(library, Site, "empty", cookie="synthetic-secret")

    for query in ("cookie=synthetic-secret", "cookie__startswith=s", "o=cookie"):
        page = operator_client.get(f"/sites/site/?{query}")
        assert "alert" in page.content.decode()
        assert (page.status_code == 400) == query.startswith("cookie")


def test_what_is_masked_in_json_cannot_be_guessed_through_a_filter(
    operator_client: Client, client_as: Callable[[Role], Client], library: Library
) -> None:
    held = '[{"token": "synthetic-secret"}]'
    awkward.add(library, Workflow, "empty", actions=held)
    queries = ("actions__contains=synthetic-s", "actions__startswith=[", "actions=[]")

    viewer = client_as(Role.VIEWER)
    for query in queries:
        page = viewer.get(f"/core/workflow/?{query}")
        assert page.status_code == 400, query
        assert "cannot be filtered on" in page.content.decode()
        assert operator_client.get(f"/core/workflow/?{query}").status_code == 200
    assert viewer.get("/core/workflow/?actions__empty=0").status_code == 200


@pytest.mark.parametrize(
    "query", ["o=errmsg", "o=--date", "size=7", "size=²", "after=%25%25"]
)
def test_a_bad_order_size_or_place_is_explained_and_loses_nothing(
    operator_client: Client, days: list[int], query: str
) -> None:
    page = operator_client.get(f"{URL}?{query}&title__contains=t")

    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert shown(page) == days


def test_a_cursor_of_another_type_is_not_an_error(
    operator_client: Client, days: list[int]
) -> None:
    after = link(operator_client.get(f"{URL}?size=25"), "next") or "?after=WzUsIDNd"

    page = operator_client.get(f"{URL}{after}&size=25")

    assert page.status_code == 200


def test_everything_that_matches_is_selected_in_two_steps(
    operator_client: Client, days: list[int]
) -> None:
    page = operator_client.get(f"{URL}?title__contains=t").content.decode()
    everything = operator_client.get(f"{URL}?title__contains=t&all=1").content.decode()

    assert "Select all 5 matching" in page
    assert 'href="?title__contains=t&amp;all=1"' in page
    assert '<input type="hidden" name="all" value="1">' in everything
    assert everything.count("checked disabled") == 6
    assert 'action="/history/transferhistory/bulk/?title__contains=t"' in everything


def test_a_list_takes_a_fixed_number_of_queries(
    operator_client: Client, library: Library
) -> None:
    def queries() -> int:
        with (
            CaptureQueriesContext(connections["default"]) as console,
            CaptureQueriesContext(connections["moviepilot"]) as moviepilot,
        ):
            operator_client.get(URL)
        ours = [each["sql"] for each in moviepilot if "PRAGMA" not in each["sql"]]
        # Session, operator, what runs; then one page of records and one count.
        assert len(console) == 3
        return len(ours)

    transfer(library, date="2025-01-01")
    operator_client.get(URL)  # what PostgreSQL's columns are is asked once
    few = queries()
    for _ in range(60):
        transfer(library, date="2025-01-01")

    assert few == 2  # records with a date and, the page not being full, those without
    assert queries() == 2  # a full page, and the count


def test_failures_are_found_and_counted_through_an_index(
    operator_client: Client, sqlite_library: Library
) -> None:
    transfer(sqlite_library, status=False, date="2025-01-01")
    with CaptureQueriesContext(connections["moviepilot"]) as queries:
        operator_client.get(f"{URL}?status=0&count=1")

    selects = [each["sql"] for each in queries if each["sql"].startswith("SELECT")]
    for sql in selects:
        plan = sqlite_library.execute(f"EXPLAIN QUERY PLAN {sql}")
        assert "ix_transferhistory_status_date (status=?" in str(plan), sql
    assert selects


def test_json_that_is_not_shown_stays_in_the_database(
    operator_client: Client, library: Library
) -> None:
    transfer(library)
    with CaptureQueriesContext(connections["moviepilot"]) as queries:
        operator_client.get(URL)

    assert not any("src_fileitem" in each["sql"] for each in queries)


def test_a_count_is_capped(
    operator_client: Client, days: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    records = TransferHistory._default_manager.get_queryset()

    assert str(counts.count(records, cap=3)) == "3+"
    assert str(counts.count(records, cap=5)) == "5"


def test_a_filtered_list_counts_after_it_is_shown(
    operator_client: Client, library: Library
) -> None:
    for _ in range(30):
        transfer(library, title="same")

    page = operator_client.get(f"{URL}?title=same&size=25").content.decode()
    count = operator_client.get(f"{URL}count/?title=same").content.decode()
    without_script = operator_client.get(f"{URL}?title=same&size=25&count=1")

    assert 'hx-get="/history/transferhistory/count/?title=same&amp;size=25"' in page
    assert ">30<" in count
    assert ">30<" in without_script.content.decode()


def test_days_end_with_their_last_moment() -> None:
    state = parse(Message, reg_time__lte="2025-01-31")

    assert state.filter == {"reg_time__lte": "2025-01-31 23:59:59.999999"}
    assert state.query == "reg_time__lte=2025-01-31"


def test_the_address_keeps_what_the_operator_set() -> None:
    state = parse(Subscribe, q=" 流浪 ", state="N", size="100", o="-name", after="x")

    assert state.ordering == ("-name", "-id")
    assert state.query == "q=%E6%B5%81%E6%B5%AA&state=N&o=-name&size=100"


def test_records_lead_back_to_the_list_they_were_opened_from(
    operator_client: Client, library: Library
) -> None:
    pk = transfer(library, title="same")
    page = operator_client.get(f"{URL}?title=same")
    found = re.search(r'class="record-link" href="([^"]+)"', page.content.decode())
    assert found is not None

    record = operator_client.get(found[1].replace("&amp;", "&"))

    assert f"/{pk}/change/" in found[1]
    assert f'href="{URL}?title=same"' in record.content.decode()
