"""Tell those who depend on a setting that it has changed, whoever changed it.

    class DownloaderChoices(ConfigReloadMixin):
        CONFIG_WATCH = {SystemConfigKey.Downloaders}

        def on_config_changed(self) -> None:
            self.choices = None

Each live instance is called after the commit, once per change, in every process of the
console within two seconds. A thread of each process looks for changes: at once when
this process wrote, else about once a second.
"""

from __future__ import annotations

import asyncio
import atexit
import inspect
import logging
import re
import threading
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self
from weakref import WeakKeyDictionary, WeakValueDictionary

from django.db import DatabaseError, connections

from core.opers.configuration import settings_snapshot
from core.opers.watched import table_digest
from core.schema.place import sqlite_path
from core.systemconfig.filestate import FileState, file_state
from core.systemconfig.keys import PLUGIN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

MOVIEPILOT = "moviepilot"
INTERVAL = 0.7
"""Seconds between two looks."""
MODEL = re.compile(r"[a-z]+\.[A-Z][A-Za-z]+")
"""`sites.Site`; keys of plugins begin with `plugin.` and are no models."""
logger = logging.getLogger(__name__)
_classes: WeakKeyDictionary[type, frozenset[str]] = WeakKeyDictionary()
_instances: WeakValueDictionary[int, ConfigReloadMixin] = WeakValueDictionary()
_watchers: list[Watcher] = []


class ConfigReloadMixin:
    """Whose instances want to know of changed settings.

    CONFIG_WATCH is read when the class is made. It holds SystemConfigKey members or
    their values, labels of models such as "sites.Site" whose records are choices
    somewhere, and names of Settings; those cannot change while the console runs.
    """

    CONFIG_WATCH: ClassVar[Set[str]] = frozenset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        watched: Any = cls.CONFIG_WATCH
        if isinstance(watched, str):
            raise TypeError(f"{cls.__name__}.CONFIG_WATCH is a text; write a set.")
        if watched:
            _classes[cls] = frozenset(map(name_of, watched))

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        new = super().__new__
        made = new(cls) if new is object.__new__ else new(cls, *args, **kwargs)
        if cls in _classes:
            _instances[id(made)] = made
        return made

    def on_config_changed(self) -> Any:
        """What to do; may be a coroutine function."""

    def get_reload_name(self) -> str:
        """What the log calls this."""
        return type(self).__name__


def name_of(watched: str) -> str:
    """The name of something to watch: a key's value, or the text as it is."""
    return str(getattr(watched, "value", watched))


def watched_names() -> frozenset[str]:
    """What any class watches."""
    return frozenset().union(*_classes.values())


def tell(changed: Set[str]) -> None:
    """Call every live instance that watches one of these names, once."""
    for instance in [*_instances.values()]:
        names = _classes.get(type(instance), frozenset()) & changed
        if names:
            _call(instance, names)


def _call(instance: ConfigReloadMixin, names: Set[str]) -> None:
    name = type(instance).__name__
    try:
        name = instance.get_reload_name()
        logger.info("%s: reloading after %s.", name, ", ".join(sorted(names)))
        result = instance.on_config_changed()
        if inspect.isawaitable(result):
            asyncio.run(_finish(result))
    except Exception as error:  # noqa: BLE001 - one that fails must not stop the others
        # Not its text: that may repeat a setting.
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{last.filename}:{last.lineno}"
        logger.error("%s: %s at %s.", name, type(error).__name__, where)


async def _finish(result: Any) -> None:
    await result


class Watcher:
    """The thread that looks for changes in MoviePilot's database.

    It opens the database only where something has been written, and closes it again: a
    file held open would keep MoviePilot from tidying up when it stops.
    """

    def __init__(self) -> None:
        self._wake = threading.Event()
        self._is_ready = threading.Event()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reload", daemon=True)
        self._settings: dict[str, bytes] | None = None
        self._tables: dict[str, bytes] = {}
        self._file: FileState | None = None
        self._is_failing = False

    def start(self) -> None:
        """Begin to look; from here on every change is told."""
        from core.changes.signals import written

        written.connect(self._on_written, weak=False, dispatch_uid=id(self))
        self._thread.start()
        self._is_ready.wait(5)
        _watchers.append(self)

    def stop(self) -> None:
        """End the thread, without waiting long."""
        from core.changes.signals import written

        written.disconnect(dispatch_uid=id(self))
        if self in _watchers:
            _watchers.remove(self)
        self._is_over.set()
        self._wake.set()
        self._thread.join(2)

    @property
    def is_alive(self) -> bool:
        """Whether it looks; a process that was forked off has no such thread."""
        return self._thread.is_alive()

    def _on_written(self, sender: Any, **_kwargs: Any) -> None:
        if sender._meta.label == "core.SystemConfig" or (
            sender._meta.label in watched_names()
        ):
            self._wake.set()

    def _run(self) -> None:
        while not self._is_over.is_set():
            self._wake.clear()
            self._look_and_tell()
            self._is_ready.set()
            self._wake.wait(INTERVAL)

    def _look_and_tell(self) -> None:
        try:
            changed = self._look()
            self._is_failing = False
        except Exception as error:  # noqa: BLE001 - it must look again, whatever it was
            if not self._is_failing:
                logger.warning(
                    "Changed settings cannot be looked for: %s.", type(error).__name__
                )
            self._is_failing = True
            changed = set()
        finally:
            self._disconnect()
        tell(changed)
        self._disconnect()

    def _look(self) -> set[str]:
        """The names of what has changed since the last look."""
        file = self._file_state()
        is_new = self._tables.keys() != watched_tables()
        if file is not None and file.is_same_as(self._file) and not is_new:
            return set()
        settings, tables = settings_snapshot.look(), self._digests()
        changed = differing(self._settings, settings)
        changed |= differing(self._tables, tables) & self._tables.keys()
        self._file, self._settings, self._tables = file, settings, tables
        return changed

    def _file_state(self) -> FileState | None:
        """Tells whether anybody wrote; None on PostgreSQL, which has to be asked."""
        connection = connections[MOVIEPILOT]
        if connection.vendor != "sqlite":
            return None
        return file_state(sqlite_path(connection.settings_dict["NAME"]))

    def _digests(self) -> dict[str, bytes]:
        """Of each watched table; of one that cannot be read, what it was before."""
        found = {}
        for label in watched_tables():
            try:
                found[label] = table_digest(label)
            except (DatabaseError, LookupError) as error:
                found[label] = self._tables.get(label, b"")
                if label not in self._tables:
                    logger.warning("%s: %s.", label, type(error).__name__)
        return found

    def _disconnect(self) -> None:
        """Hold no database open between two looks, and follow where aliases lead."""
        for connection in connections.all(initialized_only=True):
            connection.close()
            del connections[connection.alias]


def differing(
    before: Mapping[str, bytes] | None, after: Mapping[str, bytes]
) -> set[str]:
    """The keys that are new, gone or of another value; none the first time."""
    if before is None:
        return set()
    keys = before.keys() | after.keys()
    return {key for key in keys if before.get(key) != after.get(key)}


def is_table(name: str) -> bool:
    """Whether a watched name is a model's label."""
    return MODEL.fullmatch(name) is not None and not name.startswith(PLUGIN_PREFIX)


def watched_tables() -> frozenset[str]:
    """The labels among what is watched."""
    return frozenset(name for name in watched_names() if is_table(name))


def watcher_at_work() -> Watcher | None:
    """Who looks for changes in this process; None where nobody is told of any."""
    return next((each for each in _watchers if each.is_alive), None)


@contextmanager
def watching() -> Iterator[Watcher]:
    """Look for changes while the block runs, for commands and tests."""
    watcher = Watcher()
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.stop()


def watch() -> None:
    """Look for changes as long as this process lives."""
    watcher = Watcher()
    watcher.start()
    atexit.register(watcher.stop)
