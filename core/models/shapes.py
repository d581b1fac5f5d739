"""What JSON MoviePilot can read in the columns of its tables: JSON Schemas, 2020-12.

Only the types that its pages and its code insist on. SQL NULL and JSON null read as
none there, everywhere.
"""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]

NUMBER: Shape = {"type": "number"}
WHOLE_NUMBER: Shape = {"type": "integer"}
TEXT: Shape = {"type": "string"}
OBJECT: Shape = {"type": "object"}
LIST: Shape = {"type": "array"}


def list_of(member: Shape) -> Shape:
    """A list of such members, or null."""
    return {"type": ["array", "null"], "items": member}


def object_of(member: Shape) -> Shape:
    """An object with such values, or null."""
    return {"type": ["object", "null"], "additionalProperties": member}


ANY_OBJECT = object_of({})
TEXTS = list_of(TEXT)
IDS = list_of(WHOLE_NUMBER)
OBJECTS = list_of(OBJECT)
LISTS = list_of(LIST)
NUMBERS_BY_NAME = object_of(NUMBER)
EPISODES_BY_SEASON = object_of({"type": "array", "items": WHOLE_NUMBER})
SEEDING = list_of({"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2})
"""For each torrent, its seeders and its bytes."""
