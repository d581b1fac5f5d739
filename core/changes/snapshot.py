"""Snapshots: column → raw value of one record, as text to keep.

JSON, because it keeps text, integers of any size, floats to the last bit and NULL
apart. What it cannot say stands in an object: {"$bytes": hex}, and {"$secret": token}
for values that nobody should read in the change log (the token holds the encrypted JSON
of the value).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from core.fields import JSONColumn
from core.secrets import (
    MASK,
    TELLING_WORDS,
    Masked,
    UnreadableSecret,
    decrypt,
    encrypt,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.changes.rows import Change, Values
    from core.models.base import Record

SUSPICIOUS = re.compile(
    rf"""["][^"]*(?:{TELLING_WORDS})[^"]*"\s*:|"(?:key|pin)"\s*:|[?&;]\w+=|\\u00""",
    re.IGNORECASE,
)
"""JSON without a telling name, and without an address that has a query, has no secret
parts (`\\u00` may spell a name).
"""


def dump(model: type[Record], values: Mapping[str, Any] | None) -> str | None:
    """The text of a snapshot; None for none."""
    if values is None:
        return None
    secret, objects = model.secret_fields, _json_columns(model)
    pairs = []
    for name, value in values.items():
        is_secret = name in secret or (name in objects and _may_hide(value))
        text = _seal(value) if is_secret else _encode(value)
        pairs.append(f"{encode_basestring(name)}:{text}")
    return f"{{{','.join(pairs)}}}"


@cache
def _json_columns(model: type[Record]) -> frozenset[str]:
    columns = model._meta.fields
    return frozenset(each.attname for each in columns if isinstance(each, JSONColumn))


def _may_hide(value: Any) -> bool:
    """Whether stored JSON may have secret parts: rather once too often, as this costs
    no more than the time to encrypt it.
    """
    return not isinstance(value, str | int | float | None) or (
        isinstance(value, str) and SUSPICIOUS.search(value) is not None
    )


def dump_pairs(
    model: type[Record], changes: Sequence[Change]
) -> Iterator[tuple[int, str, str | None, str | None]]:
    """(record id, label, before, after) of each change, as entries keep them."""
    texts: dict[int, str | None] = {}
    for pk, label, *values in changes:
        for each in values:  # a bulk edit hands many records the same mapping
            if id(each) not in texts:
                texts[id(each)] = dump(model, each)
        before, after = values
        yield pk, label, texts[id(before)], texts[id(after)]


def load(text: str | None) -> Values | None:
    """The raw values of a snapshot. Raises UnreadableSecret."""
    if text is None:
        return None
    values: Values = json.loads(text)
    if '{"$' in text:
        values = {name: _unwrap(value) for name, value in values.items()}
    return values


def _encode(value: Any) -> str:
    """JSON of one raw value, at a third of what json.dumps takes on a small object."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if type(value) is int:
        return repr(value)
    if isinstance(value, bytes):
        return f'{{"$bytes":"{value.hex()}"}}'
    return json.dumps(value)


def _seal(value: Any) -> str:
    if value is None:
        return "null"
    return f'{{"$secret":"{encrypt(_encode(value))}"}}'


def _unwrap(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "$secret" in value:
        return _unwrap(json.loads(decrypt(value["$secret"])))
    return bytes.fromhex(value["$bytes"])


@dataclass(frozen=True)
class FieldChange:
    """One column before and after, for people: raw values, secrets as Masked."""

    field: str
    before: Any
    after: Any


def field_changes(
    model: type[Record], before: str | None, after: str | None, *, label: str = ""
) -> list[FieldChange]:
    """The columns two snapshots differ in, in the order of the table's columns."""
    old, new = shown(model, before, label=label), shown(model, after, label=label)
    names = [*dict.fromkeys([*old, *new])]
    return [FieldChange(name, old.get(name), new.get(name)) for name in names]


def shown(model: type[Record], text: str | None, *, label: str = "") -> Values:
    """A snapshot's values with secrets masked; `label` is the record's."""
    values = json.loads(text) if text else {}
    return {
        name: _mask(model, name, value, label) if isinstance(value, dict) else value
        for name, value in values.items()
    }


def mask(model: type[Record], name: str, value: Any, *, label: str = "") -> Any:
    """A raw value as it may be shown. `label` is the record's."""
    if name not in model.secret_fields or value is None or value == "":
        return value
    return Masked(model.mask_secret(name, value, label))


def _mask(model: type[Record], name: str, value: dict[str, Any], label: str) -> Any:
    try:
        return mask(model, name, _unwrap(value), label=label)
    except UnreadableSecret:
        return Masked(MASK)
