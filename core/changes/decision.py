"""What a work has decided about a batch of records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.changes import consequences
from core.changes.fitting import fit
from core.changes.rows import Change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.changes.consequences import Carriage, Consequence
    from core.changes.fitting import Fit
    from core.changes.last_one import LastOne
    from core.changes.rows import Rows, Values
    from core.models.base import Record


class Problem(models.TextChoices):
    """Why a record was left alone, where the reason is not an error of its own."""

    GONE = "gone", _("the record no longer exists")
    CONFLICT = "conflict", _("changed by someone else since")
    NEW_ID = "new id", _("restored under another id, its own is taken")
    COLUMN = "column", _("the table has lost a column the record had")
    LOST = "lost", _("not written; why was lost in a crash")


class Batch(NamedTuple):
    """Records to work on in one transaction, and how far that brings the work."""

    model: type[Record]
    items: Sequence[Any]
    end: int
    part: int = 0
    """Which of several works it belongs to."""


@dataclass
class Decision:
    """What is to happen to the records of a batch."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)
    carried: list[Carriage] = field(default_factory=list)
    """What happens to other records, before `changes`, and only with all of them."""
    consequences: list[Consequence] = field(default_factory=list)
    """Why; for a preview to say."""
    is_whole: bool = False
    """Whether the changes may only be written all together."""

    def take(self, fitting: Fit) -> None:
        """Make these changes, with what follows them."""
        self.changes, self.is_whole = fitting.changes, fitting.is_whole
        self.follow(fitting.follows)

    def keep_last(
        self,
        rows: Rows,
        last: LastOne,
        context: Mapping[int, Values],
        *,
        lock: bool,
    ) -> None:
        """Leave the last record alone that has to stay; `context` is as of `fit`."""
        fitting = fit(
            rows, self.changes, context, last=last, is_followed=False, lock=lock
        )
        for pk, error in fitting.misfits.items():
            self.problems.append((pk, " ".join(error.messages)))
        self.take(fitting)

    def follow(self, found: Sequence[Consequence]) -> None:
        """Carry these consequences."""
        self.consequences += found
        self.carried = consequences.merged(self.consequences)
