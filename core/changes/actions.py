"""What a plan does to its records. Each action survives being kept with a plan and
with a change set, so that another process can go on with it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from core.changes.models import Kind
from core.changes.operations import (
    Operation,
    operations_from_json,
    operations_to_json,
    operations_to_payload,
    rows_from_json,
    rows_to_json,
)
from core.changes.preview import preview
from core.changes.work import CreateWork, DeleteWork, EditWork, fixed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.changes.models import ChangeSet, Plan
    from core.changes.preview import Preview
    from core.changes.selection import Selection
    from core.changes.work import Work
    from core.models.base import Record


class Kept(NamedTuple):
    """An action as a plan or a change set keeps it; what is secret in it is sealed."""

    operations: dict[str, Any]
    payload: bytes = b""


class Action(ABC):
    """Something to do to the records of a selection."""

    kind: ClassVar[Kind]
    registry: ClassVar[dict[str, type[Action]]] = {}

    def __init_subclass__(cls) -> None:
        Action.registry[cls.kind] = cls

    def ids(self, selection: Selection) -> list[int]:
        """What is bound by the plan's token: apply stops when it is no longer so."""
        return selection.record_ids()

    @abstractmethod
    def work(self, model: type[Record], ids: Sequence[int]) -> Work:
        """The work, on what `ids` returned. Raises InvalidValues."""

    def preview(self, work: Any, *, seed: str = "") -> Preview:
        """What the work would do. `seed` decides on the samples taken at random."""
        return preview(work, seed=seed)

    def fixed(self, model: type[Record], ids: Sequence[int]) -> Action:
        """The action on exactly what `ids` returned, where that has to be kept."""
        return self

    @abstractmethod
    def keep(self, model: type[Record]) -> Kept:
        """For a plan to keep."""

    @classmethod
    @abstractmethod
    def of(cls, made: Plan | ChangeSet) -> Self:
        """The action that was kept."""

    def lasting(self, kept: Kept) -> Kept:
        """What the change set keeps, to go on where it stopped."""
        return kept


@dataclass(frozen=True)
class Edit(Action):
    """Do an operation to each of these fields."""

    kind: ClassVar[Kind] = Kind.EDIT
    operations: Mapping[str, Operation]

    def work(self, model: type[Record], ids: Sequence[int]) -> EditWork:
        return EditWork(model, ids, self.operations)

    def fixed(self, model: type[Record], ids: Sequence[int]) -> Self:
        return replace(self, operations=fixed(model, self.operations, ids))

    def keep(self, model: type[Record]) -> Kept:
        payload = operations_to_payload(self.operations)
        return Kept(operations_to_json(model, self.operations), payload)

    @classmethod
    def of(cls, made: Plan | ChangeSet) -> Self:
        return cls(operations_from_json(made.operations, bytes(made.payload)))


@dataclass(frozen=True)
class Create(Action):
    """Create these records: field → value each."""

    kind: ClassVar[Kind] = Kind.CREATE
    rows: Sequence[Mapping[str, Any]]

    def ids(self, selection: Selection) -> list[int]:
        return []

    def work(self, model: type[Record], ids: Sequence[int]) -> CreateWork:
        return CreateWork(model, self.rows)

    def keep(self, model: type[Record]) -> Kept:
        return Kept({"rows": rows_to_json(model, self.rows)})

    @classmethod
    def of(cls, made: Plan | ChangeSet) -> Self:
        return cls(rows_from_json(made.operations["rows"]))

    def lasting(self, kept: Kept) -> Kept:
        """The rows of a creation are its entries."""
        return Kept({})


@dataclass(frozen=True)
class Delete(Action):
    """Delete the selected records. Never a file.

    `along` names what else is to go that is only offered (core.changes.consequences).
    """

    kind: ClassVar[Kind] = Kind.DELETE
    along: Sequence[str] = field(default=())

    def work(self, model: type[Record], ids: Sequence[int]) -> DeleteWork:
        return DeleteWork(model, ids, self.along)

    def keep(self, model: type[Record]) -> Kept:
        return Kept({"along": [*self.along]} if self.along else {})

    @classmethod
    def of(cls, made: Plan | ChangeSet) -> Self:
        return cls(made.operations.get("along", ()))


def action_of(made: Plan | ChangeSet) -> Action:
    """The action a plan or change set stands for. Raises LookupError for an undo."""
    return Action.registry[made.kind].of(made)
