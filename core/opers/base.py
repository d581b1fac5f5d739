"""What every Oper shares: an Oper is the manager of one table and the only place with
queries.
"""

from __future__ import annotations

from array import array
from functools import wraps
from heapq import merge
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    ParamSpec,
    Self,
    TypeVar,
    cast,
)

from asgiref.sync import sync_to_async
from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Length

from core.opers.filters import condition, search_condition

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence

    from core.models.base import Record

R = TypeVar("R", bound="Record", covariant=True)
P = ParamSpec("P")
T = TypeVar("T")

IDS_AT_ONCE = 20_000
TRIES = 5
"""How often a revision starts over when somebody else was quicker."""


class ConfirmationNeeded(Exception):
    """Records that only an operator may decide to delete; nothing was deleted."""


def twin(method: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The same method for callers that await: `async_get = twin(get)`."""

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        # By name, so that the twin of an overridden method is overridden with it.
        found = getattr(args[0], method.__name__)
        result: T = await sync_to_async(found)(*args[1:], **kwargs)
        return result

    return call


def _sorted(ids: array[int], *, descending: bool) -> array[int]:
    """Sorted piece by piece: as one list they would take five times the memory."""
    pieces = [
        array("q", sorted(ids[at : at + IDS_AT_ONCE], reverse=descending))
        for at in range(0, len(ids), IDS_AT_ONCE)
    ]
    return array("q", merge(*pieces, reverse=descending))


def _length(name: str) -> Length:
    # PostgreSQL measures no JSON, and SQLite no number that stands for one.
    return Length(Cast(name, models.TextField()))


def oper_of(model: type[Record]) -> RecordOper[Any]:
    """The table's Oper."""
    return cast("RecordOper[Any]", model._default_manager)


def columns_of(record: Record) -> dict[str, Any]:
    """What the record holds, by column."""
    fields = record._meta.fields
    return {field.attname: getattr(record, field.attname) for field in fields}


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

    def with_ids(self, ids: Iterable[int]) -> Self:
        """Those of these ids; for no more than a page's, each is a parameter."""
        return self.filter(pk__in=ids)

    def reading(self, columns: Iterable[str]) -> Self:
        """With these columns and the id; another is read when it is asked for."""
        return self.only(*columns)

    def ids(self) -> list[int]:
        """The ids, ascending. One query.

        Sorted here: asked for an order by id, SQLite would walk the whole table instead
        of the filter's index.
        """
        return sorted(self.order_by().values_list("pk", flat=True))

    def ids_in(self, ordering: Sequence[str]) -> array[int]:
        """The ids in the order of a list (core.opers.keyset), in eight bytes each.

        One statement finds them all, so none is there twice or missed, whatever is
        written meanwhile.
        """
        name = ordering[0].lstrip("-")
        by_id = name in ("id", "pk")
        # See ids(): 47 seconds in place of one, for a million large records.
        records = self.order_by() if by_id else self._ordered(name, ordering)
        found = records.values_list("pk", flat=True).iterator(chunk_size=IDS_AT_ONCE)
        ids = array("q", found)
        return _sorted(ids, descending=ordering[0].startswith("-")) if by_id else ids

    def _ordered(self, name: str, ordering: Sequence[str]) -> Self:
        first, *rest = ordering
        # Old databases hold NULL where the models say there is none.
        if not self.order_by().filter(**{f"{name}__isnull": True}).exists():
            return self.order_by(first, *rest)  # as an index has it
        last = F(name).desc if first.startswith("-") else F(name).asc
        return self.order_by(last(nulls_last=True), *rest)

    def longer_than(self, columns: Iterable[str], most: int) -> Self:
        """Those with more than so many characters in one of the columns."""
        lengths = {f"length_of_{name}": _length(name) for name in columns}
        too_long = (Q(**{f"{name}__gt": most}) for name in lengths)
        return self.alias(**lengths).filter(Q(*too_long, _connector=Q.OR))

    def between(self, first: int, last: int) -> Self:
        """Those whose ids lie between these two, both included."""
        return self.filter(pk__gte=first, pk__lte=last)

    def count_up_to(self, most: int) -> int:
        """How many there are; counting ends one beyond `most`. One query."""
        # Of a constant SQLite counts three times as many as of ids in the same time;
        # an annotation count() would leave out.
        ones = self.order_by().extra(select={"one": "1"})
        return ones.values("one")[: most + 1].count()

    def oldest(self) -> R | None:
        """The one with the lowest id, or None."""
        return self.order_by("pk").first()

    def newest(self) -> R | None:
        """The one with the highest id, or None."""
        return self.order_by("-pk").first()


class RecordOper(models.Manager[R]):
    """The manager of a table, attached as `objects` and usable alone:
    `SiteOper().get(sid=1)`.

    What is written goes through the one door, in the name of the operator at work (see
    core.current) or of the system, and can be undone.
    """

    record: ClassVar[str] = ""
    """Label of the model, for an Oper used alone."""

    def get_queryset(self) -> RecordQuerySet[R]:
        if self.model is None:  # used alone, not attached to a model
            self.model = apps.get_model(self.record)
        return cast("RecordQuerySet[R]", super().get_queryset())

    def find(self, pk: int) -> R | None:
        """The record with this id, or None. Every Oper's, whatever its `get` takes."""
        return self.get_queryset().filter(pk=pk).first()

    def get(  # type: ignore[override]
        self, sid: int | None = None, **lookup: Any
    ) -> R | None:
        """The record with this id, or the first that matches, or None."""
        if sid is not None:
            lookup["pk"] = sid
        return self.get_queryset().filter(**lookup).order_by("pk").first()

    async_get = twin(get)

    def list(self) -> list[R]:
        """All records, oldest first."""
        return [*self.get_queryset().order_by("pk")]

    async_list = twin(list)

    def add(self, record: R, *, reason: str = "") -> int:  # type: ignore[misc]
        """Insert the record through the door and return its id. Raises InvalidValues.

        What it leaves unset gets MoviePilot's defaults.
        """
        values = columns_of(record)
        if values["id"] is None:
            del values["id"]
        return self._insert(reason=reason, **values)

    async_add = twin(add)

    def update(  # type: ignore[override]
        self, sid: int, payload: Mapping[str, Any] | None = None, **values: Any
    ) -> R | None:
        """Write these values to the record; returns it as it stands then.

        `payload` is the same as a mapping, as MoviePilot hands it over: of that, names
        that are no columns, and the id, are passed over. None when there is no such
        record. Raises InvalidValues.
        """
        known = self._known(payload or {})
        return self._revise(sid, lambda _record: {**known, **values})

    async_update = twin(update)

    def delete(self, sid: int) -> bool:
        """Delete the record; False when there is none."""
        return self._delete_ids([sid]) == 1

    async_delete = twin(delete)

    # --- What the tables' own methods are made of

    @property
    def _model(self) -> type[Record]:
        """The model, also of an Oper that is used alone."""
        return self.get_queryset().model

    def _known(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the values that are columns, but the id."""
        names = {field.attname for field in self._model._meta.fields} - {"id"}
        return {name: value for name, value in values.items() if name in names}

    def _insert(self, *, reason: str = "", **values: Any) -> int:
        """Insert a record and return its id. Raises InvalidValues."""
        from core.changes import create_records

        change_set = create_records(self._model, [values], reason=reason)
        return change_set.record_ids()[0]

    def _revise(
        self,
        pk: int,
        revise: Callable[[Any], Mapping[str, Any]],
    ) -> R | None:
        """Write what `revise` makes of the record, and return the record as it stands.

        Starts over when somebody else changes one of the values meanwhile, so nothing
        is counted twice or lost. None when there is no such record.
        """
        from core.changes import (
            RecordGone,
            RecordMoved,
            fingerprint,
            read_stored,
            save_record,
        )

        model = self._model
        for tries_left in reversed(range(TRIES)):
            stored, record = read_stored(model, pk), self.find(pk)
            if stored is None or record is None:
                return None
            values = revise(record)
            shown = {
                name: fingerprint(model, name, stored[name])
                for name in values
                if name in stored
            }
            try:
                save_record(model, pk, values, shown=shown)
            except RecordGone:
                return None
            except RecordMoved:
                if not tries_left:
                    raise
            else:
                break
        return self.find(pk)

    def _delete_ids(self, ids: Sequence[int]) -> int:
        """Delete these records in one change; returns how many there were."""
        from core.changes import delete_records, existing

        present = existing(self._model, ids)
        if not present:
            return 0
        # Settings may carry others of their own table.
        return min(len(present), delete_records(self._model, present).changed)

    def _edit_ids(self, ids: Sequence[int], **values: Any) -> int:
        """Set these values in all of these records in one change; how many differed."""
        from core.changes import edit_records

        change_set = edit_records(self._model, ids, values) if ids else None
        return change_set.changed if change_set else 0
