"""What every table of MoviePilot has in common."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import RecordId
from core.secrets import MASK


class Record(models.Model):
    """One row of a MoviePilot table. It is changed through core.changes only."""

    secret_fields: ClassVar[frozenset[str]] = frozenset()
    """Columns whose values are never shown, and are encrypted where they are kept."""
    locked_fields: ClassVar[frozenset[str]] = frozenset({"id"})
    """Columns that nobody edits."""
    vocabularies: ClassVar[dict[str, type[models.Choices]]] = {}
    """Column → the values known for it, with labels. Other values are valid too."""

    id = RecordId(_("id"), primary_key=True, help_text=_("Number of the row."))

    class Meta:
        abstract = True

    @classmethod
    def column(cls, name: str) -> models.Field[Any, Any]:
        """The field of this name. Raises FieldDoesNotExist."""
        field = cls._meta.get_field(name)
        if not isinstance(field, models.Field):
            raise FieldDoesNotExist(f"{cls.__name__} has no column {name}")
        return field

    @classmethod
    def every_text_is_secret(cls, label: str) -> bool:
        """Whether secret JSON of the record with this label has no readable texts."""
        return False

    @classmethod
    def mask_secret(cls, column: str, raw: object, label: str) -> str:
        """What may be shown of a secret value of the record with this label."""
        return MASK
