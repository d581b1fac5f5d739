"""Columns as MoviePilot stores them, on SQLite and on PostgreSQL."""

from core.fields.columns import (
    BooleanColumn,
    FlagField,
    FloatColumn,
    IntegerColumn,
    RecordId,
    TextColumn,
)
from core.fields.indexes import Index, UniqueIndex
from core.fields.jsoncolumn import JSONColumn
from core.fields.jsontext import (
    JSON_NULL,
    BrokenJSON,
    JSONNull,
    decode_json,
    encode_json,
    readable_json,
)
from core.fields.stamps import (
    ClockField,
    DayField,
    LocalDateTimeField,
    StampField,
    clock_now,
    day_now,
    local_now,
    stamp_now,
)

__all__ = [
    "JSON_NULL",
    "BooleanColumn",
    "BrokenJSON",
    "ClockField",
    "DayField",
    "FlagField",
    "FloatColumn",
    "Index",
    "IntegerColumn",
    "JSONColumn",
    "JSONNull",
    "LocalDateTimeField",
    "RecordId",
    "StampField",
    "TextColumn",
    "UniqueIndex",
    "clock_now",
    "day_now",
    "decode_json",
    "encode_json",
    "local_now",
    "readable_json",
    "stamp_now",
]
