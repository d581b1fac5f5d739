"""What the database finds is never less than what there is, and not much is read."""

from __future__ import annotations

import json

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.changes.paths import path_swap
from core.changes.remap import Remap, occurs, search
from core.changes.remap.places import parts
from core.changes.remap.prefix import Prefix
from core.changes.remap.search import PathRows, find
from core.changes.tests.support import add

PLACES = ("history.transferhistory.src", "history.transferhistory.files")


def rows(*texts):
    """Transfers: each text as a path, and as one within JSON of several spellings."""
    for text in texts:
        yield {"src": text, "files": None, "status": True}
        for raw in spellings([text]):
            yield {"src": None, "files": raw, "status": True}


def spellings(value):
    plain = json.dumps(value)
    yield plain
    yield json.dumps(value, ensure_ascii=False)
    yield plain.replace("/", "\\/")
    escapes = "".join("\\u%04X" % ord(char) for char in value[0])  # noqa: UP031
    yield f'["{escapes}"]'
    # 影 spelled out and 电 not, and hexadecimal digits in capitals.
    yield plain.replace("\\u7535", "电").replace("\\u5f71", "\\u5F71")


FOUND = {
    "/media/a": ["/media/a", "/media/a/", "/media/a/x", "/media//a/x", "/media///a"],
    "/media/a/": ["/media/a", "/media/a/x"],
    "/media/100%/_x": ["/media/100%/_x/y"],
    "/media/!a": ["/media/!a/y"],
    "/电影": ["/电影/x", "/电影"],
    '/电影/a\'s "b"': ['/电影/a\'s "b"/x'],
    "//nas/a": ["//nas/a/x", "//nas//a"],
    "media/a": ["media/a/x"],
    "/": ["/x", "/"],
    "C:\\media\\a": ["C:\\media\\a\\x", "c:/MEDIA/A", "C:\\media/a\\\\x"],
    "C:/Disk": ["C:\\dis\u212a\\x", "c:\\di\u017fk", "C:\\DISK"],
    "\\\\nas\\电影": ["\\\\NAS\\电影\\x", "//nas/电影"],
    "D:\\É": ["d:\\é\\x"],
}
NOT_FOUND = {
    "/media/a": [
        "/media/ab",
        "/media",
        "/x/media/a",
        "media/a",
        "/Media/a",
        "//media/a",
    ],
    "/media/100%": ["/media/100x", "/media/100/x"],
    "/media/a_b": ["/media/axb"],
    "C:\\media": ["C:\\media2", "D:\\media"],
}


@pytest.mark.parametrize("prefix", [*FOUND], ids=ascii)
def test_every_spelling_of_a_path_under_the_prefix_is_found(library, prefix):
    ids = add(library, "transferhistory", [*rows(*FOUND[prefix])])
    others = NOT_FOUND.get(prefix, ["other", "elsewhere"])
    add(library, "transferhistory", [*rows(*others)])

    assert find(prefix, "/new", PLACES, ignore_case=None) == [ids]
    assert occurs(prefix, PLACES, ignore_case=None)


@pytest.mark.parametrize("prefix", [*NOT_FOUND], ids=ascii)
def test_nothing_else_is_found(library, prefix):
    add(library, "transferhistory", [*rows(*NOT_FOUND[prefix])])

    assert find(prefix, "/new", PLACES, ignore_case=None) == [[]]
    assert not occurs(prefix, PLACES, ignore_case=None)


@pytest.mark.parametrize(("ignore_case", "count"), [(None, 1), (False, 1), (True, 3)])
def test_the_rule_for_case(library, ignore_case, count):
    texts = ("/media/é", "/MEDIA/É", "/Media/é")
    add(library, "transferhistory", [{"src": t, "status": True} for t in texts])
    files = [{"files": json.dumps([text]), "status": True} for text in texts]
    add(library, "transferhistory", files)

    found = find("/media/é", "/x", PLACES, ignore_case=ignore_case)

    assert len(found[0]) == 2 * count


def test_one_statement_a_page_and_nothing_read_of_what_is_certain(library, monkeypatch):
    monkeypatch.setattr(search, "PAGE", 4)
    under = [{"src": f"/media/a/{n}", "files": "[]", "status": True} for n in range(6)]
    other = [{"src": f"/media/b/{n}", "files": "[]", "status": True} for n in range(6)]
    ids = add(library, "transferhistory", under)
    add(library, "transferhistory", other)
    [part] = parts(PLACES)
    rows_ = PathRows(part.model)
    prefix, swap = Prefix("/media/a"), path_swap("/media/a", "/x")

    with CaptureQueriesContext(
        connections["moviepilot"],
    ) as queries:
        found = [*rows_.hits(part, prefix, swap)]

    assert found == ids
    assert len(queries) == 2


def test_a_setting_is_looked_at_under_its_own_key_only(library):
    value = json.dumps([{"path_mapping": [["/media/a", "/x"]]}])
    keys = ("Downloaders", "Directories", "plugin.X", None)
    [pk, *_others] = add(
        library, "systemconfig", [{"key": key, "value": value} for key in keys]
    )

    remap = Remap("/media/a", "/mnt/b")
    found = find(remap.old, remap.new, remap.places, ignore_case=None)

    assert [ids for ids in found if ids] == [[pk]]


CHARACTERS = "aAkK/\\._%!电É\u212a\u017f\"'u0"


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.text(CHARACTERS, min_size=1, max_size=4),
    st.lists(st.text(CHARACTERS, max_size=8), max_size=8),
    st.sampled_from(["", "/", "C:\\", "\\\\"]),
    st.sampled_from([None, True, False]),
)
def test_the_database_misses_nothing(library, prefix, texts, root, ignore_case):
    old = root + prefix
    swap = path_swap(old, "/new\x01", ignore_case=ignore_case)
    texts = [old + texts[0], *texts, old.swapcase()] if texts else [old]
    made = [*rows(*texts, *(root + text for text in texts))]
    ids = add(library, "transferhistory", made)
    [part] = parts(PLACES)
    expected = [
        pk
        for pk, row in zip(ids, made, strict=True)
        if swap(row["src"] or json.loads(row["files"] or '[""]')[0]) is not None
    ]
    try:
        prefix_ = Prefix(old, ignore_case=ignore_case)
        assert [*PathRows(part.model).hits(part, prefix_, swap)] == expected
    finally:
        library.execute("DELETE FROM transferhistory")
