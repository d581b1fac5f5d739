"""Seeded choices, so that one seed and one day always give the same library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")
Row = dict[str, Any]


def stamp(moment: dt.datetime) -> str:
    """Return a moment in MoviePilot's text form, `YYYY-MM-DD HH:MM:SS`."""
    return moment.isoformat(" ", "seconds")


def numbered(rows: list[Row]) -> list[Row]:
    """Give the rows ids from 1 on, in their order."""
    for number, row in enumerate(rows, 1):
        row["id"] = number
    return rows


class Draw:
    """A source of chance that ends at midnight of `day`, where the library is "now".

    Each topic draws from a stream of its own: a change to one table's builder
    leaves the other tables as they were.
    """

    def __init__(self, seed: int, day: dt.date, topic: str = "") -> None:
        self.seed = seed
        self.day = dt.datetime.combine(day, dt.time())  # naive local time, as stored
        self.random = Random(f"{seed}/{topic}")  # noqa: S311 - sample data, no secret

    def topic(self, name: str) -> Draw:
        return Draw(self.seed, self.day.date(), name)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, values: Sequence[T]) -> T:
        return values[int(self.random.random() * len(values))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """A key of the mapping, as likely as its share of all weights."""
        point = self.random.random() * sum(weights.values())
        for value, weight in weights.items():
            point -= weight
            if point < 0:
                return value
        return value

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.random.random() * (high - low + 1))

    def some(self, values: Sequence[T], low: int, high: int) -> list[T]:
        """From `low` to `high` different values."""
        count = min(self.between(low, high), len(values))
        return self.random.sample(values, count)

    def hex(self, digits: int) -> str:
        return f"{self.random.getrandbits(digits * 4):0{digits}x}"

    def text(self, alphabet: str, length: int) -> str:
        return "".join(self.random.choices(alphabet, k=length))

    def bytes(self, length: int) -> bytes:
        return self.random.randbytes(length)

    def ago(self, days: float, *, lean: float = 1.0) -> dt.datetime:
        """A moment in the last `days`; a `lean` above 1 favours the recent ones."""
        span = days * 86400 * self.random.random() ** lean
        return self.day - dt.timedelta(seconds=int(span) + 1)
