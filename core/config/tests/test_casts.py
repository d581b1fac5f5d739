"""Text of the environment as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.casts import convert


@pytest.mark.parametrize("text", ["true", "True", "1", "on", "YES", "y", "t", " true "])
def test_words_that_mean_true(text):
    assert convert(text, bool) is True


@pytest.mark.parametrize("text", ["false", "FALSE", "0", "off", "no", "n", "f"])
def test_words_that_mean_false(text):
    assert convert(text, bool) is False


@pytest.mark.parametrize("text", ["", "2", "ok", "enabled", "none"])
def test_other_words_are_no_truth_value(text):
    with pytest.raises(ValueError, match="write true or false"):
        convert(text, bool)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("7", int, 7),
        ("-1", int, -1),
        (" 7 ", int, 7),
        ("0.5", float, 0.5),
        ("3", float, 3.0),
        ("", str, ""),
        ("$x", str, "$x"),
        ("None", str | None, "None"),
        ("", str | None, None),
        ("", int | None, None),
        ("5", int | None, 5),
        ("", bool | None, None),
        ("off", bool | None, False),
    ],
)
def test_a_text_becomes_a_value_of_its_type(text, kind, value):
    assert convert(text, kind) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('[".mp4", ".mkv"]', [".mp4", ".mkv"]),
        (".mp4,.mkv", [".mp4", ".mkv"]),
        (" .mp4 , .mkv ,", [".mp4", ".mkv"]),
        ("[]", []),
        ("", []),
        ("*", ["*"]),
        ('["第 1 季"]', ["第 1 季"]),
        ("[1, 2]", ["1", "2"]),
        ("[::1],localhost", ["[::1]", "localhost"]),
        ("localhost,[::1]", ["localhost", "[::1]"]),
        ("[::1]", ["[::1]"]),
    ],
)
def test_a_list_is_json_or_has_commas(text, value):
    assert convert(text, list[str]) == value


@pytest.mark.parametrize(
    ("text", "value"), [("[16, 18]", [16, 18]), ("16,18", [16, 18])]
)
def test_a_list_of_numbers(text, value):
    assert convert(text, list[int]) == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", int),
        ("5.5", int),
        ("five", int | None),
        ("", float),
        ("abc1", float),
        ("nan", float),
        ("inf", float),
        ('[".mp4"', list[str]),
        ("[a, b]", list[str]),
        ('[{"a": 1}]', list[str]),
        ("[null]", list[str]),
        ('{"a": 1}', list[int]),
        ("16,x", list[int]),
        ("[1.5]", list[int]),
        ("[" * 100_000, list[str]),
    ],
)
def test_what_does_not_convert_is_an_error_that_does_not_repeat_it(text, kind):
    with pytest.raises(ValueError, match=r"^write a ") as caught:
        convert(text, kind)

    assert len(text) < 3 or text not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(st.text(), st.sampled_from([bool, int, float, list[str], list[int], int | None]))
def test_any_text_converts_or_says_what_to_write(text, kind):
    said = "write "
    try:
        convert(text, kind)
    except ValueError as error:
        said = str(error)

    assert said.startswith("write ")
