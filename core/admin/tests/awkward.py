"""Rows of every table with everything MoviePilot's columns have been seen to hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from core.fields import JSONColumn, LocalDateTimeField, StampField
from core.models.base import Record

if TYPE_CHECKING:
    from core.tests.support.libraries import Library

SCRIPT = "<script>alert(1)</script>&'\"</td>"
TURNING = "‮שלום \u200b流浪地球 🎬 e\u0301"
HUGE = "很长的文字 long text " * 2000
SECRET = "synthetic-secret"
STAMP = "2025-03-04 05:06:07"

TEXTS = {"empty": "", "script": SCRIPT, "turning": TURNING, "huge": HUGE}
JSONS: dict[str, Any] = {
    "empty": {},
    "script": {SCRIPT: [SCRIPT, {"deep": SCRIPT}]},
    "turning": [TURNING, 1.5, 2**60, True, None, "\ud800"],
    "huge": [{"n": number, "text": "x" * 50} for number in range(3000)],
    "null": None,
    "number": 3.14,
    "text": "a JSON string",
}
SECRET_JSON = {"password": f"{SECRET}-password", "api_token": f"{SECRET}-token"}
KINDS = ["nulls", "empty", "script", "turning", "huge", "null", "number", "broken"]


def record_models() -> list[type[Record]]:
    """MoviePilot's seventeen tables."""
    return [model for model in apps.get_models() if issubclass(model, Record)]


def fill(library: Library) -> dict[type[Record], list[int]]:
    """Add a row of each kind to every table; their ids."""
    found = record_models()
    # Passkeys belong to users, and PostgreSQL insists.
    found.sort(key=lambda model: model._meta.db_table == "passkey")
    return {
        model: [add(library, model, kind) for kind in KINDS if _fits(library, kind)]
        for model in found
    }


def add(library: Library, model: type[Record], kind: str, **given: Any) -> int:
    """Add one row; its id."""
    columns = [field for field in model._meta.fields if not field.primary_key]
    values = {field.attname: _value(library, model, field, kind) for field in columns}
    return library.insert(model._meta.db_table, **{**values, **given})


def _fits(library: Library, kind: str) -> bool:
    # PostgreSQL takes nothing broken into a json column, nor text into a number.
    return kind != "broken" or library.vendor == "sqlite"


def _value(library: Library, model: type[Record], field: Any, kind: str) -> Any:
    unique = {"credential_id", "item_id", "key"}
    if field.attname in unique:
        is_secret = field.name in model.secret_fields
        return f"{field.attname} {kind}{SECRET if is_secret else ''}"
    if isinstance(field, models.ForeignKey):
        return library.execute('SELECT min(id) FROM "user"')[0][0]
    if kind == "nulls" and field.null:
        return None
    if isinstance(field, JSONColumn):
        return _json(model, field, kind)
    if field.name in model.secret_fields:
        return f"{SECRET}-{field.name}"
    return _plain(field, kind)


def _json(model: type[Record], field: Any, kind: str) -> str | None:
    if kind == "broken":
        return (
            f'{{"password": "{SECRET}-broken'
            if field.name in model.secret_fields
            else "{"
        )
    if field.name in model.secret_fields and kind not in ("null", "number"):
        return json.dumps({**SECRET_JSON, "list": [SECRET_JSON], "open": "may be seen"})
    return json.dumps(JSONS.get(kind, {}))


def _plain(field: Any, kind: str) -> Any:
    if isinstance(field, models.BooleanField):
        return "false" if kind == "broken" else kind == "script"
    if isinstance(field, models.IntegerField):
        return "seven" if kind == "broken" else 1
    if isinstance(field, models.FloatField):
        return 1.5e300 if kind == "huge" else 0.1
    if isinstance(field, LocalDateTimeField):
        return "" if kind == "broken" else STAMP
    if isinstance(field, StampField):
        return SCRIPT if kind == "script" else STAMP
    return TEXTS.get(kind, "plain")
