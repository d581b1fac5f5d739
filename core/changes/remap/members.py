r"""Paths within JSON: found by patterns, and replaced so that nothing else moves.

A pattern names members as `[].path_mapping[][]` does: `[]` is every member of a list,
`*` in a name is any text, `**` is any depth, none included. JSON is never written anew:
the new paths are put between the characters of the old text.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.changes.paths import is_windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.changes.paths import PathSwap

STEP = re.compile(r"\[\]|[^.\[\]]+")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)

Container = dict[str, Any] | list[Any]


class Edit(NamedTuple):
    """A text in a parsed value, and what it becomes."""

    container: Container
    key: Any
    new: str
    where: str


class PlainPaths:
    """What a swap makes of a column that is a path."""

    def __init__(self, swap: PathSwap) -> None:
        self.swap = swap

    def __call__(self, raw: Any) -> Any:
        """The raw value with the new prefix, or as it is."""
        swapped = self.swap(raw) if isinstance(raw, str) else None
        return raw if swapped is None else swapped

    def touches(self, raw: Any) -> bool:
        """Whether the value would change, or should but cannot."""
        return bool(self(raw) != raw)

    def moves(self, raw: Any) -> list[tuple[str, str, str]]:
        """(place within the value, path before, path after) of each path."""
        return [("", raw, self(raw))] if self.touches(raw) else []


class JSONPaths:
    """What a swap makes of the paths that patterns name in a JSON column."""

    def __init__(
        self,
        patterns: Sequence[str],
        swap: PathSwap,
        *,
        hint: re.Pattern[str] | None = None,
        is_file: bool = False,
    ) -> None:
        self.patterns = [STEP.findall(pattern) for pattern in patterns]
        self.swap, self.is_file = swap, is_file
        self.hint = hint

    def __call__(self, raw: Any) -> Any:
        """The JSON text with the new prefixes, or as it is.

        Raises ValidationError where a path is to change in a text that is not JSON, or
        says one name twice.
        """
        if not self._may_hold(raw):
            return raw
        try:
            value, is_doubled = _read(raw)
        except (ValueError, RecursionError):
            return self._unreadable(raw)
        edits = self.edits(value)
        if not edits:
            return raw
        if is_doubled:
            raise ValidationError(_("One name stands twice in this JSON."))
        return _replaced(raw, value, edits) or self._within(raw)

    def touches(self, raw: Any) -> bool:
        """Whether the text would change, or should but cannot."""
        if not self._may_hold(raw):
            return False
        try:
            return bool(self.edits(json.loads(raw)))
        except (ValueError, RecursionError):
            return self._mentions(raw)

    def moves(self, raw: Any) -> list[tuple[str, str, str]]:
        """(place within the value, path before, path after) of each path."""
        try:
            edits = self.edits(json.loads(raw))
        except (TypeError, ValueError, RecursionError):
            return []
        return [(each.where, each.container[each.key], each.new) for each in edits]

    def edits(self, value: Any) -> list[Edit]:
        """What is to change in the parsed value; nothing is changed yet."""
        found: dict[tuple[int, Any], Edit] = {}
        for steps in self.patterns:
            for container, key, where in named(value, steps):
                old = container[key]
                new = self.swap(old)
                if new is None or new == old:
                    continue
                found[id(container), key] = Edit(container, key, new, where)
                if self.is_file and isinstance(container, dict):
                    for more in followers(container, old, new, where):
                        found[id(container), more.key] = more
        return [*found.values()]

    def _may_hold(self, raw: Any) -> bool:
        """Whether it is worth reading: most JSON has no path under the prefix."""
        if not isinstance(raw, str):
            return False
        if self.hint is None or self.hint.search(raw):
            return True
        return not raw.isascii() and "\\u" in raw  # some characters so, some so

    def _within(self, raw: str) -> str:
        """Each path replaced where it stands in the text, however it is spelled."""
        spots = [
            (each.container[each.key].span, each.new)
            for each in self.edits(SpottingDecoder().decode(raw))
        ]
        text, is_plain = raw, raw.isascii()
        for (start, end), new in sorted(spots, reverse=True):
            token = json.dumps(new, ensure_ascii=is_plain)
            if r"\/" in raw[start:end]:
                token = token.replace("/", r"\/")
            text = text[:start] + token + text[end:]
        return text

    def _unreadable(self, raw: str) -> str:
        if self._mentions(raw):
            raise ValidationError(_("This is not valid JSON."))
        return raw

    def _mentions(self, raw: str) -> bool:
        """Whether text that is not JSON has one of the paths in quotes."""
        for token in TOKEN.findall(raw):
            try:
                text = json.loads(token, strict=False)
            except ValueError:
                continue
            if self.swap(text) not in (None, text):
                return True
        return False


def _read(raw: str) -> tuple[Any, bool]:
    """JSON parsed, and whether a name stands twice in one object of it."""
    doubled = []

    def whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            doubled.append(True)
        return found

    return json.loads(raw, object_pairs_hook=whole), bool(doubled)


def _replaced(raw: str, value: Any, edits: Sequence[Edit]) -> str | None:
    """The text with the edits made, the value too; None where that is not certain.

    Quick: whatever is spelled as one of the paths is replaced, and what came of it is
    read again. Names, and other members with the same text, make it uncertain.
    """
    is_plain = raw.isascii()
    tokens = {}
    for edit in edits:
        old = json.dumps(edit.container[edit.key], ensure_ascii=is_plain)
        tokens[old] = json.dumps(edit.new, ensure_ascii=is_plain)
        edit.container[edit.key] = edit.new
    if len(tokens) == 1:  # a description of a file
        text = raw.replace(*tokens.popitem())
    else:
        text = TOKEN.sub(lambda found: tokens.get(found[0], found[0]), raw)
    return text if json.loads(text) == value else None


def named(
    value: Any, steps: Sequence[str], where: str = ""
) -> Iterator[tuple[Container, Any, str]]:
    """(container, key, place) of the texts that the steps of a pattern lead to."""
    step, *rest = steps
    if step == "**":
        yield from named(value, rest, where)
        for _key, child, place in _children(value, where):
            yield from named(child, steps, place)
    elif rest:
        for key, child, place in _children(value, where):
            if _is_named(step, key):
                yield from named(child, rest, place)
    elif isinstance(value, dict) and "*" not in step:  # the most frequent, kept quick
        if isinstance(value.get(step), str):
            yield value, step, _place(where, step)
    else:
        for key, child in _items(value):
            if isinstance(child, str) and _is_named(step, key):
                yield value, key, _place(where, key)


def _children(value: Any, where: str) -> Iterator[tuple[Any, Any, str]]:
    """(key, child, place) of the members that have members themselves."""
    for key, child in _items(value):
        if isinstance(child, dict | list):
            yield key, child, _place(where, key)


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _place(where: str, key: Any) -> str:
    if isinstance(key, int):
        return f"{where}[{key}]"
    return f"{where}.{key}" if where else key


def _is_named(step: str, key: Any) -> bool:
    if isinstance(key, int):
        return step == "[]"
    return step == key or ("*" in step and fnmatchcase(key, step))


# --- The last name of a path, as descriptions of files repeat it


def followers(item: dict[str, Any], old: str, new: str, where: str) -> Iterator[Edit]:
    """What else a file's description says of the last name of its path.

    That stays as it is unless the prefix was the whole path, or the form changes.
    """
    name = item.get("name")
    if isinstance(name, str) and old.endswith(f"/{name}") and new.endswith(f"/{name}"):
        return
    stem = where.removesuffix("path")
    for before, after in _names(old, new):
        for key, part in before.items():
            if item.get(key) == part and after[key] != part:
                yield Edit(item, key, after[key], f"{stem}{key}")


def _names(old: str, new: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    r"""What the paths end in; for MoviePilot on Linux `\\nas\a.mkv` is one name."""
    if not is_windows(old):
        yield _name_parts(old, "/"), _name_parts(new, "\\/" if is_windows(new) else "/")
        return
    yield _name_parts(old, "\\/"), _name_parts(new, "\\/" if is_windows(new) else "/")
    yield _name_parts(old, "/"), _name_parts(new, "/")


@lru_cache(maxsize=256)
def _name_parts(path: str, separators: str) -> dict[str, str]:
    name = re.split(f"[{re.escape(separators)}]", path.rstrip(separators))[-1]
    suffix = PurePosixPath(name).suffix if "/" not in name else ""
    stem = name.removesuffix(suffix) if suffix else name
    return {"name": name, "basename": stem, "extension": suffix.removeprefix(".")}


# --- JSON with the place of each text


class Spotted(str):
    """A text out of JSON, and where it stands there, quotes included."""

    __slots__ = ("span",)
    span: tuple[int, int]


class SpottingDecoder(json.JSONDecoder):
    """Reads JSON, texts as Spotted."""

    def __init__(self) -> None:
        super().__init__()
        self.parse_string = _spot
        self.scan_once = py_make_scanner(self)


def _spot(text: str, start: int, strict: bool = True) -> tuple[Spotted, int]:  # noqa: FBT001, FBT002  the decoder's own signature
    value, end = scanstring(text, start, strict)
    spotted = Spotted(value)
    spotted.span = (start - 1, end)
    return spotted, end
