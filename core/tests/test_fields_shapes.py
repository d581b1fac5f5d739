"""JSON that MoviePilot cannot read, and how that is said."""

import pytest
from django.core.exceptions import ValidationError

from core.fields import JSON_NULL, BrokenJSON, JSONColumn
from core.fields.shapes import check

CLIENTS = {
    "type": "array",
    "maxItems": 2,
    "items": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+$"},
            "kind": {"enum": ["a", "b"]},
            "pair": {"type": "array", "minItems": 2},
            "port": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "odd": {"multipleOf": 2},
        },
    },
}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "At $: this must be a list."),
        (JSON_NULL, "At $: this must be a list."),
        (BrokenJSON("7"), "At $: this must be a list."),
        ([{}], "At $[0]: “name” is missing."),
        ([{"name": 1}], "At $[0].name: this must be a text."),
        ([{"name": "A"}], "At $[0].name: this text does not have the form ^[a-z]+$."),
        ([{"name": "a", "kind": 1}], "At $[0].kind: this must be one of: a, b."),
        (
            [{"name": "a", "pair": [1]}],
            "At $[0].pair: this list needs at least 2 values.",
        ),
        ([{"name": "a", "port": ""}], "At $[0].port: this must be a whole number."),
        ([{"name": "a", "odd": 3}], "At $[0].odd: this does not fit (multipleOf)."),
        ([{"name": "a"}] * 3, "At $: this list takes no more than 2 values."),
    ],
)
def test_the_message_names_the_place_and_what_belongs_there(value, message):
    with pytest.raises(ValidationError) as refused:
        check(CLIENTS, value)

    assert refused.value.messages == [message]


def test_only_the_first_few_places_are_named():
    with pytest.raises(ValidationError) as refused:
        check({"type": "array", "items": {"type": "string"}}, [1, 2, 3, 4, 5])

    assert len(refused.value.messages) == 3


def test_values_are_not_repeated():
    with pytest.raises(ValidationError) as refused:
        check(CLIENTS, [{"name": "synthetic-Secret"}])

    assert "synthetic" not in str(refused.value)


def test_a_shape_leaves_the_column_as_it_is():
    with_shape, without = JSONColumn(shape=CLIENTS), JSONColumn()

    assert with_shape.deconstruct() == without.deconstruct()
