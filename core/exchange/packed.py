"""A table read from a file, packed to be kept with a plan.

The rows stand in compressed pieces that are unpacked one by one, so that a table of a
million rows never stands in memory as a whole. Where it holds secrets, each piece is
encrypted.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from core.secrets import decrypt, encrypt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PIECE_ROWS = 1000
PIECE_TEXT = 2**20
LENGTH = struct.Struct(">I")
PLAIN, SEALED = b"p", b"s"

Row = tuple[int, Any]
"""The row's number in its file, and its cells: a list of texts in the order of the
names, or name → value of a document. A text in their place says what is wrong with the
whole row, {"$fault": …} in the place of a cell what is with that.
"""


class TooMuch(Exception):
    """The packed table would be too large to keep."""


@dataclass(frozen=True)
class Head:
    """What is known of the table beside its rows."""

    names: list[str]
    """Of the columns, as the file has them."""
    is_document: bool
    """Whether rows hold values of their own types, not texts (core.exchange.cells)."""
    counts: list[int]
    """How many rows stand in each piece."""


@dataclass(frozen=True)
class PackedTable:
    """A table whose rows are unpacked as they are asked for."""

    payload: bytes

    @cached_property
    def head(self) -> Head:
        """What stands before the rows. Raises UnreadableSecret."""
        return Head(**self._unpack(next(self._pieces(0))))

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(self.head.counts)

    def rows(self, start: int = 0) -> Iterator[Row]:
        """The rows from the one at this position on. Raises UnreadableSecret."""
        ends = [*accumulate(self.head.counts)]
        first = bisect_right(ends, start)
        skip = start - (ends[first - 1] if first else 0)
        for piece in self._pieces(first + 1):
            yield from self._unpack(piece)[skip:]
            skip = 0

    def _pieces(self, first: int) -> Iterator[bytes]:
        view, at, index = memoryview(self.payload), 1, 0
        while at < len(view):
            (length,) = LENGTH.unpack_from(view, at)
            at += LENGTH.size
            if index >= first:
                yield bytes(view[at : at + length])
            at, index = at + length, index + 1

    def _unpack(self, piece: bytes) -> Any:
        if self.payload[:1] == SEALED:
            piece = base64.b64decode(decrypt(piece.decode()))
        return json.loads(zlib.decompress(piece))


@dataclass
class Packer:
    """Takes rows and packs them. `add` raises TooMuch."""

    is_sealed: bool
    most_bytes: int
    most_text: int
    pieces: list[bytes] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    kept: int = 0
    text: int = 0
    _texts: list[str] = field(default_factory=list)
    _length: int = 0

    @property
    def count(self) -> int:
        """How many rows have been added."""
        return sum(self.counts) + len(self._texts)

    def add(self, number: int, cells: Sequence[Any] | Mapping[str, Any] | str) -> None:
        """One row more."""
        text = json.dumps([number, cells])
        self._texts.append(text)
        self._length += len(text)
        if len(self._texts) >= PIECE_ROWS or self._length >= PIECE_TEXT:
            self._close()

    def packed(self, names: Sequence[str], *, is_document: bool) -> PackedTable:
        """The table of all rows that were added."""
        if self._texts:
            self._close()
        head = {
            "names": [*names],
            "is_document": is_document,
            "counts": self.counts,
        }
        kind = SEALED if self.is_sealed else PLAIN
        parts = [kind]
        for piece in (self._pack(json.dumps(head)), *self.pieces):
            parts += [LENGTH.pack(len(piece)), piece]
        return PackedTable(b"".join(parts))

    def _close(self) -> None:
        piece = self._pack(f"[{','.join(self._texts)}]")
        self.pieces.append(piece)
        self.counts.append(len(self._texts))
        self.kept += len(piece)
        self.text += self._length
        self._texts, self._length = [], 0
        if self.kept > self.most_bytes or self.text > self.most_text:
            raise TooMuch

    def _pack(self, text: str) -> bytes:
        piece = zlib.compress(text.encode(), level=3)
        if not self.is_sealed:
            return piece
        return encrypt(base64.b64encode(piece).decode()).encode()
