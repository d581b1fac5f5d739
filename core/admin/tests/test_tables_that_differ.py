"""Tables that lack columns, or that the database does not have or give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.admin.tests import awkward
from core.models import Subscribe
from core.schema import forget_columns

if TYPE_CHECKING:
    from django.test import Client

    from core.tests.support.libraries import Library


@pytest.fixture
def old_library(library: Library) -> Library:
    """A library whose subscriptions are of an older MoviePilot."""
    awkward.add(library, Subscribe, "empty", name="still here")
    library.execute("ALTER TABLE subscribe DROP COLUMN best_version_full")
    library.execute("DROP TABLE message")
    forget_columns()
    return library


@pytest.mark.parametrize(
    "page", ["", "1/change/", "1/delete/", "1/history/", "add/", "count/"]
)
def test_a_table_that_lacks_columns_says_which(
    operator_client: Client, old_library: Library, page: str
) -> None:
    shown = operator_client.get(f"/core/subscribe/{page}")

    text = shown.content.decode()
    assert shown.status_code == 503
    assert "best_version_full" in text
    assert "still here" not in text


def test_a_missing_table_says_so_and_all_others_work(
    operator_client: Client, old_library: Library
) -> None:
    assert operator_client.get("/core/message/").status_code == 503
    assert operator_client.get("/sites/site/").status_code == 200
    assert operator_client.get("/history/transferhistory/").status_code == 200


def test_the_home_page_warns_of_tables_that_cannot_be_used(
    operator_client: Client, old_library: Library
) -> None:
    page = operator_client.get("/")

    assert page.status_code == 200
    assert "best_version_full" in page.content.decode()
    assert "“message” is missing" in page.content.decode()


def test_extra_columns_do_not_matter(operator_client: Client, library: Library) -> None:
    pk = awkward.add(library, Subscribe, "empty", name="x")
    library.execute("ALTER TABLE subscribe ADD COLUMN later_column INTEGER")
    forget_columns()

    assert operator_client.get("/core/subscribe/").status_code == 200
    assert operator_client.get(f"/core/subscribe/{pk}/change/").status_code == 200


def test_a_database_that_does_not_answer_is_explained(
    operator_client: Client, sqlite_library: Library
) -> None:
    from django.db import connections

    connections["moviepilot"].close()
    sqlite_library.path.rename(sqlite_library.path.with_suffix(".away"))

    for address in ("/core/subscribe/", "/core/subscribe/1/change/", "/"):
        page = operator_client.get(address)
        assert page.status_code in (200, 503)
        assert "does not answer" in page.content.decode()
