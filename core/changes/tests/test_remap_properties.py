"""A remap of any paths, in every place at once, is what plain Python makes of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.changes import apply, undo
from core.changes.models import ChangeSet, Plan
from core.changes.remap import Remap, plan_remap
from core.changes.tests.support import add

TABLES = (
    "transferhistory",
    "downloadhistory",
    "downloadfiles",
    "subscribe",
    "subscribehistory",
    "mediaserveritem",
    "workflow",
    "systemconfig",
)
NAME = st.one_of(
    st.sampled_from(["a", "ab", "A", "b", "100%", "a_b", "axb", "电影", "É", "'", " "]),
    st.text("ab%_电é'\"!\\", min_size=1, max_size=3),
)
FORMS = {
    # Form → old prefix, new one, what separates, whether case counts.
    "posix": ("/media/a", "/srv/电影", "/", True),
    "posix, awkward": ("/media/100%_a", "/s'rv/!_%", "/", True),
    "posix, unicode": ("/电影/é", "/srv", "/", True),
    "windows": ("C:\\media\\a", "D:\\电影", "\\", False),
    "windows, slashes": ("C:/media/电a", "D:/films", "/", False),
    "share": ("\\\\nas\\a_b", "\\\\box\\%", "\\", False),
}


class Model:
    """The same in a few lines, for paths without doubled or mixed slashes."""

    def __init__(self, old, new, separator, counts):
        self.old, self.new = old, new
        self.separator, self.counts = separator, counts

    def __call__(self, text):
        head, rest = text[: len(self.old)], text[len(self.old) :]
        same = head == self.old if self.counts else head.lower() == self.old.lower()
        is_under = same and (not rest or rest[0] == self.separator)
        return self.new + rest if is_under else text


@st.composite
def worlds(draw):
    """A form, and paths under its old prefix, beside it, and elsewhere."""
    old, new, separator, counts = draw(st.sampled_from([*FORMS.values()]))
    names = st.lists(
        NAME.filter(lambda name: separator == "/" or "\\" not in name), max_size=3
    )
    root = "/" if counts else old[:3]
    starts = [old, old, old + "x", old.swapcase(), root + "other", root + "media"]
    path = st.tuples(st.sampled_from(starts), names).map(
        lambda pair: separator.join([pair[0], *pair[1]])
    )
    dumps = draw(
        st.sampled_from(
            [
                json.dumps,
                lambda value: json.dumps(value, ensure_ascii=False),
                lambda value: json.dumps(value, indent=1).replace("/", "\\/"),
            ]
        )
    )
    return Model(old, new, separator, counts), draw(st.lists(path, min_size=9)), dumps


def item(path):
    return {"storage": "local", "path": path, "children": [{"path": path}], "n": 0.1}


def rows(paths, change, dumps):
    """Rows of every table, with each path as `change` makes it."""
    new = [change(path) for path in paths]
    first, second, third, *_rest = new
    mapping = [[path, "/unchanged/x"] for path in new]
    config = {
        "Directories": [{"name": "d", "priority": 1, "download_path": p} for p in new],
        "Downloaders": [{"name": "q", "type": "qb", "path_mapping": mapping}],
        "Storages": [{"type": "local", "config": {"filepath": p}} for p in new],
        "DefaultMovieSubscribeConfig": {"save_path": first, "quality": paths[0]},
        "UserCustomCSS": paths[0],
    }
    actions = [{"data": {"directory": first, "note": paths[0]}}]
    return {
        "transferhistory": [
            {
                "src": path,
                "dest": second,
                "src_fileitem": dumps(item(path)),
                "dest_fileitem": dumps(item(third)),
                "files": dumps(new),
                "title": paths[0],
                "status": True,
            }
            for path in [*new, None]
            if path is not None
        ],
        "downloadhistory": [
            {"path": path, "type": "电影", "title": paths[0]} for path in new
        ],
        "downloadfiles": [
            {"fullpath": first, "savepath": path, "filepath": third, "state": 1}
            for path in new
        ],
        "subscribe": [{"name": "n", "state": "N", "save_path": path} for path in new],
        "subscribehistory": [{"name": "n", "save_path": path} for path in new],
        "mediaserveritem": [
            {"server": "A", "item_id": str(n), "path": path}
            for n, path in enumerate(new)
        ],
        "workflow": [
            {
                "name": "w",
                "state": "W",
                "run_count": 0,
                "actions": dumps(actions),
                "flows": "[]",
            }
        ],
        "systemconfig": [
            {"key": key, "value": dumps(value)} for key, value in config.items()
        ],
    }


def read(library, table, columns):
    names = ", ".join(f'"{column}"' for column in columns)
    found = library.execute(f"SELECT {names} FROM {table} ORDER BY id")
    return [dict(zip(columns, row, strict=True)) for row in found]


def parsed(row):
    """JSON by its value; the rest as it is. The driver may have parsed it already."""
    read_as = {}
    for column, value in row.items():
        is_json = column.endswith("fileitem") or column in (
            "files",
            "actions",
            "flows",
            "value",
        )
        is_text = is_json and isinstance(value, str) and value[:1] in '[{"'
        read_as[column] = json.loads(value) if is_text else value
    return read_as


def holds(library, expected):
    for table, wanted in expected.items():
        found = read(library, table, [*wanted[0]])
        kept = [{**row, "status": bool(row.get("status"))} for row in found]
        want = [{**row, "status": bool(row.get("status"))} for row in wanted]
        assert [parsed(row) for row in kept] == [parsed(row) for row in want], table


def empty(library):
    for table in TABLES:
        library.execute(f'DELETE FROM "{table}"')
    Plan.objects.all().delete()
    ChangeSet.objects.filter(kind="undo").delete()
    ChangeSet.objects.all().delete()


@pytest.fixture
def emptied(library):
    empty(library)
    return library


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(worlds())
def test_a_remap_is_what_plain_python_makes_of_it(emptied, world):
    library = emptied
    change, paths, dumps = world
    for table, each in rows(paths, str, dumps).items():
        add(library, table, each)
    before = library.dump()
    try:
        made = plan_remap(Remap(change.old, change.new))
        change_set = apply(made)

        holds(library, rows(paths, change, dumps))
        assert made.preview.changed == change_set.written == change_set.total
        assert (made.preview.unchanged, made.preview.invalid_count) == (0, 0)
        after = library.dump()
        if change_set.written:
            undone = undo(change_set).change_set
            assert library.dump() == before
            undo(undone)
            assert library.dump() == after
            apply(plan_remap(Remap(change.new, change.old)))
        holds_again = rows(paths, lambda path: back(change, path), dumps)
        holds(library, holds_again)
        assert plan_remap(Remap(change.old, f"{change.old}/x")).preview.changed == (
            change_set.written
        )
    finally:
        empty(library)


def back(change, path):
    """There and back: as it was, but for the case of a Windows prefix."""
    moved = change(path)
    return change.old + moved.removeprefix(change.new) if moved != path else path
