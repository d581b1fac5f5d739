"""Computations under way in this process: who comes later waits for the result."""

from __future__ import annotations

import os
from concurrent.futures import Future
from threading import Lock
from typing import Any

from core.cache import values


class Abandoned(Exception):
    """Whoever computed was stopped from outside; somebody else may."""


class Flight:
    """One computation."""

    def __init__(self, owner: object) -> None:
        self.owner = owner
        """The thread or task at work."""
        self.is_forgotten = False
        """Whether its result is out of date before it is there."""
        self.landed: Future[bytes] = Future()

    def wait(self) -> Any:
        """The result, when it is there; its exception; or Abandoned."""
        return values.loads(self.landed.result())


class Flights:
    """All computations under way, by what they compute."""

    def __init__(self) -> None:
        self._flights: dict[object, Flight] = {}
        self._lock = Lock()

    def join(self, name: object, owner: object) -> tuple[Flight, bool]:
        """The flight of this name, and whether the caller is to do it."""
        with self._lock:
            flight = self._flights.get(name)
            if flight is not None:
                return flight, False
            flight = self._flights[name] = Flight(owner)
            return flight, True

    def land(self, name: object, flight: Flight, value: object) -> None:
        """Give everybody the value, each a copy of their own."""
        packed = values.dumps(value)
        self._remove(name, flight)
        flight.landed.set_result(packed)

    def fail(self, name: object, flight: Flight, error: BaseException) -> None:
        """Give everybody the exception."""
        # First of all: who asks again after it is not to get the same one.
        self._remove(name, flight)
        is_own = isinstance(error, Exception)
        flight.landed.set_exception(error if is_own else Abandoned())

    def forget(self, *names: object) -> None:
        """Let what is under way not be kept, nor given to whoever asks from now on."""
        with self._lock:
            for name in names:
                if flight := self._flights.pop(name, None):
                    flight.is_forgotten = True

    def _remove(self, name: object, flight: Flight) -> None:
        with self._lock:
            if self._flights.get(name) is flight:
                del self._flights[name]


flights = Flights()
os.register_at_fork(after_in_child=lambda: flights.__init__())  # type: ignore[misc]
