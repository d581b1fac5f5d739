"""What a change does to a field. A new kind of edit is a new Operation here, nothing
else.

An operation is registered by its name, survives a round trip through JSON (plans and
change sets keep it), and compiles for one column to a function raw value → raw value,
or to a constant. That function is the specification; every result passes the checks of
a value that is set (`storing`), and a value that cannot be worked with is refused with
a reason, never converted.

Done twice it is done once: Set, SetNull, Trim, Case (upper, lower), Clamp, Sequence
(also by its own column, with a step above 0), the operations on lists, SetPath,
RemovePath of names, SwapPath where the new folder is not under the old one, and Copy of
a column that is not changed along with it.
"""

from core.changes.operations.base import (
    UNKEEPABLE,
    Compiled,
    Computed,
    Constant,
    Operation,
    Param,
    as_compiled,
)
from core.changes.operations.flags import Toggle
from core.changes.operations.keeping import (
    operations_from_json,
    operations_to_json,
    operations_to_payload,
    rows_from_json,
    rows_to_json,
    unseal,
)
from core.changes.operations.lists import ListAdd, ListRemove, ListReplace
from core.changes.operations.matching import ReplaceRegex
from core.changes.operations.numbers import Add, Clamp, Multiply
from core.changes.operations.objects import RemovePath, SetPath
from core.changes.operations.offering import offered
from core.changes.operations.sequences import Sequence, may_order
from core.changes.operations.sources import sources
from core.changes.operations.stamps import Shift
from core.changes.operations.storing import (
    INT32,
    UNSTORABLE,
    check_range,
    stored_value,
    validated,
)
from core.changes.operations.texts import (
    Case,
    Prefix,
    Replace,
    Suffix,
    SwapPath,
    Trim,
)
from core.changes.operations.values import Copy, Set, SetNull

__all__ = [
    "INT32",
    "UNKEEPABLE",
    "UNSTORABLE",
    "Add",
    "Case",
    "Clamp",
    "Compiled",
    "Computed",
    "Constant",
    "Copy",
    "ListAdd",
    "ListRemove",
    "ListReplace",
    "Multiply",
    "Operation",
    "Param",
    "Prefix",
    "RemovePath",
    "Replace",
    "ReplaceRegex",
    "Sequence",
    "Set",
    "SetNull",
    "SetPath",
    "Shift",
    "Suffix",
    "SwapPath",
    "Toggle",
    "Trim",
    "as_compiled",
    "check_range",
    "may_order",
    "offered",
    "operations_from_json",
    "operations_to_json",
    "operations_to_payload",
    "rows_from_json",
    "rows_to_json",
    "sources",
    "stored_value",
    "unseal",
    "validated",
]
