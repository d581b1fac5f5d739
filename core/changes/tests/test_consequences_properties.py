"""Any sites, subscriptions and settings: what is left is what MoviePilot's data should
be, the preview says as much, and undo puts everything back.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.changes import Delete, Selection, Set, apply, plan, undo
from core.changes.models import ChangeSet, Plan
from core.changes.tests.support import add
from core.models import SystemConfig
from sites.models import Site

NAMES = ["A", "乙", "c d", '"', "1"]
SITES = range(1, 7)
KEYS = ("IndexerSites", "RssSites")
GROUP_KEYS = (
    "SearchFilterRuleGroups",
    "SubscribeFilterRuleGroups",
    "BestVersionFilterRuleGroups",
)
DEFAULTS = ("DefaultMovieSubscribeConfig", "DefaultTvSubscribeConfig")

ID = st.sampled_from([*SITES, 99]) | st.sampled_from(["1", "2", "x"])
IDS = st.none() | st.lists(ID, max_size=5) | st.sampled_from([{}, "1", 1, 2.5])
GROUPS = st.none() | st.lists(st.sampled_from([*NAMES, "gone"]), max_size=4)
CLIENT = st.none() | st.sampled_from([*NAMES, "gone", ""])
SUBSCRIPTION = st.fixed_dictionaries(
    {"sites": IDS, "filter_groups": GROUPS, "downloader": CLIENT}
)
OBJECT = st.none() | st.fixed_dictionaries(
    {"quality": st.just("蓝光")},
    optional={"sites": IDS, "filter_groups": GROUPS, "downloader": CLIENT},
)
LIBRARY = st.fixed_dictionaries(
    {
        "subscriptions": st.lists(SUBSCRIPTION, max_size=6),
        "settings": st.fixed_dictionaries(
            {},
            optional={
                **dict.fromkeys(KEYS, IDS),
                **dict.fromkeys(GROUP_KEYS, GROUPS),
                **dict.fromkeys(DEFAULTS, OBJECT),
            },
        ),
        "sites": st.lists(CLIENT, min_size=len(SITES), max_size=len(SITES)),
    }
)
LISTED = st.lists(st.sampled_from(NAMES), unique=True, max_size=4)

given_any = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def _any_value(without_expectations):
    """Odd values too: older versions and other programs have left some."""


def fill(library, data, **more):
    """Rows of the data, in tables that were empty."""
    for table in ("subscribe", "systemconfig", "site"):
        library.execute(f'DELETE FROM "{table}"')
    rows = [
        {"id": pk, "name": f"s{pk}", "url": "u", "downloader": name}
        for pk, name in zip(SITES, data["sites"], strict=True)
    ]
    add(library, "site", rows)
    rows = [
        {
            "name": f"t{number}",
            "state": "R",
            "sites": json.dumps(each["sites"]),
            "filter_groups": json.dumps(each["filter_groups"]),
            "downloader": each["downloader"],
        }
        for number, each in enumerate(data["subscriptions"])
    ]
    if rows:
        add(library, "subscribe", rows)
    values = {**data["settings"], **more}
    if values:
        rows = [{"key": k, "value": json.dumps(v)} for k, v in values.items()]
        add(library, "systemconfig", rows)


def read(library, table, *columns):
    """The columns as text, record by record."""
    picks = ", ".join(f'CAST("{name}" AS TEXT)' for name in columns)
    return library.execute(f'SELECT {picks} FROM "{table}" ORDER BY id')


def held(library):
    """What is stored, as data again."""
    columns = ("sites", "filter_groups", "downloader")
    subscriptions = [
        {
            "sites": json.loads(sites),
            "filter_groups": json.loads(groups),
            "downloader": client,
        }
        for sites, groups, client in read(library, "subscribe", *columns)
    ]
    rows = read(library, "systemconfig", "key", "value")
    return subscriptions, {key: json.loads(value) for key, value in rows}


# --- What MoviePilot's data should be, in plain Python


def without(value, gone):
    """A list without members that are gone; anything else as it is."""
    if not isinstance(value, list):
        return value
    return [each for each in value if str(each) not in gone]


def without_sites(data, gone):
    gone = {str(pk) for pk in gone}
    subscriptions = [
        {**each, "sites": without(each["sites"], gone)}
        for each in data["subscriptions"]
    ]
    found = {
        key: without(value, gone) if key in KEYS else value
        for key, value in data["settings"].items()
    }
    for key in DEFAULTS:
        if isinstance(found.get(key), dict) and "sites" in found[key]:
            found[key] = {**found[key], "sites": without(found[key]["sites"], gone)}
    return subscriptions, found


def emptied(value, gone):
    return None if value in gone else value


def without_groups(data, gone):
    subscriptions = [
        {**each, "filter_groups": without(each["filter_groups"], gone)}
        for each in data["subscriptions"]
    ]
    found = {
        key: without(value, gone) if key in GROUP_KEYS else value
        for key, value in data["settings"].items()
    }
    for key in DEFAULTS:
        if isinstance(found.get(key), dict) and "filter_groups" in found[key]:
            rest = without(found[key]["filter_groups"], gone)
            found[key] = {**found[key], "filter_groups": rest}
    return subscriptions, found


def without_clients(data, gone):
    subscriptions = [
        {**each, "downloader": emptied(each["downloader"], gone)}
        for each in data["subscriptions"]
    ]
    found = dict(data["settings"])
    for key in DEFAULTS:
        if isinstance(found.get(key), dict) and "downloader" in found[key]:
            rest = emptied(found[key]["downloader"], gone)
            found[key] = {**found[key], "downloader": rest}
    return subscriptions, found


def forget():
    """Every example begins with an empty log."""
    Plan.objects.all().delete()
    ChangeSet.objects.filter(kind="undo").delete()
    ChangeSet.objects.all().delete()


@given_any
@given(data=LIBRARY, gone=st.sets(st.sampled_from(SITES), min_size=1))
def test_deleted_sites_are_listed_nowhere(library, data, gone):
    fill(library, data)
    before = library.dump()

    made = plan(Site, Delete(), selection=Selection(Site, ids=sorted(gone)))
    change_set = apply(made)

    assert held(library) == without_sites(data, gone)
    assert change_set.carried == sum(made.preview.carried.values())
    assert change_set.changed == len(gone)
    undo(change_set)
    assert library.dump() == before
    forget()


@given_any
@given(data=LIBRARY, old=LISTED, new=LISTED, is_group=st.booleans())
def test_names_that_disappear_are_named_nowhere(library, data, old, new, is_group):
    key = "UserFilterRuleGroups" if is_group else "Downloaders"
    # All are alike, so that none can count as renamed where two are gone.
    gone = {*old} - {*new}
    new = [*new, *NAMES] if len(gone) == 1 else new
    gone = {*old} - {*new}

    def members(names):
        return [{"name": name, "type": "x"} for name in dict.fromkeys(names)]

    fill(library, data, **{key: members(old)})
    before = library.dump()

    made = plan(
        SystemConfig,
        {"value": Set(members(new))},
        selection=Selection(SystemConfig, filter={"key": key}),
    )
    change_set = apply(made)

    expected = (without_groups if is_group else without_clients)(data, gone)
    subscriptions, found = held(library)
    assert found.pop(key) == members(new)
    assert (subscriptions, found) == expected
    if not is_group:
        clients = [emptied(name, gone) for name in data["sites"]]
        assert [name for (name,) in read(library, "site", "downloader")] == clients
    own = made.preview.carried.get("core.systemconfig", 0)
    others = sum(made.preview.carried.values()) - own
    assert change_set.carried == others
    assert change_set.changed == made.preview.changed + own
    if change_set.written:
        undo(change_set)
    assert library.dump() == before
    forget()
