"""What can be wrong with a row or a cell of a file, found when it is read.

It is kept as a code in the place of the row or the cell, and told with the errors of
all other rows.
"""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from core.exchange.limits import MOST_DEPTH

BROKEN_JSON: Final = "broken"
NO_OBJECT: Final = "object"
TOO_DEEP: Final = "deep"
TOO_MANY: Final = "many"
WIDTH: Final = "width"
FORMULA: Final = "formula"
ERROR_VALUE: Final = "error"
KEY: Final = "$fault"


def fault(code: str) -> dict[str, str]:
    """In the place of a cell."""
    return {KEY: code}


def fault_of(cell: Any) -> str:
    """What is wrong with a cell, in words; '' for nothing."""
    if isinstance(cell, dict) and cell.keys() == {KEY}:
        return words(str(cell[KEY]))
    return ""


def words(code: str) -> str:
    """What a code says."""
    texts = {
        BROKEN_JSON: _("This line is not valid JSON."),
        NO_OBJECT: _("A record has to be an object."),
        TOO_DEEP: _("The record is nested more than %s levels deep.") % MOST_DEPTH,
        TOO_MANY: _("The JSON holds too many values."),
        WIDTH: _("The row has another number of cells than the header."),
        FORMULA: _("A formula is not computed here: put its value into the cell."),
        ERROR_VALUE: _("The cell holds an error of the spreadsheet."),
    }
    return texts.get(code, code)
