"""What an operation is, and what it compiles to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Self

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db import models
    from django.utils.functional import _StrPromise

    from core.changes.rows import Rows

ParamKind = Literal[
    "value",  # an input of the field itself
    "text",
    "pattern",
    "path",  # a folder
    "number",
    "seconds",
    "field",  # another column
    "values",  # a list of what the field's list may hold
    "member",  # one of these
    "choice",
    "flag",
]
SHOWN = 100
"""Characters of a text that `words` repeats."""
UNKEEPABLE = re.compile(r"\\u(0000|d[89a-f])|\d[eE]|-0\b")
"""In JSON: what a console on PostgreSQL (jsonb) can keep within a text only."""


class Param(NamedTuple):
    """One thing to say about an operation, for a form to ask."""

    name: str
    label: _StrPromise | str
    kind: ParamKind
    required: bool = True
    help: _StrPromise | str = ""
    choices: tuple[tuple[str, _StrPromise | str], ...] = ()


class Compiled:
    """What is done to one column: the raw value a record holds → the one it shall hold.

    `reads` names other columns (`id` too) whose raw values follow the column's own, all
    of them as they were before the change. The call raises ValidationError for a
    record the operation cannot be done to.
    """

    reads: tuple[str, ...] = ()
    is_slow: ClassVar[bool] = False
    """Whether it wants to be prepared."""

    def __call__(self, raw: Any, *others: Any) -> Any:
        raise NotImplementedError

    def prepare(self, raws: Sequence[Any], *, is_locked: bool = False) -> None:
        """Work out beforehand what takes time: what becomes of these values.

        Asked before MoviePilot's write lock is taken, and once more, `is_locked`, with
        what was found under it.
        """


@dataclass(frozen=True)
class Constant(Compiled):
    """The same raw value for every record."""

    value: Any

    def __call__(self, raw: Any, *others: Any) -> Any:
        return self.value


@dataclass(frozen=True)
class Computed(Compiled):
    """A function of the column's value and of those in `reads`."""

    function: Callable[..., Any]
    reads: tuple[str, ...] = ()

    def __call__(self, raw: Any, *others: Any) -> Any:
        return self.function(raw, *others)


class Operation:
    """One thing to do to one field of every selected record.

    It is registered by its name, survives a round trip through JSON (plans and change
    sets keep it), and compiles for one column. NULL stays NULL unless the operation is
    about setting a value.
    """

    name: ClassVar[str]
    label: ClassVar[_StrPromise | str]
    """For choosing it."""
    params: ClassVar[tuple[Param, ...]] = ()
    registry: ClassVar[dict[str, type[Operation]]] = {}

    def __init_subclass__(cls) -> None:
        if "name" in vars(cls):  # the others are bases
            Operation.registry[cls.name] = cls

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Callable[..., Any]:
        """What to do to each record: a Compiled, or just a function raw → raw.

        The function raises ValidationError for a record the operation cannot be done
        to; compile itself does when it can be done to none.
        """
        raise NotImplementedError

    def fixed(self, rows: Rows, name: str, ids: Sequence[int]) -> Operation:
        """The operation for exactly these records, where it matters which they are.

        A plan keeps what this returns. Raises ValidationError.
        """
        return self

    def payload(self) -> bytes:
        """What a plan keeps beside `to_json`, because it is long."""
        return b""

    def with_payload(self, payload: bytes) -> Operation:
        """The operation with what `payload` returned."""
        return self

    def words(self) -> str:
        """What it does, to read after the field's name: `add prefix “x”`.

        It repeats values; of a secret field show the `label`.
        """
        return str(self.label)

    def to_json(self) -> dict[str, Any]:
        """`{"op": name, …}`."""
        return {"op": self.name, **keepable(self._kept())}

    def _kept(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The operation of this kind that `to_json` described."""
        kept = json.loads(data["text"]) if data.get("is_text") else data
        return cls(**{k: v for k, v in kept.items() if k not in ("op", "is_text")})


def keepable(kept: dict[str, Any]) -> dict[str, Any]:
    """The same for the console's JSON column, within a text where it must be."""
    text = json.dumps(kept)
    return {"text": text, "is_text": True} if UNKEEPABLE.search(text) else kept


def as_compiled(compiled: Callable[..., Any]) -> Compiled:
    """What `Operation.compile` returned."""
    return compiled if isinstance(compiled, Compiled) else Computed(compiled)


def quoted(value: object) -> str:
    """A text within words, cut when it is long."""
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def misplaced(raw: Any, wanted: str) -> ValidationError:
    """What to say of a value that is of another kind than its column.

    `wanted` is a kind with its article.
    """
    return ValidationError(
        _(
            "The record holds %(found)s where %(wanted)s belongs. Leave it out, or set "
            "the field to a value first."
        )
        % {"found": kind_in_words(raw), "wanted": wanted}
    )


def kind_in_words(raw: Any) -> str:
    """The kind of a raw value, with its article."""
    match raw:
        case None:
            return _("nothing")
        case bool():
            return _("true or false")
        case int():
            return _("a whole number")
        case float():
            return _("a number")
        case str():
            return _("a text")
    return _("binary data")
