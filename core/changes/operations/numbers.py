"""Operations on numbers."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.changes.operations.base import Computed, Operation, Param, misplaced
from core.changes.operations.sources import Sort, sort_of
from core.changes.operations.storing import storer

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.changes.rows import Rows

Number = int | float
EXACT = Context(prec=400)
"""Sums and products of any two floats of a usual size, to the last digit."""


class NumberOperation(Operation):
    """Makes one number of another.

    It counts in decimals, as people do: 0.1 + 0.2 is 0.3, and a tenth more than 10 is
    11. A whole number that would not stay whole is refused rather than rounded.
    """

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Computed:
        require_number(field)
        is_whole = isinstance(field, models.IntegerField)
        change, store = self.changer(), storer(rows, field)

        def changed(raw: Any) -> Any:
            if raw is None:
                return None
            _check_number(raw, is_whole=is_whole)
            old = Decimal(raw) if type(raw) is int else Decimal(repr(raw))
            new = _changed(change, old)
            return raw if new == old else store(native(new, is_whole=is_whole))

        return Computed(changed)

    @abstractmethod
    def changer(self) -> Callable[[Decimal], Decimal]:
        """The function from number to number. Raises ValidationError."""


def require_number(field: models.Field[Any, Any]) -> None:
    """Raises ValidationError for a column that holds no numbers."""
    if sort_of(field) is not Sort.NUMBER:
        raise ValidationError(_("This can be done to numbers only."))


def decimal(number: object) -> Decimal:
    """A parameter as a number. Raises ValidationError."""
    if type(number) is int or (type(number) is float and math.isfinite(number)):
        return Decimal(repr(number))
    raise ValidationError(_("Give a number."))


def native(number: Decimal, *, is_whole: bool) -> Number:
    """The number as a column takes it. Raises ValidationError."""
    if not is_whole:
        return float(number)
    if number != number.to_integral_value():
        raise ValidationError(
            _("The result %s is no whole number, which this column needs.")
            % f"{number:.30g}"
        )
    return int(number)


def _check_number(raw: Any, *, is_whole: bool) -> None:
    if type(raw) is not int and (is_whole or type(raw) is not float):
        raise misplaced(raw, _("a whole number") if is_whole else _("a number"))
    if not math.isfinite(raw):
        raise misplaced(raw, _("a finite number"))


def _changed(change: Callable[[Decimal], Decimal], old: Decimal) -> Decimal:
    try:
        return change(old)
    except DecimalException:
        raise ValidationError(_("The number is too large for this column.")) from None


@dataclass(frozen=True)
class Add(NumberOperation):
    """Add a number; a negative one is taken away."""

    name: ClassVar = "add"
    label: ClassVar = gettext_lazy("Add a number")
    params: ClassVar = (Param("amount", gettext_lazy("Amount"), "number"),)
    amount: Number

    def changer(self) -> Callable[[Decimal], Decimal]:
        amount = decimal(self.amount)
        return lambda old: EXACT.add(old, amount)

    def words(self) -> str:
        if self.amount < 0:
            return _("subtract %s") % -self.amount
        return _("add %s") % self.amount


@dataclass(frozen=True)
class Multiply(NumberOperation):
    """Multiply by a number."""

    name: ClassVar = "multiply"
    label: ClassVar = gettext_lazy("Multiply")
    params: ClassVar = (Param("factor", gettext_lazy("Factor"), "number"),)
    factor: Number

    def changer(self) -> Callable[[Decimal], Decimal]:
        factor = decimal(self.factor)
        return lambda old: EXACT.multiply(old, factor)

    def words(self) -> str:
        return _("multiply by %s") % self.factor


@dataclass(frozen=True)
class Clamp(NumberOperation):
    """Raise what is below `low` to it, lower what is above `high`."""

    name: ClassVar = "clamp"
    label: ClassVar = gettext_lazy("Keep within limits")
    params: ClassVar = (
        Param("low", gettext_lazy("At least"), "number", required=False),
        Param("high", gettext_lazy("At most"), "number", required=False),
    )
    low: Number | None = None
    high: Number | None = None

    def changer(self) -> Callable[[Decimal], Decimal]:
        low = None if self.low is None else decimal(self.low)
        high = None if self.high is None else decimal(self.high)
        if low is None and high is None:
            raise ValidationError(_("Give at least one of the limits."))
        if low is not None and high is not None and low > high:
            raise ValidationError(_("The lower limit is above the upper one."))

        def clamped(old: Decimal) -> Decimal:
            if low is not None and old < low:
                return low
            return high if high is not None and old > high else old

        return clamped

    def words(self) -> str:
        if self.high is None:
            return _("raise to at least %s") % self.low
        if self.low is None:
            return _("lower to at most %s") % self.high
        return _("keep from %(low)s to %(high)s") % {"low": self.low, "high": self.high}
