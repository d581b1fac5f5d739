"""One prefix put in place of another: whole segments, in every form of a path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.changes.paths import is_windows, swap

NOT_UNDER = None
SWAPS = [
    # POSIX
    ("/media/a/x.mkv", "/media/a", "/mnt/b", "/mnt/b/x.mkv"),
    ("/media/a", "/media/a", "/mnt/b", "/mnt/b"),
    ("/media/ab", "/media/a", "/mnt/b", NOT_UNDER),
    ("/media", "/media/a", "/mnt/b", NOT_UNDER),
    ("/x/media/a", "/media/a", "/mnt/b", NOT_UNDER),
    ("/Media/a/x", "/media/a", "/mnt/b", NOT_UNDER),
    ("media/a/x", "/media/a", "/mnt/b", NOT_UNDER),
    ("media/a/x", "media/a", "b", "b/x"),
    ("", "/media/a", "/mnt/b", NOT_UNDER),
    ("/media/a\\x/y", "/media/a", "/mnt/b", NOT_UNDER),
    ("/media/a/x\\y", "/media/a", "/mnt/b", "/mnt/b/x\\y"),
    ("/media/电影/x", "/media/电影", "/mnt/電影", "/mnt/電影/x"),
    ("/media/a\n/x", "/media/a", "/mnt/b", NOT_UNDER),
    ("/media/a/x\n", "/media/a", "/mnt/b", "/mnt/b/x\n"),
    # Slashes at the end and doubled ones
    ("/media/a/", "/media/a", "/mnt/b", "/mnt/b/"),
    ("/media/a", "/media/a/", "/mnt/b/", "/mnt/b"),
    ("/media/a/x/", "/media/a//", "/mnt/b//", "/mnt/b/x/"),
    ("/media//a/x", "/media/a", "/mnt/b", "/mnt/b/x"),
    ("/media/a/x", "/media//a", "/mnt/b", "/mnt/b/x"),
    ("/media/a//x", "/media/a", "/mnt/b", "/mnt/b//x"),
    ("//media/a/x", "/media/a", "/mnt/b", NOT_UNDER),
    ("//nas/a/x", "//nas/a", "/mnt/b", "/mnt/b/x"),
    ("/nas/a/x", "//nas/a", "/mnt/b", NOT_UNDER),
    # What LIKE or a regular expression would read as something else
    ("/media/100%/x", "/media/100%", "/mnt/_", "/mnt/_/x"),
    ("/media/1000/x", "/media/100%", "/mnt/b", NOT_UNDER),
    ("/media/a_b/x", "/media/a_b", "/mnt/b", "/mnt/b/x"),
    ("/media/axb/x", "/media/a_b", "/mnt/b", NOT_UNDER),
    ("/media/a.b/x", "/media/a.b", r"/mnt/\1\g<0>", r"/mnt/\1\g<0>/x"),
    ("/media/axb/x", "/media/a.b", "/mnt/b", NOT_UNDER),
    # The root
    ("/x/y", "/", "/mnt", "/mnt/x/y"),
    ("/", "/", "/mnt", "/mnt"),
    ("x", "/", "/mnt", NOT_UNDER),
    ("//nas/x", "/", "/mnt", NOT_UNDER),
    ("/media/x", "/media", "/", "/x"),
    ("/media", "/media", "/", "/"),
    ("/media/", "/media", "/", "/"),
    ("/x", "/", "/", "/x"),
    ("/x/y", "/", "D:\\", "D:\\x\\y"),
    # Windows
    ("C:\\media\\a\\x", "C:\\media\\a", "D:\\b", "D:\\b\\x"),
    ("c:\\Media\\A\\X", "C:\\media\\a", "D:\\b", "D:\\b\\X"),
    ("C:\\media\\ab", "C:\\media\\a", "D:\\b", NOT_UNDER),
    ("C:/media/a/x", "C:\\media\\a", "D:\\b", "D:/b/x"),
    ("C:\\media\\a\\x", "C:/media/a/", "D:/b/", "D:\\b\\x"),
    ("C:\\media\\a", "C:\\media\\a\\", "D:\\b", "D:\\b"),
    ("C:\\x", "C:\\", "D:\\b", "D:\\b\\x"),
    ("C:/x", "C:", "D:", "D:/x"),
    ("C:", "C:\\", "D:\\b", "D:\\b"),
    ("C:x", "C:\\", "D:\\b", NOT_UNDER),
    ("C:\\a\\x", "C:\\a", "D:\\", "D:\\x"),
    ("C:\\a", "C:\\a", "D:", "D:\\"),
    # From one form to the other
    ("/media/a/x/y.mkv", "/media/a", "D:\\b", "D:\\b\\x\\y.mkv"),
    ("/media/a/x/y.mkv", "/media/a", "D:/b", "D:/b/x/y.mkv"),
    ("/media/a/x/y", "/media/a", "\\\\nas\\b", "\\\\nas\\b\\x\\y"),
    ("C:\\media\\x\\y", "C:\\media", "/mnt/b", "/mnt/b/x/y"),
    ("C:/media/x/y", "c:\\MEDIA", "/mnt/b", "/mnt/b/x/y"),
    ("C:\\x\\y", "C:\\", "/", "/x/y"),
    # UNC
    ("\\\\nas\\share\\x", "\\\\nas\\share", "\\\\box\\s", "\\\\box\\s\\x"),
    ("\\\\NAS\\Share\\x", "\\\\nas\\share\\", "/mnt/b", "/mnt/b/x"),
    ("//nas/share/x", "\\\\nas\\share", "\\\\box\\s", "//box/s/x"),
    ("\\\\nas\\share2\\x", "\\\\nas\\share", "\\\\box\\s", NOT_UNDER),
    ("\\nas\\share\\x", "\\\\nas\\share", "\\\\box\\s", NOT_UNDER),
    ("\\\\nas\\share", "\\\\nas\\share", "/mnt", "/mnt"),
]


@pytest.mark.parametrize(("text", "old", "new", "expected"), SWAPS)
def test_a_prefix_is_swapped_by_whole_segments(text, old, new, expected):
    assert swap(text, old, new) == expected


@pytest.mark.parametrize(
    ("text", "old", "ignore_case", "expected"),
    [
        ("/Media/A/x", "/media/a", True, "/mnt/x"),
        ("/Media/A/x", "/media/a", False, NOT_UNDER),
        ("/ÀÉ/x", "/àé", True, "/mnt/x"),
        ("/straße/x", "/strasse", True, NOT_UNDER),
        ("C:\\Media\\x", "c:\\media", False, NOT_UNDER),
        ("C:\\Media\\x", "C:\\Media", False, "/mnt/x"),
    ],
)
def test_the_rule_for_case_can_be_said(text, old, ignore_case, expected):
    assert swap(text, old, "/mnt", ignore_case=ignore_case) == expected


@pytest.mark.parametrize(("old", "new"), [("", "/mnt"), ("/media", ""), ("", "")])
def test_an_empty_prefix_is_refused(old, new):
    with pytest.raises(ValueError, match="empty"):
        swap("/media/x", old, new)


@pytest.mark.parametrize("path", ["C:", "c:\\x", "C:/x", "\\\\nas\\share"])
def test_windows_forms_are_told_by_their_start(path):
    assert is_windows(path)
    assert not is_windows(f"/{path}")


NAME = st.text(st.characters(exclude_characters="\\/", codec="utf-8"), min_size=1)
PATH = st.lists(NAME, min_size=1, max_size=4).map(lambda names: "/" + "/".join(names))


@given(PATH, PATH, st.lists(NAME, max_size=3))
def test_what_follows_a_prefix_is_kept_and_swapping_back_restores_it(old, new, names):
    text = "/".join([old, *names])

    moved = swap(text, old, new)

    assert moved == "/".join([new, *names])
    assert swap(moved, new, old) == text


@given(PATH, PATH, NAME)
def test_a_longer_name_is_not_under_the_prefix(old, new, more):
    assert swap(old + more, old, new) is None
