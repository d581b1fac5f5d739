"""Operations on JSON objects: set or remove what stands at a path, `a.b[2].c`."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.changes.operations.base import Computed, Operation, Param, quoted
from core.changes.operations.jsonvalues import encoded, require_json, transformer
from core.fields import JSON_NULL
from core.secrets import MASK, SECRET_NAME, mask_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db import models

    from core.changes.rows import Rows

Step = str | int
STEP = re.compile(
    r"""
      \[ (?P<index> 0 | [1-9]\d{0,8} ) \]
    | \[ (?P<quoted> "(?:[^"\\]|\\.)*" ) \]
    | (?P<dot> \. )? (?P<name> [^.\[\]]+ )
    """,
    re.VERBOSE | re.ASCII | re.DOTALL,
)
DEEPEST = 50


def parse_path(text: str) -> list[Step]:
    """`a.b[2].c` → ["a", "b", 2, "c"]; a name with dots is written `["a.b"]`.

    Raises ValidationError.
    """
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = STEP.match(text, at)
        # A dot stands between names, and not before the first.
        if not found or (found["name"] and bool(found["dot"]) is not bool(steps)):
            raise _bad_path()
        steps.append(_step(found))
        at = found.end()
    if not steps or len(steps) > DEEPEST:
        raise _bad_path()
    return steps


def _step(found: re.Match[str]) -> Step:
    if found["index"]:
        return int(found["index"])
    if found["name"]:
        return found["name"]
    try:
        return str(json.loads(found["quoted"], strict=False))
    except ValueError:
        raise _bad_path() from None


def _bad_path() -> ValidationError:
    return ValidationError(
        _('Write the path as names and places in lists: a.b[2].c or ["a.b"].')
    )


class PathOperation(Operation):
    """Changes what stands at one place."""

    path: str

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Computed:
        require_json(field)
        return transformer(rows, field, self.changer(parse_path(self.path)))

    @abstractmethod
    def changer(self, steps: list[Step]) -> Callable[[Any], Any]:
        """The function from value to value. Raises ValidationError."""

    @property
    def is_secret(self) -> bool:
        """Whether the path leads to what nobody should see."""
        return SECRET_NAME.search(self.path) is not None


@dataclass(frozen=True)
class SetPath(PathOperation):
    """Set the value at a path, with the objects that lead there. JSON_NULL or None is
    JSON null.
    """

    name: ClassVar = "set_path"
    label: ClassVar = gettext_lazy("Set at a path")
    params: ClassVar = (
        Param(
            "path",
            gettext_lazy("Path"),
            "text",
            help=gettext_lazy("Names and places in lists: a.b[2].c"),
        ),
        Param("value", gettext_lazy("Value"), "value"),
    )
    path: str
    value: Any

    def __post_init__(self) -> None:
        if self.value is JSON_NULL:
            object.__setattr__(self, "value", None)

    def changer(self, steps: list[Step]) -> Callable[[Any], Any]:
        encoded(self.value)  # can be written at all
        return lambda old: _set(old, steps, 0, self.value)

    def words(self) -> str:
        shown = MASK if self.is_secret else mask_json(self.value, name=self.path)
        return _("set %(path)s to %(value)s") % {
            "path": quoted(self.path),
            "value": quoted(json.dumps(shown, ensure_ascii=False)),
        }


@dataclass(frozen=True)
class RemovePath(PathOperation):
    """Remove what stands at a path. Where nothing does, nothing is changed; in a list
    the others move up.
    """

    name: ClassVar = "remove_path"
    label: ClassVar = gettext_lazy("Remove a path")
    params: ClassVar = (
        Param(
            "path",
            gettext_lazy("Path"),
            "text",
            help=gettext_lazy("Names and places in lists: a.b[2].c"),
        ),
    )
    path: str

    def changer(self, steps: list[Step]) -> Callable[[Any], Any]:
        return lambda old: _removed(old, steps, 0)

    def words(self) -> str:
        return _("remove %s") % quoted(self.path)


def _set(value: Any, steps: list[Step], at: int, new: Any) -> Any:
    """A copy of `value` with `new` at the path that begins at step `at`."""
    if at == len(steps):
        return new
    step = steps[at]
    if isinstance(step, int):
        if not isinstance(value, list) or step >= len(value):
            raise _no_place(steps, at)
        found = [*value]
        found[step] = _set(value[step], steps, at + 1, new)
        return found
    if value is not None and not isinstance(value, dict):
        raise _no_place(steps, at)
    inner = (value or {}).get(step)
    return {**(value or {}), step: _set(inner, steps, at + 1, new)}


def _removed(value: Any, steps: list[Step], at: int) -> Any:
    """A copy of `value` without what stands at the path; itself where nothing does."""
    step = steps[at]
    if isinstance(step, int):
        if not isinstance(value, list) or step >= len(value):
            return value
    elif not isinstance(value, dict) or step not in value:
        return value
    found: Any = [*value] if isinstance(value, list) else {**value}
    if at == len(steps) - 1:
        del found[step]
    else:
        found[step] = _removed(value[step], steps, at + 1)
    return found


def _no_place(steps: list[Step], at: int) -> ValidationError:
    path = _written(steps[:at]) or "$"
    if isinstance(steps[at], int):
        text = _("At %(path)s the record has no list with an item %(step)s.")
    else:
        text = _("At %(path)s the record has no object to hold “%(step)s”.")
    return ValidationError(text % {"path": path, "step": steps[at]})


def _written(steps: list[Step]) -> str:
    return "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps
    ).lstrip(".")
