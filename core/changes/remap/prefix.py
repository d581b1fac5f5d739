r"""What a prefix may look like in a column: patterns that find no less than there is.

A path may have doubled slashes between the names of the prefix; on Windows either
slash, and any case. In JSON 电 may stand as itself or as \u7535.
"""

from __future__ import annotations

import json
import re

from core.changes.paths import is_windows

ESCAPE = "!"
"""Stands before `%` and `_` that mean themselves."""
TWO_CASES = re.compile("[iksIKS]|[^\x00-\x7f]")
"""Letters that may be one with letters elsewhere: K is also the Kelvin sign."""
ODD = r"\\/|\\u00[0-7]"
r"""Spelled so in JSON by nobody but people: `\/`, `\u0041`."""


class Prefix:
    """A prefix, to be looked for."""

    def __init__(self, text: str, *, ignore_case: bool | None = None) -> None:
        self.is_windows = is_windows(text)
        self.ignore_case = self.is_windows if ignore_case is None else ignore_case
        slash = r"[\\/]" if self.is_windows else "/"
        self.names = [name for name in re.split(slash, text) if name]
        self.slash = "" if self.is_windows else "/"
        # Two slashes begin another path than one; three and more count as one.
        slashes = len(text) - len(text.lstrip("/"))
        self.root = "" if self.is_windows else {0: "", 2: "//"}.get(slashes, "/")

    @property
    def exact(self) -> str:
        """What a path under it surely begins with; '' where that may be several."""
        is_one = self.names and not self.is_windows and not self.ignore_case
        return self.root + "/".join(self.names) if is_one else ""

    @property
    def is_loose(self) -> bool:
        """Whether the case does not count; in the digits of escapes it never does."""
        return self.ignore_case or not "".join(self.names).isascii()

    def plain(self) -> str:
        """What LIKE finds a path under it by."""
        start = "%" if self.is_windows else _escaped(self.root)
        return start + self._joined(self.names)

    def in_json(self) -> list[str]:
        """What LIKE finds such a path by in JSON of the usual spellings."""
        start = "%" + (self.slash if self.root else "")
        patterns = [start + self._joined(names) for names in self._in_json()]
        return [*dict.fromkeys(patterns)]

    def hint(self) -> re.Pattern[str] | None:
        """What JSON with such a path has in it; None where that may be anything.

        JSON that spells some characters out and some not may have neither.
        """
        if self.ignore_case or not self.names:
            return None
        usual = {re.escape(names[-1]) for names in self._in_json()}
        flags = re.NOFLAG if self.names[-1].isascii() else re.IGNORECASE
        return re.compile("|".join([*sorted(usual), ODD]), flags)

    def _in_json(self) -> list[list[str]]:
        """The names as JSON spells them, with escapes and without."""
        return [
            [json.dumps(name, ensure_ascii=is_plain)[1:-1] for name in self.names]
            for is_plain in (True, False)
        ]

    def _joined(self, names: list[str]) -> str:
        return f"%{self.slash}".join(map(self._spelled, names)) + "%"

    def _spelled(self, name: str) -> str:
        text = _escaped(name)
        return re.sub("%+", "%", TWO_CASES.sub("%", text)) if self.ignore_case else text


def _escaped(text: str) -> str:
    return re.sub(f"[%_{ESCAPE}]", lambda found: ESCAPE + found[0], text)
