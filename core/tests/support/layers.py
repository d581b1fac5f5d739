"""What our code may do where: queries on MoviePilot's tables are built in Opers, which
is watched while all tests run.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from core.opers.base import RecordQuerySet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    import pytest

PROJECT = Path(__file__).resolve().parents[3]
DJANGO = str(Path(django.__file__).parent)
BUILDING = (
    "filter",
    "exclude",
    "annotate",
    "alias",
    "aggregate",
    "order_by",
    "reverse",
    "distinct",
    "values",
    "values_list",
    "only",
    "defer",
    "extra",
    "raw",
    "union",
    "select_related",
    "prefetch_related",
)
MAY_BUILD = re.compile(r"(core|history|sites)/opers/|/tests/")


def sources(leaving_out: re.Pattern[str]) -> Iterator[tuple[str, ast.Module]]:
    """(path, syntax tree) of our code, but of files whose path has this in it."""
    for app in ("core", "history", "sites", "mpadmin"):
        for path in sorted((PROJECT / app).rglob("*.py")):
            name = path.relative_to(PROJECT).as_posix()
            if not leaving_out.search(name):
                yield name, ast.parse(path.read_text())


class BuiltElsewhere(AssertionError):
    """Code that is no Oper has built a query; give the Oper a method for it."""


def watch_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the methods that build queries raise outside Opers and tests."""
    for name in BUILDING:
        method = getattr(RecordQuerySet, name)
        monkeypatch.setattr(RecordQuerySet, name, _watched(name, method))


def _watched(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(self: RecordQuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        place = builder()
        if place and not MAY_BUILD.search(place):
            raise BuiltElsewhere(f"{place} calls {self.model.__name__} {name}().")
        return method(self, *args, **kwargs)

    return call


def builder() -> str:
    """The file of ours, relative to the project, that asked for the query."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(str(PROJECT)) and "/.venv/" not in file:
            return Path(file).relative_to(PROJECT).as_posix()
        if not file.startswith(DJANGO):
            return ""  # pytest, a shell: nobody's code
        frame = frame.f_back
    return ""
