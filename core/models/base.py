"""What every table of MoviePilot has in common."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import RecordId
from core.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrOrPromise as StrOrPromise

    from core.opers.filters import Condition


class Carried(NamedTuple):
    """Records of another table that go with a deleted record.

    Those whose `column` holds the deleted record's `key`, unless another record that
    stays holds the same key.
    """

    table: str
    column: str
    key: str


class Followed(NamedTuple):
    """Records of another table that name this one by a value that may change.

    When `key` changes, those whose `column` holds the old value get the new one.
    """

    table: str
    column: str
    key: str


class Offered(NamedTuple):
    """Records of another table that may go with a deleted record, if somebody says so.

    `name` is what it is chosen by; the rest is as of Carried.
    """

    name: str
    table: str
    column: str
    key: str


class Mention(NamedTuple):
    """A place in another table that names records, or what a setting lists.

    `column` holds one name, or with `many` a JSON list of them. With `property` those
    stand in the JSON object that the column holds, under this name. Of settings only
    the one with this `key` is meant.
    """

    table: str
    column: str
    many: bool = False
    property: str = ""
    key: str = ""


class Members(NamedTuple):
    """What MoviePilot knows of the members of the JSON object in a column."""

    vocabulary: type[models.TextChoices]
    """Their names, with labels. An object may hold others too."""
    are_switches: bool
    """Whether they are true or false; else they are texts."""


class AtLeastOne(NamedTuple):
    """Flags that have to be set, all of them, in one record of a table at least."""

    columns: tuple[str, ...]
    why: StrOrPromise
    """What is said where the last such record is to be changed or deleted."""


class Record(models.Model):
    """One row of a MoviePilot table. It is changed through core.changes only."""

    secret_fields: ClassVar[frozenset[str]] = frozenset()
    """Columns whose values are never shown, and are encrypted where they are kept."""
    never_revealed: ClassVar[frozenset[str]] = frozenset()
    """Those among `secret_fields` that are of no use to a person: shown to nobody."""
    locked_fields: ClassVar[frozenset[str]] = frozenset({"id"})
    """Columns that nobody edits."""
    vocabularies: ClassVar[dict[str, type[models.Choices]]] = {}
    """Column → the values known for it, with labels. Other values are valid too."""
    members: ClassVar[Mapping[str, Members]] = MappingProxyType({})
    """JSON column → the members known of the object it holds."""
    conditions: ClassVar[Mapping[str, Condition]] = MappingProxyType({})
    """Name → a filter of the list that is no column's."""
    required_fields: ClassVar[frozenset[str]] = frozenset()
    """Columns that may be NULL in the database, but not for MoviePilot."""
    unique_by: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Columns, each group together, of which MoviePilot expects no second record."""
    natural_key: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Columns, each group together, that people know a record by: the first group whose
    last column holds something. That one should be the one that tells most.
    """
    checked_with: ClassVar[tuple[str, ...]] = ()
    """Columns that `check_record` looks at."""
    carries: ClassVar[tuple[Carried, ...]] = ()
    """What is deleted with a record of this table."""
    followed_by: ClassVar[tuple[Followed, ...]] = ()
    """What is changed with a record of this table."""
    at_least_one: ClassVar[AtLeastOne | None] = None
    """Of which records one has to stay."""
    offers: ClassVar[tuple[Offered, ...]] = ()
    """What may be deleted with a record of this table, if somebody says so."""
    mentioned_in: ClassVar[tuple[Mention, ...]] = ()
    """Where ids of these records stand; one that is deleted is taken out there."""
    lists: ClassVar[Mapping[str, tuple[Mention, ...]]] = MappingProxyType({})
    """Of settings: key → where the names stand of what the setting lists."""
    usually_once: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Columns, each group together, of which MoviePilot makes no second record itself,
    but puts up with one. The last column of a group holds something.
    """

    id = RecordId(_("id"), primary_key=True, help_text=_("Number of the row."))

    class Meta:
        abstract = True
        # `reveal`: see the values of `secret_fields` and of secret parts of JSON.
        default_permissions: ClassVar = ("add", "change", "delete", "view", "reveal")

    @classmethod
    def column(cls, name: str) -> models.Field[Any, Any]:
        """The field of this name. Raises FieldDoesNotExist."""
        field = cls._meta.get_field(name)
        if not isinstance(field, models.Field):
            raise FieldDoesNotExist(f"{cls.__name__} has no column {name}")
        return field

    @classmethod
    def is_required(cls, name: str) -> bool:
        """Whether a column has to hold something."""
        return name in cls.required_fields or not cls.column(name).null

    @classmethod
    def check_record(cls, values: Mapping[str, Any]) -> None:
        """Look at a record as it is about to be stored: raw values by column.

        Raises ValidationError, with the messages by column.
        """

    @classmethod
    def every_text_is_secret(cls, label: str) -> bool:
        """Whether secret JSON of the record with this label has no readable texts."""
        return False

    @classmethod
    def mask_secret(cls, column: str, raw: object, label: str) -> str:
        """What may be shown of a secret value of the record with this label."""
        return MASK
