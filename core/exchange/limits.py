"""How much of a file is read, and what is told of one that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from typing import NoReturn

MEGABYTE = 2**20
MOST_BYTES = 64 * MEGABYTE
MOST_YAML = 24 * MEGABYTE
"""YAML takes ten times as long to read as anything else."""
MOST_ROWS = 1_000_000
MOST_COLUMNS = 500
MOST_CELL = 2 * MEGABYTE
"""Characters of one cell."""
MOST_LINE = 8 * MEGABYTE
"""Characters of one row of text."""
MOST_TEXT = 256 * MEGABYTE
"""Characters of all rows: a workbook may repeat one long text as often as it likes."""
MOST_KEPT = 16 * MEGABYTE
"""Bytes that the rows may take, compressed, to be kept with a plan."""
MOST_VALUES = 500_000
"""In the JSON or YAML of one record: in memory each takes thirty times its text."""
MOST_DEPTH = 100
"""How deep values may be nested."""


class Unreadable(Exception):
    """The file cannot be read as a table; the text says why, and where."""


def refuse(text: str) -> NoReturn:
    """Raises Unreadable."""
    raise Unreadable(text)


def has_too_many_values(text: str) -> bool:
    """Whether reading this JSON could take much memory."""
    return sum(map(text.count, ",[{")) > MOST_VALUES


def check_columns(count: int) -> None:
    """Raises Unreadable for more columns than are read."""
    if count > MOST_COLUMNS:
        refuse(
            _("The table has %(count)s columns or more; up to %(most)s are read.")
            % {"count": f"{count:,}", "most": f"{MOST_COLUMNS:,}"}
        )


def too_long_cell(row: int) -> NoReturn:
    """Raises Unreadable."""
    refuse(
        _("Row %(row)s: a cell is longer than %(most)s characters.")
        % {"row": f"{row:,}", "most": f"{MOST_CELL:,}"}
    )
