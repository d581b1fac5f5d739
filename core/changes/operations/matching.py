"""Replacing by regular expression, in a process of its own.

A pattern such as `(a+)+$` may need longer than the world has existed. Python's `re`
cannot be told to give up, holds the interpreter all the while, and only the main thread
of a process can be interrupted, which is not where requests and tasks run. So a child
process does the matching: it has a timer for each text, and can be ended. No list of
dangerous forms is kept: such lists miss some and refuse good patterns.

The child is asked before the lock is taken (`prepare`); under the lock the answers are
looked up, and only a text that came between the two is matched there, with little time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.changes.operations.base import Compiled, Operation, Param, misplaced, quoted
from core.changes.operations.storing import check_text, storer
from core.changes.operations.texts import check_length, require_text, required

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db import models

    from core.changes.rows import Rows

WORKER = Path(__file__).with_name("regex_worker.py")
LONGEST_PATTERN = 1000
LONGEST_TEXT = 20_000
MOST_SLOW = 40
"""Texts to wait for in vain; then no more are tried."""
KEPT = 20_000


class Times(NamedTuple):
    """Seconds of processor time for one text and for all the slow ones of a batch, and
    on the clock for everything.
    """

    each: float
    all: float
    clock: float


LEISURE = Times(0.25, 2.0, 20.0)
UNDER_LOCK = Times(0.02, 0.02, 0.2)


@dataclass(frozen=True)
class ReplaceRegex(Operation):
    r"""Replace what a pattern of Python's `re` matches; `put` takes groups as `\1` and
    `\g<name>`.
    """

    name: ClassVar = "replace_regex"
    label: ClassVar = gettext_lazy("Replace by pattern")
    params: ClassVar = (
        Param(
            "pattern",
            gettext_lazy("Pattern"),
            "pattern",
            help=gettext_lazy("A regular expression, as Python has them."),
        ),
        Param(
            "put",
            gettext_lazy("Replace with"),
            "text",
            required=False,
            help=gettext_lazy("\\1 or \\g<name> stand for a group of the pattern."),
        ),
        Param("ignore_case", gettext_lazy("Ignore case"), "flag", required=False),
    )
    pattern: str
    put: str = ""
    ignore_case: bool = False

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Matcher:
        require_text(field)
        pattern, put = required(self.pattern), self.put
        check_text(put)
        if max(len(pattern), len(put)) > LONGEST_PATTERN:
            raise ValidationError(
                _("A pattern has at most %d characters.") % LONGEST_PATTERN
            )
        self._check()
        return Matcher(self, rows, field)

    def _check(self) -> None:
        """Raises ValidationError for what `re` does not understand."""
        try:
            compiled = re.compile(self.pattern, self.flags)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValidationError(_("The pattern is wrong: %s.") % error) from None
        names = {number: name for name, number in compiled.groupindex.items()}
        groups = (
            f"(?P<{names[number]}>)" if number in names else "()"
            for number in range(1, compiled.groups + 1)
        )
        try:  # a pattern with the same groups that matches nothing at once
            re.sub("".join(groups), self.put, "")
        except IndexError:
            text = _("there is no group of this name")
        except re.error as error:
            text = str(error)
        else:
            return
        raise ValidationError(_("The replacement is wrong: %s.") % text)

    @property
    def flags(self) -> re.RegexFlag:
        """What `re.compile` is told."""
        return re.IGNORECASE if self.ignore_case else re.NOFLAG

    def words(self) -> str:
        names = {"pattern": quoted(self.pattern), "put": quoted(self.put)}
        if self.ignore_case:
            return (
                _("replace pattern “%(pattern)s” with “%(put)s”, ignoring case") % names
            )
        return _("replace pattern “%(pattern)s” with “%(put)s”") % names


class Matcher(Compiled):
    """The compiled replacement; remembers what the child has said."""

    is_slow = True

    def __init__(
        self, operation: ReplaceRegex, rows: Rows, field: models.Field[Any, Any]
    ) -> None:
        self.request = {
            "pattern": operation.pattern,
            "put": operation.put,
            "flags": int(operation.flags),
        }
        self.store = storer(rows, field)
        self.known: dict[str, str | None] = {}
        self.left = MOST_SLOW

    def __call__(self, raw: Any, *others: Any) -> Any:
        if raw is None:
            return None
        if type(raw) is not str:
            raise misplaced(raw, _("a text"))
        if len(raw) > LONGEST_TEXT:
            raise ValidationError(
                _("The text is longer than %d characters, too long for a pattern.")
                % LONGEST_TEXT
            )
        self.prepare([raw])
        new = self.known[raw]
        if new is None:
            raise ValidationError(
                _(
                    "The pattern takes too long on texts like this one. Write it so "
                    "that there are fewer ways to match."
                )
            )
        check_length(raw, new)
        return raw if new == raw else self.store(new)

    def prepare(self, raws: Sequence[Any], *, is_locked: bool = False) -> None:
        texts = {raw for raw in raws if type(raw) is str and len(raw) <= LONGEST_TEXT}
        if texts <= self.known.keys():
            return
        if len(self.known) > KEPT:
            self.known.clear()
        unknown = sorted(texts - self.known.keys())
        answers = self._asked(unknown, UNDER_LOCK if is_locked else LEISURE)
        self.known |= zip(unknown, answers, strict=True)
        self.left -= sum(answer is None for answer in answers)

    def _asked(self, texts: list[str], times: Times) -> list[str | None]:
        """What the child makes of the texts, None for those that take too long."""
        none: list[str | None] = [None] * len(texts)
        if self.left <= 0:
            return none
        request = {**self.request, "texts": texts, "each": times.each, "all": times.all}
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", WORKER],
                input=json.dumps(request),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                encoding="ascii",
                timeout=times.clock,
                check=True,
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return none
        answers: list[str | None] = json.loads(done.stdout)
        return answers
