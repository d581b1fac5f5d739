"""The child process of `matching`: replaces by pattern, each text within a time limit.

It reads one JSON document from its standard input and writes one to its output. Run by
file name, without the project: it starts in some ten milliseconds.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from typing import Any


class TooSlow(Exception):
    """The text has had its time."""


def give_up(_signal: int, _frame: object) -> None:
    """Python's `re` looks for signals while it matches; in the main thread only."""
    raise TooSlow


def replaced(pattern: re.Pattern[str], put: str, text: str, seconds: float) -> Any:
    """The new text, None where it takes longer than so much processor time."""
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        try:
            return pattern.sub(put, text)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except (TooSlow, MemoryError):
        return None


def answer(request: dict[str, Any]) -> list[str | None]:
    """What becomes of each text; None for those that were given up or not tried."""
    pattern = re.compile(request["pattern"], request["flags"])
    left, answers = request["all"], []
    for text in request["texts"]:
        new = None
        if left > 0:
            started = time.process_time()
            new = replaced(pattern, request["put"], text, request["each"])
            left -= 0 if new is not None else time.process_time() - started
        answers.append(new)
    return answers


if __name__ == "__main__":
    signal.signal(signal.SIGVTALRM, give_up)
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
