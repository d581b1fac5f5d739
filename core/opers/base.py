"""What every Oper shares: an Oper is the manager of one table and the only place with
queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.apps import apps
from django.db import models

from core.opers.filters import condition, search_condition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.changes.models import ChangeSet
    from core.models.base import Record

R = TypeVar("R", bound="Record", covariant=True)


class RecordQuerySet(models.QuerySet[R]):
    """Restrictions every table knows. Writing is not among them: see core.changes."""

    def matching(
        self, conditions: Mapping[str, str], q: str = "", search: Sequence[str] = ()
    ) -> Self:
        """The records a list page shows for this filter and search text.

        `conditions` maps `field` or `field__lookup` to text as it stands in the URL
        (lookups: core.opers.filters.LOOKUPS); `q` is searched in the columns named by
        `search`. Raises FilterError for a field, lookup or value that cannot be used.
        """
        queryset = self
        for name, value in conditions.items():
            queryset = queryset.filter(condition(self.model, name, value))
        if q and search:
            queryset = queryset.filter(search_condition(search, q))
        return queryset


class RecordOper(models.Manager[R]):
    """The manager of a table, attached as `objects` and usable alone:
    `SiteOper().get(sid=1)`.
    """

    record: ClassVar[str] = ""
    """Label of the model, for an Oper used alone."""

    def get_queryset(self) -> models.QuerySet[R]:
        if self.model is None:  # used alone, not attached to a model
            self.model = apps.get_model(self.record)
        return super().get_queryset()

    def get(  # type: ignore[override]
        self, sid: int | None = None, **lookup: Any
    ) -> R | None:
        """The record with this id, or the first that matches, or None."""
        if sid is not None:
            lookup["pk"] = sid
        return self.get_queryset().filter(**lookup).order_by("pk").first()

    def list(self) -> list[R]:
        """All records, oldest first."""
        return [*self.get_queryset().order_by("pk")]

    def add(self, record: R, *, reason: str = "") -> int:  # type: ignore[misc]
        """Insert the record through the door and return its id."""
        from core.changes import create_records

        values = {
            field.attname: getattr(record, field.attname)
            for field in record._meta.fields
        }
        if values["id"] is None:
            del values["id"]
        change_set = create_records(type(record), [values], reason=reason)
        return change_set.record_ids()[0]

    def update(  # type: ignore[override]
        self, sid: int, **values: Any
    ) -> ChangeSet | None:
        """Write these values to the record through the door.

        Returns the change set, or None when the record already held them; raises
        RecordGone when there is no such record.
        """
        from core.changes import save_record

        self.get_queryset()
        return save_record(self.model, sid, values)

    def delete(self, sid: int) -> bool:
        """Delete the record through the door; False when there is none."""
        from core.changes import delete_records

        if not self.get_queryset().filter(pk=sid).exists():
            return False
        return delete_records(self.model, [sid]).changed == 1
