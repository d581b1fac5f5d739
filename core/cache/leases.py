"""Leases: which process computes a value, said in the cache itself.

Whoever computes renews its lease; one that died stops doing so, and another takes over.
"""

from __future__ import annotations

import os
import secrets
import time
from threading import Lock, Thread

from django.core.cache import caches

from core.cache.regions import LEASES, inside

LEASE_SECONDS = 4.0
RENEWAL_SECONDS = 1.0


class Lease:
    """The right of one caller to compute one value."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._token = secrets.token_hex(8)
        self._is_over = False

    def is_held(self) -> bool:
        """Whether nobody took it away."""
        return bool(caches["default"].get(self._key) == self._token)

    def renew(self) -> None:
        """Hold it longer."""
        if self.is_held():
            caches["default"].touch(self._key, LEASE_SECONDS)

    def release(self) -> None:
        """Let others compute."""
        self._is_over = True
        _renewer.remove(self)
        if self.is_held():
            caches["default"].delete(self._key)

    def acquire(self) -> bool:
        """Take it; False while somebody holds it, or where there is no cache."""
        if not caches["default"].add(self._key, self._token, LEASE_SECONDS):
            return False
        _renewer.add(self)
        if self._is_over:
            # Its task was cancelled while this thread was at work.
            self.release()
        return True


def lease_on(at: str) -> Lease:
    """The lease on the value at this key of Django's cache."""
    return Lease(_key(at))


def is_leased(at: str) -> bool:
    """Whether somebody is computing the value."""
    return caches["default"].has_key(_key(at))


def revoke(at: str) -> None:
    """Let nobody keep what is being computed at the moment."""
    caches["default"].delete(_key(at))


def _key(at: str) -> str:
    return inside(LEASES, at)


class _Renewer:
    """One thread for all leases of the process, there while there are any."""

    def __init__(self) -> None:
        self._leases: set[Lease] = set()
        self._lock = Lock()
        self._thread: Thread | None = None

    def add(self, lease: Lease) -> None:
        with self._lock:
            self._leases.add(lease)
            if self._thread is None:
                self._thread = Thread(target=self._run, daemon=True, name="leases")
                self._thread.start()

    def remove(self, lease: Lease) -> None:
        with self._lock:
            self._leases.discard(lease)

    def _run(self) -> None:
        while True:
            time.sleep(RENEWAL_SECONDS)
            with self._lock:
                leases = list(self._leases)
                if not leases:
                    self._thread = None
                    return
            for lease in leases:
                lease.renew()


_renewer = _Renewer()


def _forget_parent() -> None:
    # Leases of the process this one was forked from are not ours, and its thread
    # did not come along.
    global _renewer
    _renewer = _Renewer()


os.register_at_fork(after_in_child=_forget_parent)
