"""Which records: a model with the filter of its list page, or with explicit ids."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps

from core.changes import idset
from core.opers.base import oper_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.models.base import Record
    from core.opers.base import RecordQuerySet


@dataclass(frozen=True)
class Selection:
    """Records of one model: those with these ids, or all that match the filter.

    `filter`, `q` and `search` are what RecordQuerySet.matching takes; all empty means
    every record of the table. What is searched is kept with the selection, so that it
    goes on meaning the same.
    """

    model: type[Record]
    ids: Sequence[int] | None = None
    filter: Mapping[str, str] = field(default_factory=dict)
    q: str = ""
    search: Sequence[str] = ()

    def queryset(self) -> RecordQuerySet[Any]:
        """The selected records. Raises FilterError."""
        records = oper_of(self.model).get_queryset()
        if self.ids is not None:
            return records.with_ids(self.ids)
        return records.matching(self.filter, self.q, self.search)

    def record_ids(self) -> list[int]:
        """The ids of the selected records that exist now, ascending. One query."""
        if self.ids is not None:
            return existing(self.model, self.ids)
        return self.queryset().ids()

    def to_json(self) -> dict[str, Any]:
        """For a plan to keep."""
        data = asdict(self) | {"model": self.model._meta.label_lower}
        return (
            data
            if self.ids is None
            else {"model": data["model"], "ids": list(self.ids)}
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Selection:
        """The selection of a plan."""
        return cls(**{**data, "model": apps.get_model(data["model"])})


def existing(model: type[Record], ids: Sequence[int]) -> list[int]:
    """Those of the ids that exist, ascending."""
    from core.changes.rows import Rows

    return [pk for (pk,) in Rows(model).read(sorted(set(ids)), [])]


def kept_selection(model: type[Record], ids: Sequence[int]) -> dict[str, Any]:
    """Records known by their ids as a change set keeps them, to go on where it stopped.

    They are to be those that exist: see `existing`.
    """
    return {"selection": Selection(model, ids=ids).to_json(), "ids": idset.pack(ids)}


def kept_along(along: Sequence[str]) -> dict[str, Any]:
    """What goes along with deleted records, as a change set keeps it."""
    return {"operations": {"along": [*along]}} if along else {}
