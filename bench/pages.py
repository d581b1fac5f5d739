"""The pages that are measured, and the words for them."""

from __future__ import annotations

from dataclasses import dataclass

from bench import rows

PER_PAGE = 50
PAGES = {
    "first": "first page",
    "deep": "page {middle:,}",
    "offset": "page {middle:,} by OFFSET",
    "status": "status filter",
    "last": "by date, last page",
    "chinese": "2-character Chinese search",
    "english": "English search",
    "nowhere": "no-hit search",
    "status count": "status filter: its count",
    "chinese count": "Chinese search: its count",
    "home": "home page",
    "record": "record page",
}
"""Name → what the table calls it."""
LISTS = ("first", "deep", "status", "last", "chinese", "english", "nowhere")
"""Pages that show records: every program must show the same number of them."""
SEARCHES = {"chinese": rows.CHINESE, "english": rows.ENGLISH, "nowhere": rows.NOWHERE}


@dataclass(frozen=True)
class Place:
    """The record before the page in the middle of the list."""

    count: int
    date: str
    record_id: int

    @property
    def middle(self) -> int:
        """The number of that page, from 1."""
        return self.count // 2 // PER_PAGE + 1

    @property
    def last(self) -> int:
        """The number of the last page."""
        return -(-self.count // PER_PAGE)
