"""Replacing by pattern: groups, mistakes, and patterns that would never end."""

import pytest

from core.changes import InvalidValues, apply, plan, undo
from core.changes.operations import ReplaceRegex
from core.changes.operations.matching import LONGEST_TEXT
from core.changes.rows import Rows
from core.changes.tests.support import add, add_sites, counts, stored
from core.changes.tests.test_operations import REFUSED, result
from sites.models import Site

CASES = [
    (ReplaceRegex(r"(\d+)x(\d+)", r"\2×\1"), "10x20", "20×10"),
    (ReplaceRegex(r"(?P<name>\w+)$", r"<\g<name>>"), "a 电影", "a <电影>"),
    (ReplaceRegex("a", "b"), "BANANA", "BANANA"),
    (ReplaceRegex("a", "b", ignore_case=True), "BANANA", "BbNbNb"),
    (ReplaceRegex("(?i)a", ""), "Banana", "Bnn"),
    (ReplaceRegex("(a)|b", r"[\1]"), "ab", "[a][]"),
    (ReplaceRegex("^", "-"), "ab", "-ab"),
    (ReplaceRegex("x$", "y"), "x\n", "y\n"),
    (ReplaceRegex("x", "y"), None, None),
    (ReplaceRegex("x", "y"), "", ""),
    (ReplaceRegex("x", "y"), 5, REFUSED),
    (ReplaceRegex("x", "y"), "x" * (LONGEST_TEXT + 1), REFUSED),
    (ReplaceRegex("x", "y"), "a\x00\ud800", "a\x00\ud800"),
    (ReplaceRegex("a", "y"), "a\x00", REFUSED),
]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_pattern_replaces_with_groups(sqlite_library, number):
    operation, text, expected = CASES[number]

    assert result(Site, "ua", operation, text) == expected


@pytest.mark.parametrize(
    ("pattern", "put"),
    [
        ("(", ""),
        ("a**", ""),
        ("[z-a]", ""),
        ("", ""),
        ("a" * 1001, ""),
        ("(" * 400 + ")" * 400 + "a{99999999999}", ""),
        ("(a)", r"\2"),
        ("(?P<one>a)", r"\g<two>"),
        ("a", r"\g<"),
        ("a", "\\"),
        ("a", "\x00"),
    ],
)
def test_a_mistake_in_a_pattern_is_told_before_any_record_is_read(
    sqlite_library, pattern, put
):
    with pytest.raises(InvalidValues) as raised:
        plan(Site, {"ua": ReplaceRegex(pattern, put)})

    assert all(raised.value.errors["ua"])


def test_a_pattern_without_end_stops_at_the_records_it_does_not_get_through(library):
    ids = add_sites(library, 3, ua="aab")
    library.execute(f"UPDATE site SET ua = '{'a' * 60}!' WHERE id = {ids[1]}")
    before = library.dump()

    made = plan(Site, {"ua": ReplaceRegex("^(a+)+b", "c")})

    assert (made.preview.changed, made.preview.invalid_count) == (2, 1)
    [(pk, why)] = made.preview.invalid
    assert pk == ids[1]
    assert "takes too long" in why
    change_set = apply(made, skip_invalid=True)
    assert counts(change_set) == {"changed": 2, "failed": 1}
    assert stored(Site, ids[2], "ua") == "c"
    undo(change_set)
    assert library.dump() == before


def test_after_many_slow_texts_no_more_are_tried(sqlite_library):
    operate = ReplaceRegex("^(a+)+b", "c").compile(Rows(Site), Site.column("ua"))
    slow = ["a" * 60 + str(number) for number in range(400)]

    operate.prepare(slow)
    operate.prepare(["aab"])

    assert {*operate.known.values()} == {None}


def test_each_text_is_matched_once(sqlite_library):
    operate = ReplaceRegex("a", "b").compile(Rows(Site), Site.column("ua"))

    operate.prepare(["a", "aa", None, 5])
    operate.request = {}  # a child asked with this would fail

    assert [operate("a"), operate("aa")] == ["b", "bb"]


def test_under_the_lock_the_answers_are_known_already(library, monkeypatch):
    add(library, "message", [{"title": f"a{n}", "action": 0} for n in range(120)])
    from core.changes.operations.matching import Matcher
    from core.models import Message

    asked = []
    real = Matcher._asked

    def noted(self, texts, times):
        asked.append(times)
        return real(self, texts, times)

    monkeypatch.setattr(Matcher, "_asked", noted)
    change_set = apply(plan(Message, {"title": ReplaceRegex("a", "b")}))

    assert counts(change_set) == {"changed": 120}
    assert len(asked) == 2  # the preview, and the apply before its lock
    assert {times.each for times in asked} == {0.25}
