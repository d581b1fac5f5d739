"""Entries of a change, as an address names them: ticked ones, or a search."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin.words import table_label
from core.changes.parts import Part
from core.models.base import Record

if TYPE_CHECKING:
    from django.http import QueryDict

MOST_TICKED = 500
INT64 = 2**63


def whole_number(text: str) -> int | None:
    """The id a text stands for; None for anything else."""
    if text.isascii() and text.isdigit() and int(text) < INT64:
        return int(text)
    return None


def parse(query: QueryDict) -> Part:
    """`entry` (of several), else `table` and `record`: an id, or a part of a label.

    What names no entry is a part without entries, never all of them.
    """
    ticked = query.getlist("entry")[:MOST_TICKED]
    if ticked:
        return Part(ids=[whole_number(text) or 0 for text in ticked])
    record = query.get("record", "").strip()
    number = whole_number(record)
    return Part(
        table=query.get("table", "").replace("\x00", ""),
        record=number,
        text="" if number is not None else record.replace("\x00", "\ufffd"),
    )


def table_names() -> dict[str, str]:
    """What the records of each MoviePilot table are called, by label."""
    models = [model for model in apps.get_models() if issubclass(model, Record)]
    return {model._meta.label_lower: table_label(model) for model in models}


def query_of(part: Part) -> str:
    """The address's query that `parse` reads as this part; '' for all."""
    if part.ids:
        return urlencode({"entry": [*part.ids]}, doseq=True)
    record = part.text if part.record is None else str(part.record)
    given = {"table": part.table, "record": record}
    return urlencode({name: value for name, value in given.items() if value})


def words(part: Part) -> str:
    """The part in a few words; '' for all."""
    if part.ids:
        count = len(part.ids)
        return ngettext("%d chosen entry", "%d chosen entries", count) % count
    said = [table_names().get(part.table, part.table)] if part.table else []
    if part.record is not None:
        said.append(_("record %d") % part.record)
    if part.text:
        said.append(_("“%s” in the name") % part.text)
    return " · ".join(said)
