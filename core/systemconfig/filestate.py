"""Whether anybody wrote to an SQLite file, told without opening it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

GRAIN = 2.5
"""Seconds within which a file's clock may show two writes as one; FAT counts in twos.
"""


class FileState(NamedTuple):
    """A database file and its write-ahead log: which files, how long, of when."""

    parts: tuple[tuple[int, int, int] | None, ...]
    is_settled: bool
    """The last write is long enough ago that a later one would show."""

    def is_same_as(self, earlier: FileState | None) -> bool:
        """Whether nobody wrote since the earlier look, and that is certain."""
        return (
            earlier is not None and earlier.is_settled and self.parts == earlier.parts
        )


def file_state(path: Path) -> FileState:
    """The file as it stands now. Raises OSError when there is none."""
    now = time.time()
    found = [path.stat()]
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        found.append(log.stat())
    newest = max(each.st_mtime for each in found)
    parts = tuple((each.st_ino, each.st_size, each.st_mtime_ns) for each in found)
    return FileState(parts, abs(now - newest) > GRAIN)
