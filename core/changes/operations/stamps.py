"""Operations on dates and times, which MoviePilot keeps as texts of its local time."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.changes.operations.base import Computed, Operation, Param, misplaced
from core.changes.operations.sources import Sort, sort_of
from core.changes.operations.storing import as_stored
from core.fields import ClockField, DayField

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db import models

    from core.changes.rows import Rows

DAY = 86_400
MOST = 200 * 366 * DAY
UNITS = (DAY, 3600, 60, 1)
STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(\.\d{1,6})?([+-]\d\d(?::?\d\d){0,2})?",
    re.ASCII,
)
"""A second, its fraction, and the offset PostgreSQL shows where it knows a zone."""


@dataclass(frozen=True)
class Shift(Operation):
    """Move a time by so many seconds on the wall clock, in the format it stands in.

    Summer time is not looked at: MoviePilot keeps what the clock on the wall says. A
    time of day does not pass midnight, as its day stands elsewhere.
    """

    name: ClassVar = "shift"
    label: ClassVar = gettext_lazy("Shift")
    params: ClassVar = (
        Param(
            "seconds",
            gettext_lazy("Shift by"),
            "seconds",
            help=gettext_lazy("A negative number shifts back."),
        ),
    )
    seconds: int

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Computed:
        if sort_of(field) is not Sort.STAMP:
            raise ValidationError(_("This can be done to dates and times only."))
        shift = self._shifter(field)

        def shifted(raw: Any) -> Any:
            if raw is None or raw == "":
                return raw  # MoviePilot writes both for a time that never was
            if type(raw) is not str:
                raise misplaced(raw, _("a time"))
            try:
                new = shift(raw)
            except OverflowError:
                raise ValidationError(
                    _("The time would lie outside of the years 1 to 9999.")
                ) from None
            return as_stored(rows, field, new)

        return Computed(shifted)

    def _shifter(self, field: models.Field[Any, Any]) -> Callable[[str], str]:
        seconds = self.seconds
        if type(seconds) is not int or not -MOST <= seconds <= MOST:
            raise ValidationError(_("Give whole seconds, at most 200 years of them."))
        if isinstance(field, DayField):
            if seconds % DAY:
                raise ValidationError(_("This column holds days: shift by whole days."))
            return lambda text: _shifted_day(text, seconds)
        if isinstance(field, ClockField):
            return lambda text: _shifted_clock(text, seconds)
        return lambda text: _shifted_stamp(text, seconds)

    def words(self) -> str:
        if self.seconds < 0:
            return _("shift back by %s") % _span(-self.seconds)
        return _("shift by %s") % _span(self.seconds)


def _shifted_stamp(text: str, seconds: int) -> str:
    found = STAMP.fullmatch(text)
    stamp = _parsed(dt.datetime.fromisoformat, found[1]) if found else None
    if found is None or stamp is None:
        raise unreadable("YYYY-MM-DD HH:MM:SS")
    moved = stamp + dt.timedelta(seconds=seconds)
    text = moved.isoformat(sep=found[1][10], timespec="seconds")
    return text + (found[2] or "") + (found[3] or "")


def _shifted_day(text: str, seconds: int) -> str:
    is_day = re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII)
    day = _parsed(dt.date.fromisoformat, text) if is_day else None
    if day is None:
        raise unreadable("YYYY-MM-DD")
    moved: dt.date = day + dt.timedelta(days=seconds // DAY)
    return moved.isoformat()


def _shifted_clock(text: str, seconds: int) -> str:
    is_clock = re.fullmatch(r"\d\d:\d\d:\d\d", text, re.ASCII)
    clock = _parsed(dt.time.fromisoformat, text) if is_clock else None
    if clock is None:
        raise unreadable("HH:MM:SS")
    moved = clock.hour * 3600 + clock.minute * 60 + clock.second + seconds
    if not 0 <= moved < DAY:
        raise ValidationError(
            _("The time would pass midnight, and the day stands in another field.")
        )
    return f"{moved // 3600:02}:{moved // 60 % 60:02}:{moved % 60:02}"


def _parsed(parse: Callable[[str], Any], text: str) -> Any:
    """What the text says, None for a day or a time that does not exist."""
    try:
        return parse(text)
    except ValueError:
        return None


def unreadable(form: str) -> ValidationError:
    """What to say of a text that is no time."""
    return ValidationError(
        _(
            "What the record holds here is no time of the form %s. Leave it out, or "
            "set the field to a time first."
        )
        % form
    )


def _span(seconds: int) -> str:
    """Seconds in words: 1 day 2 hours."""
    parts = []
    for unit in UNITS:
        count, seconds = divmod(seconds, unit)
        if count:
            parts.append(_in_units(unit, count))
    return " ".join(parts) or _in_units(1, 0)


def _in_units(unit: int, count: int) -> str:
    text = {
        DAY: ngettext("%d day", "%d days", count),
        3600: ngettext("%d hour", "%d hours", count),
        60: ngettext("%d minute", "%d minutes", count),
        1: ngettext("%d second", "%d seconds", count),
    }[unit]
    return text % count
