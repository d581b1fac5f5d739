"""Which of many changes to look at: the first, the last, and some at random."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.changes.rows import Change
    from core.models.base import Record

SAMPLES = 3
"""How many of each."""

Pick = tuple[int, "type[Record]", "Change"]
"""Which of the changes it is, its table, and itself."""


class Picks:
    """The first, the last and random ones of changes that come batch by batch.

    The random ones are a reservoir with gaps drawn ahead (K.-H. Li, 1994): a batch
    costs no more for being long. The same seed picks the same ones.
    """

    size = 2 * SAMPLES
    """More than are shown: the last ones are shown anyway."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)  # noqa: S311  a sample to look at, not a secret
        self.seen = 0
        self.first: list[Pick] = []
        self.last: list[Pick] = []
        self.kept: list[Pick] = []
        self.next = SAMPLES
        self.weight = 1.0

    def add(self, model: type[Record], changes: Sequence[Change]) -> None:
        """Look at a batch."""
        start, end = self.seen, self.seen + len(changes)

        def pick(number: int) -> Pick:
            return number, model, changes[number - start]

        self.first += map(pick, range(start, min(end, max(start, SAMPLES))))
        tail = map(pick, range(max(start, end - SAMPLES), end))
        self.last = [*self.last, *tail][-SAMPLES:]
        while self.next < end:
            self._keep(pick(self.next))
        self.seen = end

    def _keep(self, pick: Pick) -> None:
        if len(self.kept) < self.size:
            self.kept.append(pick)
        else:
            self.kept[self.random.randrange(self.size)] = pick
        self.next += 1 if len(self.kept) < self.size else self._gap()

    def _gap(self) -> int:
        """How far the next one is that is kept."""
        self.weight *= math.exp(math.log(self._chance()) / self.size)
        return 1 + math.floor(math.log(self._chance()) / math.log1p(-self.weight))

    def _chance(self) -> float:
        return 1.0 - self.random.random()  # never 0, which has no logarithm

    def result(self) -> Iterator[tuple[str, type[Record], Change]]:
        """(place, table, change) of each pick, in the order of the changes."""
        ends = {number for number, *_rest in self.first}
        last = [pick for pick in self.last if pick[0] not in ends]
        ends |= {number for number, *_rest in last}
        between = [pick for pick in self.kept if pick[0] not in ends]
        some = self.random.sample(between, min(SAMPLES, len(between)))
        some.sort(key=lambda pick: pick[0])
        for place, picks in ("first", self.first), ("random", some), ("last", last):
            for _number, model, change in picks:
                yield place, model, change
