"""Helping MoviePilot's users back in who have locked themselves out.

    [account] = named("admin")
    doing = Rescue(password="…", clear_otp=True, passkeys=PassKeys.DROP)
    lines(account, doing)                       # what would change
    change_set = rescue(account, doing, by=operator)

As one change through the door, so that it can be undone. Nothing here takes rights
away. `core.rescue.operators` does the same for the console's own accounts.
"""

from core.rescue.accounts import RawAccount, close_to, everyone, named, numbered
from core.rescue.doing import (
    Line,
    PassKeys,
    Refused,
    Rescue,
    lines,
    rescue,
    undo_rescue,
)

__all__ = [
    "Line",
    "PassKeys",
    "RawAccount",
    "Refused",
    "Rescue",
    "close_to",
    "everyone",
    "lines",
    "named",
    "numbered",
    "rescue",
    "undo_rescue",
]
