"""What becomes of a stored value that mentions names, once they are gone or changed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from core.fields import JSON_NULL, JSONColumn, decode_json, encode_json

if TYPE_CHECKING:
    from core.changes.rows import Rows
    from core.models.base import Mention

Moves = dict[str, str | None]
"""Name → the name in its place, None for none. Ids are written as text."""


class Edited(NamedTuple):
    """A value without the names, those it had, and whether none is left."""

    value: Any
    found: tuple[str, ...] = ()
    is_emptied: bool = False


class NameEditor:
    """Takes names out of the values of one place, or puts the new ones there."""

    def __init__(self, mention: Mention, moves: Moves) -> None:
        self.mention, self.moves = mention, moves

    @cached_property
    def known(self) -> dict[Any, Edited]:
        """Raw value → what becomes of it: many records hold the same."""
        return {}

    def edit(self, target: Rows, raw: Any) -> Edited:
        """What becomes of a raw value of the column. Texts that are no list of names
        stay as they are, to the byte.
        """
        key = (type(raw), raw)
        edited = self.known.get(key)
        if edited is None:
            edited = self.known[key] = self._edit(target, raw)
        return edited

    def _edit(self, target: Rows, raw: Any) -> Edited:
        column = self.mention.column
        if not isinstance(target.model.column(column), JSONColumn):
            return self._edit_one(raw)
        edited = self._edit_json(decode_json(raw))
        if not edited.found:
            return Edited(raw)
        text = encode_json(JSON_NULL if edited.value is None else edited.value)
        return edited._replace(value=target.stored(column, text))

    def _edit_json(self, value: Any) -> Edited:
        name = self.mention.property
        if not name:
            return self._edit_names(value)
        if not isinstance(value, dict) or name not in value:
            return Edited(value)
        edited = self._edit_names(value[name])
        return edited._replace(value={**value, name: edited.value})

    def _edit_names(self, value: Any) -> Edited:
        if not self.mention.many:
            return self._edit_one(value)
        if not isinstance(value, list):
            return Edited(value)
        moves, names = self.moves, [_name(member) for member in value]
        found = tuple([name for name in names if name in moves])
        if not found:
            return Edited(value)
        kept: list[Any] = []
        for name, member in zip(names, value, strict=True):
            if name not in moves:
                kept.append(member)
            elif (new := moves[name]) is not None and new not in [*value, *kept]:
                kept.append(new)
        return Edited(kept, found, is_emptied=not kept)

    def _edit_one(self, value: Any) -> Edited:
        name = _name(value)
        if name not in self.moves:
            return Edited(value)
        new = self.moves[name]
        return Edited(new, (name,), is_emptied=new is None)


def _name(member: Any) -> str:
    """The name that a member stands for: ids may be numbers or texts. '' for none."""
    kind = type(member)
    if kind is str:
        return str(member)
    return str(member) if kind is int else ""
