"""How many records there are, as far as it can be known cheaply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.opers.base import RecordQuerySet

CAP = 50_000
"""Records counted at most: beyond, a page would wait for a number nobody reads."""


@dataclass(frozen=True)
class Count:
    """A number of records, exact unless there are more."""

    number: int
    is_capped: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}" + ("+" if self.is_capped else "")


def count(records: RecordQuerySet[Any], *, cap: int = CAP) -> Count:
    """Count up to `cap` records, in one query."""
    number = records.count_up_to(cap)
    return Count(min(number, cap), is_capped=number > cap)
