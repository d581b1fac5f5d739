"""The process is killed while it takes deleted sites out of other records."""

import json

import pytest

from core.changes import ChangeSet, State, resume, settle_all, undo
from core.changes.tests.crasher import POINTS
from core.changes.tests.support import add, add_sites
from core.changes.tests.test_crash import crasher  # noqa: F401

SITES, BATCH = 60, 2
"""Each site weighs two records, itself and its icon, and a batch holds fifty."""


@pytest.fixture
def ids(library):
    """Sites with an icon each, which subscriptions and a setting list."""
    ids = add_sites(library, SITES)
    library.execute("UPDATE site SET domain = name")
    icons = [{"name": "i", "domain": f"s{n}", "url": "u"} for n in range(SITES)]
    add(library, "siteicon", icons)
    value = json.dumps([*ids, 999])
    rows = [{"name": f"t{n}", "state": "R", "sites": value} for n in range(3)]
    add(library, "subscribe", rows)
    add(library, "systemconfig", [{"key": "RssSites", "value": value}])
    return ids


def listed(library):
    """The ids that stand in the lists, each list as a set."""
    texts = library.execute(
        "SELECT CAST(sites AS TEXT) FROM subscribe"
        " UNION ALL SELECT CAST(value AS TEXT) FROM systemconfig"
    )
    return [{*json.loads(text)} - {999} for (text,) in texts]


@pytest.mark.parametrize("then", ["resume", "undo"])
def test_a_killed_deletion_leaves_sites_and_lists_as_one(library, crasher, ids, then):  # noqa: F811
    before = library.dump()

    for point in POINTS:
        batch = 1 if point == "finish" else BATCH
        outcome, _pid = crasher.run("delete_sites", point=point, batch=batch)
        assert outcome == "killed", point
        [change_set] = settle_all()
        left = {pk for (pk,) in library.execute("SELECT id FROM site")}
        assert listed(library) == [left] * 4, point
        assert len(library.execute("SELECT id FROM siteicon")) == len(left)
        if then == "resume" and change_set.state == State.STOPPED:
            change_set = resume(ChangeSet.objects.get(pk=change_set.pk))
            assert listed(library) == [set()] * 4
        change_set.refresh_from_db()
        entries = change_set.applied_entries()
        assert change_set.written == entries.count(), point
        own = entries.filter(table="sites.site").count()
        assert change_set.changed == own
        undo(change_set)
        assert library.dump() == before, point
