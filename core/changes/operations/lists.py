"""Operations on JSON lists, such as the sites of a subscription.

A whole number and the text of it are one value here: MoviePilot's lists of sites hold
either. What is not touched keeps its spelling and its place.
"""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.changes.operations.base import (
    Computed,
    Operation,
    Param,
    misplaced,
    quoted,
)
from core.changes.operations.jsonvalues import encoded, require_json, transformer
from core.changes.operations.storing import as_stored, validated
from core.fields import encode_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db import models

    from core.changes.rows import Rows

NUMBER_TEXT = re.compile(r"0|-?[1-9]\d{0,18}", re.ASCII)


def identity(value: Any) -> str:
    """What two members of a list share when they mean the same."""
    if type(value) is str:
        return value if NUMBER_TEXT.fullmatch(value) else f'"{value}'
    return str(value) if type(value) is int else encoded(value)


class ListOperation(Operation):
    """Makes one list of another; NULL and JSON null are an empty one."""

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Computed:
        require_json(field)
        change = self.changer(rows, field)

        def changed(value: Any) -> Any:
            if value is None:
                return change([]) or None  # still nothing
            if not isinstance(value, list):
                raise misplaced_json(value, _("a list"))
            return change(value)

        return transformer(rows, field, changed, store=partial(_store, rows, field))

    @abstractmethod
    def changer(
        self, rows: Rows, field: models.Field[Any, Any]
    ) -> Callable[[list[Any]], list[Any]]:
        """The function from list to list. Raises ValidationError."""


def _store(
    rows: Rows, field: models.Field[Any, Any], old: list[Any] | None, new: list[Any]
) -> Any:
    """The raw value of the new list, in which old members may be numbers as texts."""
    standing = {each for each in old or () if isinstance(each, str)}
    try:
        validated(field, new)
    except ValidationError:
        read = [
            int(each)
            if isinstance(each, str)
            and each in standing
            and NUMBER_TEXT.fullmatch(each)
            else each
            for each in new
        ]
        validated(field, read)
    return as_stored(rows, field, encode_json(new))


def misplaced_json(value: Any, wanted: str) -> ValidationError:
    """What to say of JSON of another kind than an operation needs."""
    if isinstance(value, dict):
        return ValidationError(
            _("The record holds an object here, not %s. Leave it out.") % wanted
        )
    if isinstance(value, list):
        return ValidationError(
            _("The record holds a list here, not %s. Leave it out.") % wanted
        )
    return misplaced(value, wanted)


def members(
    rows: Rows, field: models.Field[Any, Any], values: Sequence[Any]
) -> list[Any]:
    """Values to go into the lists of a column. Raises ValidationError."""
    if not values:
        raise ValidationError(_("Choose at least one value."))
    found = [*{identity(each): each for each in values}.values()]
    validated(field, found)
    return found


def _in_words(values: Sequence[Any]) -> str:
    texts = (
        each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
        for each in values
    )
    return quoted(", ".join(texts))


@dataclass(frozen=True)
class ListAdd(ListOperation):
    """Append those of the values that the list does not hold yet."""

    name: ClassVar = "list_add"
    label: ClassVar = gettext_lazy("Add to the list")
    params: ClassVar = (Param("values", gettext_lazy("Values"), "values"),)
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))

    def changer(
        self, rows: Rows, field: models.Field[Any, Any]
    ) -> Callable[[list[Any]], list[Any]]:
        wanted = {identity(each): each for each in members(rows, field, self.values)}

        def added(old: list[Any]) -> list[Any]:
            held = {identity(each) for each in old}
            return [*old, *(v for key, v in wanted.items() if key not in held)]

        return added

    def words(self) -> str:
        return _("add %s to the list") % _in_words(self.values)


@dataclass(frozen=True)
class ListRemove(ListOperation):
    """Take the values out of the list, wherever they stand in it."""

    name: ClassVar = "list_remove"
    label: ClassVar = gettext_lazy("Remove from the list")
    params: ClassVar = (Param("values", gettext_lazy("Values"), "values"),)
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))

    def changer(
        self, rows: Rows, field: models.Field[Any, Any]
    ) -> Callable[[list[Any]], list[Any]]:
        # Not checked against the column: what does not belong there may be taken out.
        unwanted = {identity(each) for each in self.values}
        if not unwanted:
            raise ValidationError(_("Choose at least one value."))
        return lambda old: [each for each in old if identity(each) not in unwanted]

    def words(self) -> str:
        return _("remove %s from the list") % _in_words(self.values)


@dataclass(frozen=True)
class ListReplace(ListOperation):
    """Put one value in the place of another. The list holds it once afterwards."""

    name: ClassVar = "list_replace"
    label: ClassVar = gettext_lazy("Replace in the list")
    params: ClassVar = (
        Param("old", gettext_lazy("Old value"), "member"),
        Param("new", gettext_lazy("New value"), "member"),
    )
    old: Any
    new: Any

    def changer(
        self, rows: Rows, field: models.Field[Any, Any]
    ) -> Callable[[list[Any]], list[Any]]:
        [new] = members(rows, field, [self.new])
        gone, came = identity(self.old), identity(new)
        if gone == came:
            raise ValidationError(_("Both values are the same."))

        def replaced(old: list[Any]) -> list[Any]:
            held = [identity(each) for each in old]
            if gone not in held:
                return old
            found, is_there = [], False
            for each, key in zip(old, held, strict=True):
                if key not in (gone, came):
                    found.append(each)
                elif not is_there:
                    found.append(each if key == came else new)
                    is_there = True
            return found

        return replaced

    def words(self) -> str:
        return _("replace %(old)s in the list with %(new)s") % {
            "old": _in_words([self.old]),
            "new": _in_words([self.new]),
        }
