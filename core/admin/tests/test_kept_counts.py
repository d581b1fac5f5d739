"""The counts of the home page: kept for a moment, never longer, and forgotten."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from core.admin import kept_counts
from core.admin.tests import awkward
from core.changes import create_records, delete_records
from core.models import Message

if TYPE_CHECKING:
    from core.tests.support.libraries import Library, SQLiteLibrary


def shown(client: Client) -> int:
    """The messages that the home page counts."""
    page = client.get("/").content.decode()
    found = re.search(r'/core/message/">[^<]+</a> <span class="count">(\d+)', page)
    assert found
    return int(found[1])


def test_a_change_of_ours_is_seen_at_once(
    operator_client: Client, library: Library
) -> None:
    assert shown(operator_client) == 0

    create_records(Message, [{"title": "a"}, {"title": "b"}])

    assert shown(operator_client) == 2
    delete_records(Message, [1])
    assert shown(operator_client) == 1


def test_moviepilots_writes_are_seen_in_time(
    operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    assert shown(operator_client) == 0
    awkward.add(sqlite_library, Message, "empty")
    assert shown(operator_client) == 0

    time.sleep(kept_counts.KEPT_SECONDS)

    assert shown(operator_client) == 1


def test_no_count_is_older_than_five_seconds(
    operator_client: Client,
    sqlite_library: SQLiteLibrary,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As if counting, or whoever keeps the answer, had taken far too long.
    monkeypatch.setattr(kept_counts, "KEPT_SECONDS", 0.2)
    assert kept_counts.KEPT_SECONDS < 5
    assert shown(operator_client) == 0
    awkward.add(sqlite_library, Message, "empty")

    time.sleep(0.3)

    assert shown(operator_client) == 1


def test_the_next_page_asks_the_database_nothing_again(
    operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    from django.db import connections

    asked: list[str] = []

    def watch(execute, statement, *args):
        asked.append(statement)
        return execute(statement, *args)

    shown(operator_client)
    with connections["moviepilot"].execute_wrapper(watch):
        shown(operator_client)

    assert not [each for each in asked if "COUNT" in each.upper()]


def test_a_question_that_was_not_asked_before_is_answered(
    operator_client: Client, sqlite_library: SQLiteLibrary
) -> None:
    question = kept_counts.Question("core.message")
    assert kept_counts.counts([question])[question].number == 0

    other = kept_counts.Question("core.workflow", (("state", "F"),))

    assert set(kept_counts.counts([question, other])) == {question, other}
