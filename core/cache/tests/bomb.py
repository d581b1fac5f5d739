"""A pickle that writes a file when somebody loads it."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class _Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self.path), "w")


def bomb(path: Path) -> bytes:
    """Bytes that make this file where they are unpickled."""
    return pickle.dumps(_Bomb(path))
