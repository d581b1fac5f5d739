"""What the lists of the records being edited hold, to choose from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.changes.members import members

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.admin.choosing import Held
    from core.models.base import Record


class HeldMembers:
    """Read when a page first asks for it: one query a column.

    `ids` returns the records, of which there may be a million.
    """

    def __init__(self, model: type[Record], ids: Callable[[], Sequence[int]]) -> None:
        self.model, self.ids = model, ids
        self.known: dict[str, Held] = {}

    def of(self, column: str) -> Held:
        """Member → how many of the records hold it."""
        if column not in self.known:
            self.known[column] = members(self.model, column, self.ids())
        return self.known[column]
