"""List filters as they stand in a URL."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.changes.tests.support import add, add_sites
from core.models import Message, PassKey, Subscribe, SystemConfig, User
from core.opers.base import RecordQuerySet
from core.opers.filters import LOOKUPS, FilterError
from history.models import TransferHistory
from sites.models import Site


def found(model, q="", search=("title",), **conditions):
    """Ids of the records that match, ascending."""
    matching = RecordQuerySet(model).matching(conditions, q, search)
    return sorted(matching.values_list("pk", flat=True))


def titles(library, *values):
    return add(library, "message", [{"title": value} for value in values])


def test_lookups_find_what_they_say(library):
    ids = add_sites(library, 5)

    assert found(Site, name="s3") == [ids[3]]
    assert found(Site, pri="3") == [ids[3]]
    assert found(Site, pri__gte="3") == ids[3:]
    assert found(Site, pri__gte="1", pri__lte="2") == ids[1:3]
    assert found(Site, url__contains="S2.EXAMPLE") == [ids[2]]
    assert found(Site, url__startswith="https://s4") == [ids[4]]
    assert found(Site) == ids
    assert found(Site, id=str(ids[0])) == [ids[0]]


def test_wildcards_mean_themselves(library):
    ids = titles(library, "100%", "1000", "a_b", "axb", "back\\slash", "it's", '"')

    assert found(Message, q="0%") == [ids[0]]
    assert found(Message, q="a_b") == [ids[2]]
    assert found(Message, title__contains="k\\s") == [ids[4]]
    assert found(Message, title__startswith="100%") == [ids[0]]
    assert found(Message, title="it's") == [ids[5]]
    assert found(Message, q='"') == [ids[6]]
    assert found(Message, q="%") == [ids[0]]


def test_a_search_looks_in_each_column_and_is_narrowed_by_filters(library):
    first = library.insert("message", title="a", text="x", action=1)
    second = library.insert("message", title="x", text="b", action=0)

    assert found(Message, q="x", search=["title", "text"]) == [first, second]
    assert found(Message, q="x", search=["title", "text"], action="1") == [first]
    assert found(Message, q="x", search=[]) == [first, second]
    assert found(Message, q="电") == []


def test_empty_means_whatever_moviepilot_writes_for_nothing(library):
    add(library, "message", [{"title": t} for t in ("", "x", None)])
    add(library, "message", [{"title": "x", "note": n} for n in ("null", "{}", '""')])

    assert found(Message, title__empty="1") == [1, 3]
    assert found(Message, title__empty="0") == [2, 4, 5, 6]
    assert found(Message, note__empty="1") == [1, 2, 3, 4]
    assert found(Message, note__empty="0") == [5, 6]
    assert found(Message, action__empty="yes") == [1, 2, 3, 4, 5, 6]


def test_flags_and_booleans_are_told_in_several_words(library):
    is_sqlite = library.vendor == "sqlite"
    rows = [
        {"title": "t", "status": value}
        for value in ([1, 0, None] if is_sqlite else [True, False, None])
    ]
    add(library, "transferhistory", rows)
    add_sites(library, 1, proxy=1)

    assert [found(TransferHistory, status=v) for v in ("1", "TRUE", "on", "yes")] == [
        [1]
    ] * 4
    assert [found(TransferHistory, status=v) for v in ("0", "false", "Off")] == [
        [2]
    ] * 3
    assert found(Site, proxy="1") == [1]
    assert found(Site, proxy="0") == []


def test_real_dates_are_compared_as_times(library):
    user = library.insert("user", name="u")
    for number, stamp in enumerate(["2025-01-01 10:00:00.000000", "2025-01-02", None]):
        if stamp == "2025-01-02":
            stamp += " 00:00:00.000000"
        library.insert(
            "passkey",
            user_id=user,
            credential_id=str(number),
            public_key="k",
            created_at=stamp,
        )

    assert found(PassKey, created_at__gte="2025-01-02") == [2]
    assert found(PassKey, created_at__lte="2025-01-01 10:00:00") == [1]
    assert found(PassKey, created_at="2025-01-01T10:00") == [1]
    assert found(PassKey, user=str(user)) == [1, 2, 3]


def test_json_is_compared_and_searched_as_text(library):
    library.insert("message", title="m", note='["\\u7535\\u5f71"]')
    library.insert("message", title="m", note='["电影"]')

    assert found(Message, note__contains="电影") == [1, 2]
    assert found(Message, note='["电影"]') == [2]
    assert found(Message, note__startswith="[") == [1, 2]


JUNK = [
    (Site, "nonsense", "1"),
    (Site, "", "1"),
    (Site, "name__regex", "x"),
    (Site, "name__contains__contains", "x"),
    (Site, "pk", "1"),
    (Site, "cookie", "x"),
    (Site, "cookie__startswith", "s"),
    (User, "hashed_password__contains", "a"),
    (User, "passkeys", "1"),
    (SystemConfig, "value__contains", "pass"),
    (Site, "timeout", "soon"),
    (Site, "timeout", ""),
    (Site, "timeout", "1.5"),
    (Site, "timeout", str(2**63)),
    (Site, "timeout", "9" * 400),
    (Site, "timeout", "9" * 5000),
    (Site, "timeout__contains", "1"),
    (Site, "is_active", "maybe"),
    (Site, "is_active__empty", "perhaps"),
    (Subscribe, "vote", "nan"),
    (Subscribe, "vote", "inf"),
    (Subscribe, "vote", "1e999"),
    (Site, "name", "a\x00b"),
    (Message, "note__gte", "1"),
    (PassKey, "created_at", "yesterday"),
    (PassKey, "created_at__gte", ""),
    (PassKey, "user", "u"),
]


@pytest.mark.parametrize(("model", "name", "value"), JUNK)
def test_filters_that_cannot_be_used_are_told(model, name, value):
    with pytest.raises(FilterError) as told:
        RecordQuerySet(model).matching({name: value})

    assert name.partition("__")[0] in str(told.value)


def test_a_search_for_nul_is_told():
    with pytest.raises(FilterError):
        RecordQuerySet(Message).matching({}, "a\x00b", ["title"])


def test_numbers_beyond_the_column_find_nothing(library):
    add_sites(library, 2)

    assert found(Site, timeout=str(2**40)) == []
    assert found(Site, timeout__lte=str(2**62)) == [1, 2]
    assert found(Site, timeout__gte=str(-(2**62))) == [1, 2]


SEARCHED = {Site: "ua", Message: "title", PassKey: "name", Subscribe: "note"}


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from([*SEARCHED]),
    st.text(max_size=5) | st.sampled_from(["id", "name", "note", "vote", "created_at"]),
    st.sampled_from(["", *(f"__{lookup}" for lookup in LOOKUPS)]),
    st.text(max_size=8) | st.integers().map(str) | st.floats().map(str),
)
def test_no_address_whatever_is_an_error_of_ours(library, model, name, lookup, value):
    try:
        found(model, value, [SEARCHED[model]], **{name + lookup: value})
    except FilterError as told:
        assert str(told)  # noqa: PT017 - either this or an answer
