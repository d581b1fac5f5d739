r"""Paths as text: put one prefix in place of another, whole segments only.

A path is read as its prefix is written: `C:\x`, `C:/x` and `\\nas\share` are Windows
forms, where both slashes separate and case does not count; everything else is POSIX.
Nothing here looks at a disk.
"""

from __future__ import annotations

import re
from functools import lru_cache

DRIVE = re.compile(r"[A-Za-z]:(?=[\\/]|\Z)")
ANY_SLASH = r"[\\/]"


def swap(
    text: str, old: str, new: str, *, ignore_case: bool | None = None
) -> str | None:
    """`text` with the prefix `new` where `old` stood; None when it is not under `old`.

    `ignore_case` None is the rule of the form `old` is written in. What follows the
    prefix is kept, but for its separators where the form changes: towards Windows they
    become those of `new`. A path that stays a Windows one keeps the slash it is written
    with. Raises ValueError where a prefix is empty.
    """
    return path_swap(old, new, ignore_case=ignore_case)(text)


def is_windows(path: str) -> bool:
    r"""Whether a path is written in a Windows form: with a drive, or `\\nas\share`."""
    return bool(DRIVE.match(path)) or path.startswith("\\")


class PathSwap:
    """A swap made ready for many texts."""

    def __init__(self, old: str, new: str, *, ignore_case: bool | None = None) -> None:
        """Raises ValueError where a prefix is empty."""
        if not old or not new:
            raise ValueError("A prefix may not be empty.")
        self.from_windows, self.to_windows = is_windows(old), is_windows(new)
        if ignore_case is None:
            ignore_case = self.from_windows
        self.separators = "\\/" if self.from_windows else "/"
        flags = re.IGNORECASE if ignore_case else re.NOFLAG
        self.prefix = re.compile(_pattern(old, windows=self.from_windows), flags)
        self.base = _without_end(new, windows=self.to_windows)
        self.separator = "\\" if self.to_windows and "\\" in new else "/"

    def __call__(self, text: str) -> str | None:
        """The text with the new prefix, None when it is not under the old one."""
        found = self.prefix.match(text)
        if not found:
            return None
        base, rest = self._as_written(text, text[found.end() :])
        if rest and rest[0] not in self.separators + self.separator:
            rest = self.separator + rest  # the old prefix was a root, slash included
        if base[-1] in "\\/":
            rest = rest[1:]  # the new one is
        return base + rest

    def _as_written(self, text: str, rest: str) -> tuple[str, str]:
        """The new prefix and the rest, with separators that belong together."""
        if self.from_windows and self.to_windows:
            first = re.search(ANY_SLASH, text)
            own = first[0] if first else self.separator
            return re.sub(ANY_SLASH, lambda _: own, self.base), rest
        if self.from_windows:
            return self.base, rest.replace("\\", "/")
        if self.to_windows:
            return self.base, rest.replace("/", self.separator)
        return self.base, rest


@lru_cache(maxsize=64)
def path_swap(old: str, new: str, *, ignore_case: bool | None = None) -> PathSwap:
    """The swap, made once. Raises ValueError where a prefix is empty."""
    return PathSwap(old, new, ignore_case=ignore_case)


def _pattern(prefix: str, *, windows: bool) -> str:
    """What the texts under a prefix begin with. A doubled slash counts as one, but at
    the start, where it makes another path.
    """
    slash = ANY_SLASH if windows else "/"
    head, body = _split(prefix, slash)
    names = [re.escape(name) for name in re.split(f"{slash}+", body) if name]
    start = re.escape(head.rstrip("\\/"))
    slashes = len(head) - len(head.rstrip("\\/"))
    if not names and start:  # a drive, with or without its slash
        return rf"{start}(?:{slash}|\Z)"
    start += f"{slash}{{{slashes}}}(?!{slash})" if slashes else ""
    return start + (f"{slash}+".join(names) + rf"(?={slash}|\Z)" if names else "")


def _split(path: str, slash: str) -> tuple[str, str]:
    r"""The root (`/`, `//`, `C:\`, `\\`; empty for a relative path) and the rest."""
    drive = DRIVE.match(path)
    if drive and slash == ANY_SLASH:
        end = drive.end() + 1
        return path[:end], path[end:]
    found = re.match(f"{slash}*", path)
    slashes = found.end() if found else 0
    # POSIX: exactly two slashes are a root of their own, three and more are one.
    return path[: slashes if slashes <= len("//") else 1], path[slashes:]


def _without_end(path: str, *, windows: bool) -> str:
    """The path without the slashes at its end, a root with just its own."""
    slash = ANY_SLASH if windows else "/"
    head, body = _split(path, slash)
    body = body.rstrip("\\/" if windows else "/")
    if not body and head.endswith(":"):
        head += "\\"
    return head + body
