"""Operations on texts."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.changes.operations.base import Computed, Operation, Param, misplaced, quoted
from core.changes.operations.sources import Sort, sort_of
from core.changes.operations.storing import check_text, storer
from core.changes.paths import is_windows, path_swap

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.changes.rows import Rows

LONGEST = 1_000_000
"""Characters a text may grow to."""


class TextOperation(Operation):
    """Makes one text of another."""

    def compile(self, rows: Rows, field: models.Field[Any, Any]) -> Computed:
        require_text(field)
        change, store = self.changer(), storer(rows, field)

        def changed(raw: Any) -> Any:
            if raw is None:
                return None
            if type(raw) is not str:
                raise misplaced(raw, _("a text"))
            new = change(raw)
            if new == raw:
                return raw
            check_length(raw, new)
            return store(new)

        return Computed(changed)

    @abstractmethod
    def changer(self) -> Callable[[str], str]:
        """The function from text to text. Raises ValidationError."""


def require_text(field: models.Field[Any, Any]) -> None:
    """Raises ValidationError for a column that holds no text."""
    if sort_of(field) is not Sort.TEXT:
        raise ValidationError(_("This can be done to texts only."))


def check_length(old: str, new: str) -> None:
    """Raises ValidationError for a text that has grown beyond all measure."""
    if len(new) > max(LONGEST, len(old)):
        raise ValidationError(
            _("The text would get longer than %d characters.") % LONGEST
        )


def required(text: str) -> str:
    """The text of a parameter. Raises ValidationError for an empty one."""
    if not isinstance(text, str) or not text:
        raise ValidationError(_("Type a text."))
    check_text(text)
    return text


@dataclass(frozen=True)
class Prefix(TextOperation):
    """Put a text before."""

    name: ClassVar = "prefix"
    label: ClassVar = gettext_lazy("Add prefix")
    params: ClassVar = (Param("text", gettext_lazy("Prefix"), "text"),)
    text: str

    def changer(self) -> Callable[[str], str]:
        text = required(self.text)
        return lambda old: text + old

    def words(self) -> str:
        return _("add prefix “%s”") % quoted(self.text)


@dataclass(frozen=True)
class Suffix(TextOperation):
    """Put a text after."""

    name: ClassVar = "suffix"
    label: ClassVar = gettext_lazy("Add suffix")
    params: ClassVar = (Param("text", gettext_lazy("Suffix"), "text"),)
    text: str

    def changer(self) -> Callable[[str], str]:
        text = required(self.text)
        return lambda old: old + text

    def words(self) -> str:
        return _("add suffix “%s”") % quoted(self.text)


@dataclass(frozen=True)
class Replace(TextOperation):
    """Put one text in place of another, everywhere. Every character means itself."""

    name: ClassVar = "replace"
    label: ClassVar = gettext_lazy("Replace text")
    params: ClassVar = (
        Param("find", gettext_lazy("Find"), "text"),
        Param("put", gettext_lazy("Replace with"), "text", required=False),
    )
    find: str
    put: str = ""

    def changer(self) -> Callable[[str], str]:
        find, put = required(self.find), self.put
        check_text(put)
        return lambda old: old.replace(find, put)

    def words(self) -> str:
        if not self.put:
            return _("remove “%s”") % quoted(self.find)
        return _("replace “%(find)s” with “%(put)s”") % {
            "find": quoted(self.find),
            "put": quoted(self.put),
        }


@dataclass(frozen=True)
class SwapPath(TextOperation):
    """Put one folder in place of another at the start of a path, as core.changes.paths
    has it.
    """

    name: ClassVar = "swap_path"
    label: ClassVar = gettext_lazy("Swap path prefix")
    params: ClassVar = (
        Param("old", gettext_lazy("Old folder"), "path"),
        Param("new", gettext_lazy("New folder"), "path"),
        Param(
            "ignore_case",
            gettext_lazy("Ignore case"),
            "choice",
            required=False,
            help=gettext_lazy("Windows does not tell upper and lower case apart."),
            choices=(
                ("", gettext_lazy("As the old folder is written")),
                ("1", gettext_lazy("Yes")),
                ("0", gettext_lazy("No")),
            ),
        ),
    )
    old: str
    new: str
    ignore_case: bool | None = None

    def changer(self) -> Callable[[str], str]:
        old, new = required(self.old), required(self.new)
        swap = path_swap(old, new, ignore_case=self.ignore_case)

        def swapped(text: str) -> str:
            moved = swap(text)
            return text if moved is None else moved

        return swapped

    def words(self) -> str:
        text = _("swap path prefix “%(old)s” for “%(new)s”")
        rule = is_windows(self.old)
        if self.ignore_case not in (None, rule):
            text = (
                _("swap path prefix “%(old)s” for “%(new)s”, ignoring case")
                if self.ignore_case
                else _("swap path prefix “%(old)s” for “%(new)s”, minding case")
            )
        return text % {"old": quoted(self.old), "new": quoted(self.new)}


@dataclass(frozen=True)
class Trim(TextOperation):
    """Take blanks away from both ends; what counts as blank is Unicode's."""

    name: ClassVar = "trim"
    label: ClassVar = gettext_lazy("Trim blanks")

    def changer(self) -> Callable[[str], str]:
        return str.strip

    def words(self) -> str:
        return _("trim blanks at both ends")


@dataclass(frozen=True)
class Case(TextOperation):
    """Write in upper case, lower case, or with capitals."""

    name: ClassVar = "case"
    label: ClassVar = gettext_lazy("Change case")
    kinds: ClassVar = {
        "upper": (gettext_lazy("UPPER CASE"), str.upper),
        "lower": (gettext_lazy("lower case"), str.lower),
        "title": (gettext_lazy("Capitals At Each Word"), str.title),
    }
    params: ClassVar = (
        Param(
            "to",
            gettext_lazy("Case"),
            "choice",
            choices=tuple((key, label) for key, (label, _fn) in kinds.items()),
        ),
    )
    to: Literal["upper", "lower", "title"] = "upper"

    def changer(self) -> Callable[[str], str]:
        if self.to not in self.kinds:
            raise ValidationError(_("Choose one of the cases."))
        _label, change = self.kinds[self.to]
        return change

    def words(self) -> str:
        return _("change case: %s") % self.kinds[self.to][0]
