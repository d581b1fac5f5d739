"""What a cache keeps comes back exactly, and what would not is refused."""

from __future__ import annotations

import datetime
import enum
import math
import pickle
from collections import OrderedDict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.cache import values

if TYPE_CHECKING:
    from django.core.cache.backends.base import BaseCache


class Level(enum.IntEnum):
    HIGH = 1


class Text(str):
    __slots__ = ()


ONES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.text(),
    st.binary(),
)
KEYS = st.one_of(st.text(), st.integers(-(2**63), 2**64 - 1), st.binary())
VALUES = st.recursive(
    ONES,
    lambda some: st.one_of(st.lists(some), st.dictionaries(KEYS, some)),
    max_leaves=20,
)
ANY_TEXT = st.text(st.characters())
REFUSED = [
    (1, 2),
    [(1, 2)],
    {"a": {"b": {1, 2}}},
    {(1, 2): 3},
    frozenset(),
    datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    datetime.date(2026, 1, 1),
    Decimal("1.5"),
    bytearray(b"a"),
    [memoryview(b"a")],
    OrderedDict(a=1),
    Level.HIGH,
    Text("a"),
    1j,
    object(),
    len,
    msgpack.Timestamp(1),
    msgpack.ExtType(1, b""),
]


def same(one: Any, other: Any) -> bool:
    """Equal, also in types, NaN and the sign of zero."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    if isinstance(one, float):
        both = math.isnan(one) and math.isnan(other)
        return both or (
            one == other and math.copysign(1, one) == math.copysign(1, other)
        )
    return bool(one == other)


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    assert same(values.loads(values.dumps(value)), value)


@given(VALUES, ANY_TEXT)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_so_it_does_from_a_cache(cache: BaseCache, value: Any, key: str) -> None:
    cache.set(key, value)

    assert same(cache.get(key), value)


@given(st.binary())
def test_bytes_of_another_form_are_no_value(stored: bytes) -> None:
    try:
        values.loads(stored)
    except values.Unreadable:
        return


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: type(value).__name__)
def test_other_types_are_refused_by_name(value: Any) -> None:
    with pytest.raises(TypeError, match=r"cannot keep a \w+"):
        values.dumps(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (2**64, "64 bits"),
        ([-(2**63) - 1], "64 bits"),
        ({"a": "\ud800"}, "surrogate"),
    ],
)
def test_other_values_are_refused_with_the_reason(value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        values.dumps(value)


def test_what_contains_itself_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)

    with pytest.raises(ValueError, match="cannot keep this value"):
        values.dumps(circle)


@pytest.mark.parametrize("value", [(1, 2), 2**64, Level.HIGH, -(2**63) - 1])
def test_a_cache_refuses_and_keeps_what_it_had(cache: BaseCache, value: Any) -> None:
    cache.set("key", "before")

    with pytest.raises((TypeError, ValueError), match="cannot keep"):
        cache.set("key", value)
    with pytest.raises((TypeError, ValueError), match="cannot keep"):
        cache.add("other", value)

    assert cache.get("key") == "before"
    assert cache.get("other") is None


def test_a_pickle_is_no_value() -> None:
    with pytest.raises(values.Unreadable):
        values.loads(pickle.dumps({"a": 1}))
