"""Paths within JSON: only they change, to the character."""

import json

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.changes.paths import path_swap
from core.changes.remap.members import JSONPaths
from core.changes.remap.prefix import Prefix


def paths(*patterns, old="/media/a", new="/mnt/b", is_file=False):
    hint = Prefix(old).hint()
    return JSONPaths(patterns, path_swap(old, new), hint=hint, is_file=is_file)


FILE = ("**.path",)
MAPPING = ("[].path_mapping[][]",)
TEXTS = [
    # What is named, and nothing else.
    (FILE, '{"path": "/media/a/x", "url": "/a"}', '{"path": "/mnt/b/x", "url": "/a"}'),
    (FILE, '{"url": "/media/a/x"}', None),
    (FILE, '{"c": [{"path": "/media/a"}]}', '{"c": [{"path": "/mnt/b"}]}'),
    (FILE, '{"path": ["/media/a"]}', None),
    (FILE, '{"path": "/media/ab"}', None),
    (FILE, '"/media/a"', None),
    (FILE, "null", None),
    (FILE, "7", None),
    (("[]",), '["/media/a/x", "/o", "/media/a"]', '["/mnt/b/x", "/o", "/mnt/b"]'),
    (("[]",), '{"/media/a": "/media/a"}', None),
    (
        MAPPING,
        '[{"path_mapping": [["/media/a", "/x"], ["/y", "/media/a/z"]]}]',
        '[{"path_mapping": [["/mnt/b", "/x"], ["/y", "/mnt/b/z"]]}]',
    ),
    (
        ("save_path",),
        '{"save_path": "/media/a/", "x": {"save_path": "/media/a"}}',
        '{"save_path": "/mnt/b/", "x": {"save_path": "/media/a"}}',
    ),
    (
        ("[].config.**.*path",),
        '[{"config": {"password": "/media/a", "filepath": "/media/a/c"}}]',
        '[{"config": {"password": "/media/a", "filepath": "/mnt/b/c"}}]',
    ),
    # The rest keeps its blanks, numbers, escapes and order.
    (
        FILE,
        '{"size": 1e3,"n":1.50 , "path":"/media/a/x","t":"\\u00e9\\/"}',
        '{"size": 1e3,"n":1.50 , "path":"/mnt/b/x","t":"\\u00e9\\/"}',
    ),
    (
        FILE,
        ' {"big": 12345678901234567890123, "path": "/media/a"} ',
        ' {"big": 12345678901234567890123, "path": "/mnt/b"} ',
    ),
    (FILE, '{"path": "/media/a/电", "t": "影"}', '{"path": "/mnt/b/电", "t": "影"}'),
    (FILE, '{"path": "/media/a/\\u7535"}', '{"path": "/mnt/b/\\u7535"}'),
    (
        FILE,
        '{"path": "\\/media\\/a\\/x", "u": "a\\/b"}',
        '{"path": "\\/mnt\\/b\\/x", "u": "a\\/b"}',
    ),
    (FILE, '{"path": "/media\\u002fa/x"}', '{"path": "/mnt/b/x"}'),
    (
        FILE,
        '{"/media/a/x": 1, "path": "/media/a/x"}',
        '{"/media/a/x": 1, "path": "/mnt/b/x"}',
    ),
    (FILE, '{"path": "/media/a/x", "n": NaN}', '{"path": "/mnt/b/x", "n": NaN}'),
]


@pytest.mark.parametrize(
    ("patterns", "raw", "expected"), TEXTS, ids=[str(n) for n in range(len(TEXTS))]
)
def test_only_the_named_paths_change(patterns, raw, expected):
    made = paths(*patterns)

    assert made(raw) == (raw if expected is None else expected)
    assert made.touches(raw) is (expected is not None)


@pytest.mark.parametrize("raw", [None, 7, 1.5, b'{"path": "/media/a"}', ""])
def test_what_is_no_json_text_stays(raw):
    assert paths(*FILE)(raw) == raw
    assert not paths(*FILE).touches(raw)


@pytest.mark.parametrize(
    "raw",
    [
        '{"path": "/media/a/x"',
        '{"path": "/media/a/x", }',
        "['/x', \"/media/a\"]",
        '{"path": "/media/a", "path": "/media/a/x"}',
        '{"n": 1, "n": 2, "path": "/media/a"}',
    ],
)
def test_json_that_cannot_be_changed_is_a_problem(raw):
    made = paths(*FILE)

    assert made.touches(raw)
    with pytest.raises(ValidationError):
        made(raw)


@pytest.mark.parametrize("raw", ['{"path": "/other', '{"path": 1, "path": 2}', "["])
def test_broken_json_without_such_a_path_is_nobodys_concern(raw):
    made = paths(*FILE)

    assert not made.touches(raw)
    assert made(raw) == raw


def item(path, name, basename, extension):
    return {"path": path, "name": name, "basename": basename, "extension": extension}


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        (
            "/a",
            "/b",
            item("/a/x.mkv", "x.mkv", "x", "mkv"),
            item("/b/x.mkv", "x.mkv", "x", "mkv"),
        ),
        # The prefix was the whole path.
        (
            "/a/x.mkv",
            "/b/y.mp4",
            item("/a/x.mkv", "x.mkv", "x", "mkv"),
            item("/b/y.mp4", "y.mp4", "y", "mp4"),
        ),
        ("/a/d", "/b/e", item("/a/d/", "d", "d", None), item("/b/e/", "e", "e", None)),
        # What was said otherwise stays.
        ("/a/d", "/b/e", item("/a/d", "D", "d", ""), item("/b/e", "D", "e", "")),
        # MoviePilot on Linux takes a share's path for one name.
        (
            r"\\n\s",
            "/m",
            item(r"\\n\s\x.iso", r"\\n\s\x.iso", r"\\n\s\x", "iso"),
            item("/m/x.iso", "x.iso", "x", "iso"),
        ),
        (
            r"\\n\s",
            r"\\o\t",
            item(r"\\n\s\x.iso", r"\\n\s\x.iso", r"\\n\s\x", "iso"),
            item(r"\\o\t\x.iso", r"\\o\t\x.iso", r"\\o\t\x", "iso"),
        ),
        (
            "/m",
            "D:\\m",
            item("/m/x.iso", "x.iso", "x", "iso"),
            item("D:\\m\\x.iso", "x.iso", "x", "iso"),
        ),
    ],
    ids=["below", "file", "folder", "other", "share", "share to share", "windows"],
)
def test_the_names_of_a_file_follow_its_path(old, new, before, after):
    made = paths(*FILE, old=old, new=new, is_file=True)

    assert json.loads(made(json.dumps(before))) == after


NAME = st.text(st.characters(exclude_characters="/", codec="utf-8"), min_size=1)
LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
VALUES = st.recursive(
    LEAF | st.text() | st.lists(NAME).map(lambda names: "/".join(["/media/a", *names])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["path", "x", "children"]) | NAME, inner)
    ),
    max_leaves=12,
)


def model(value, key=""):
    """What a remap makes of a parsed value."""
    if isinstance(value, dict):
        return {name: model(child, name) for name, child in value.items()}
    if isinstance(value, list):
        return [model(child) for child in value]
    if key != "path" or not isinstance(value, str):
        return value
    is_under = value == "/media/a" or value.startswith("/media/a/")
    return f"/mnt/b{value.removeprefix('/media/a')}" if is_under else value


@given(VALUES, st.booleans(), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_any_json_in_any_spelling(value, is_plain, indent, has_slashes):
    raw = json.dumps(value, ensure_ascii=is_plain, indent=indent)
    if has_slashes:
        raw = raw.replace("/", "\\/")

    changed = paths(*FILE)(raw)

    assert json.loads(changed) == model(value)
    assert (changed == raw) is (json.loads(raw) == model(value))
    back = paths(*FILE, old="/mnt/b", new="/media/a")
    if "/mnt/b" not in raw:
        assert json.loads(back(changed)) == value
