"""What the JSON lists of many records hold."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from core.changes.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models.base import Record

MOST = 20_000
"""Records that are looked at; of more, only the first."""


def members(model: type[Record], column: str, ids: Sequence[int]) -> dict[Any, int]:
    """Member → how many of the records hold it, most frequent first. One query.

    Numbers and texts only: what else a list may hold has no name to choose it by.
    """
    rows = Rows(model)
    if column not in rows.types:
        return {}
    texts = Counter(raw for _pk, raw in rows.read(ids[:MOST], [column]))
    found: Counter[Any] = Counter()
    for text, count in texts.items():
        found.update(dict.fromkeys(_plain_members(text), count))
    return dict(found.most_common())


def _plain_members(raw: Any) -> list[Any]:
    try:
        value = json.loads(raw) if isinstance(raw, str) else None
    except (ValueError, RecursionError):
        return []
    found = value if isinstance(value, list) else []
    return [each for each in found if type(each) in (int, str)]
