"""The records a change set left alone, all of them, by table and reason."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from core.changes.work import Problem

if TYPE_CHECKING:
    from core.changes.models import ChangeSet


class LeftAlone(NamedTuple):
    """Records of one table that were left alone for the same reason."""

    table: str
    why: str
    ids: list[int]
    unnamed: int
    """How many have no id: records that could not be created."""


def left_alone(change_set: ChangeSet) -> list[LeftAlone]:
    """Most frequent first. Without those that only got another id."""
    ids: dict[tuple[str, str], set[int]] = {}
    unnamed: Counter[tuple[str, str]] = Counter()
    batches = change_set.batches.exclude(problems=[]).order_by("number")
    for table, problems in batches.values_list("table", "problems"):
        for pk, why in problems:
            if why == Problem.NEW_ID:
                continue
            key = (table or change_set.table, why)
            unnamed[key] += not pk
            ids.setdefault(key, set()).update([pk] if pk else [])
    found = [LeftAlone(*key, sorted(ids[key]), unnamed[key]) for key in ids]
    return sorted(found, key=lambda each: -len(each.ids) - each.unnamed)
