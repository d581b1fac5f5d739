"""Large sets of record ids: packed to keep, and a digest to prove that two are the
same.
"""

from __future__ import annotations

import hashlib
import zlib
from array import array
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def pack(ids: Sequence[int]) -> bytes:
    """Ascending ids as compressed differences: 1,000,000 ids in a row take a few kB."""
    steps = array("q", ids)
    for index in range(len(steps) - 1, 0, -1):
        steps[index] -= steps[index - 1]
    return zlib.compress(steps.tobytes(), level=1)


def unpack(packed: bytes) -> list[int]:
    """The ids that `pack` was given."""
    steps = array("q")
    steps.frombytes(zlib.decompress(packed) if packed else b"")
    return list(accumulate(steps))


def digest(ids: Sequence[int]) -> str:
    """BLAKE2b of the ascending ids, as 32 hexadecimal digits."""
    return hashlib.blake2b(array("q", ids).tobytes(), digest_size=16).hexdigest()
