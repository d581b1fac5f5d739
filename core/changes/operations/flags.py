"""Operations on flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.changes.operations.base import Computed, Operation, misplaced
from core.changes.operations.sources import Sort, sort_of
from core.changes.operations.storing import storer

if TYPE_CHECKING:
    from django.db import models

    from core.changes.rows import Rows


@dataclass(frozen=True)
class Toggle(Operation):
    """Yes becomes no, no becomes yes; what is not set stays so."""

    name: ClassVar = "toggle"
    label: ClassVar = gettext_lazy("Toggle")

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Computed:
        if sort_of(field) is not Sort.FLAG:
            raise ValidationError(_("This can be done to flags only."))
        store = storer(rows, field)

        def toggled(raw: Any) -> Any:
            if raw is None:
                return None
            # SQLite: any number or text may stand in a BOOLEAN column.
            if type(raw) not in (int, bool) or raw not in (0, 1):
                raise misplaced(raw, _("yes or no"))
            return store(0 if raw else 1)

        return Computed(toggled)

    def words(self) -> str:
        return _("toggle: yes becomes no, no becomes yes")
