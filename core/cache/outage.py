"""A cache that is gone for a while: said once, asked seldom, noticed when back."""

from __future__ import annotations

import logging
import os
import time
from threading import Lock
from weakref import WeakSet

logger = logging.getLogger("core.cache")

PAUSE = 5.0
"""Seconds until a store that failed is asked again."""


_outages: WeakSet[Outage] = WeakSet()


class Outage:
    """Whether a store answers, as this process knows it.

    Asking a dead host costs its whole timeout, so after a failure nobody asks for
    a while; then one caller tries while the others still do without.
    """

    def __init__(self, name: str, pause: float = PAUSE) -> None:
        self.name = name
        self.pause = pause
        self.reason = ""
        """Why the store does not answer; empty while it does."""
        self._rests_until = 0.0
        self._mentioned: set[str] = set()
        self._lock = Lock()
        _outages.add(self)

    def is_resting(self) -> bool:
        """Whether to do without the store. False for the one who shall try again."""
        if not self.reason:
            return False
        with self._lock:
            now = time.monotonic()
            if now < self._rests_until:
                return True
            # Whoever comes meanwhile does not wait for this one's timeout, too.
            self._rests_until = now + self.pause
            return False

    def begin(self, error: BaseException) -> None:
        """The store failed."""
        with self._lock:
            is_new = not self.reason
            self.reason = str(error) or type(error).__name__
            self._rests_until = time.monotonic() + self.pause
        if is_new:
            logger.warning(
                "The cache %s cannot be used, so nothing is kept: %s",
                self.name,
                self.reason,
            )

    def mention(self, error: Exception) -> None:
        """The store answers, but refuses: said once for each kind of refusal."""
        kind = type(error).__name__
        with self._lock:
            is_new = kind not in self._mentioned
            self._mentioned.add(kind)
        if is_new:
            logger.warning("The cache %s refuses to work: %s", self.name, error)

    def end(self) -> None:
        """The store answered."""
        if not self.reason:
            return
        with self._lock:
            was_out, self.reason = bool(self.reason), ""
        if was_out:
            logger.warning("The cache %s can be used again.", self.name)


def _unlock() -> None:
    # A thread that did not come along into the forked process may have held one.
    for outage in _outages:
        outage._lock = Lock()  # noqa: SLF001  our own


os.register_at_fork(after_in_child=_unlock)
