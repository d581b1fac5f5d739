"""ConfigReloadMixin: whoever depends on a setting is told of its change."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import ClassVar

import pytest
from django.conf import settings
from django.db import connections

from core.changes import create_records, save_record
from core.models import SystemConfig
from core.opers.configuration import SystemConfigOper
from core.reload import ConfigReloadMixin, Watcher, watching
from core.systemconfig.keys import SystemConfigKey
from core.tests.support.live import environment
from sites.models import Site

DOWNLOADERS = SystemConfigKey.Downloaders
CLIENT = [{"name": "a", "type": "qbittorrent"}]


class Recorder(ConfigReloadMixin):
    """Counts its calls."""

    def __init__(self):
        self.calls = []
        self._untold = threading.Semaphore(0)

    def on_config_changed(self):
        self.calls.append(threading.current_thread().name)
        self._untold.release()

    def is_called(self):
        """Whether it is called once more, soon."""
        return self._untold.acquire(timeout=20)


class OfDownloaders(Recorder):
    CONFIG_WATCH: ClassVar = {DOWNLOADERS, "PROXY_HOST"}


class OfSites(Recorder):
    CONFIG_WATCH: ClassVar = {
        SystemConfigKey.RssSites,
        SystemConfigKey.IndexerSites.value,
    }


class OfPlugin(Recorder):
    CONFIG_WATCH: ClassVar = {SystemConfigKey.plugin("Mine")}


class OfSiteTable(Recorder):
    CONFIG_WATCH: ClassVar = {"sites.Site"}


class Inherits(OfDownloaders):
    pass


class Watchless(Recorder):
    pass


class Broken(Recorder):
    CONFIG_WATCH: ClassVar = {DOWNLOADERS}

    def on_config_changed(self):
        super().on_config_changed()
        raise ValueError("synthetic-secret-1")

    def get_reload_name(self):
        return "the broken one"


class Asynchronous(Recorder):
    CONFIG_WATCH: ClassVar = {DOWNLOADERS}

    async def on_config_changed(self):
        await asyncio.sleep(0)
        super().on_config_changed()


@pytest.fixture(autouse=True)
def _nobody_else():
    """What an earlier test left must not be called."""
    gc.collect()


def set_downloaders(library, value=CLIENT):
    """As MoviePilot does: past the console."""
    library.execute("DELETE FROM systemconfig WHERE key = 'Downloaders'")
    library.insert("systemconfig", key="Downloaders", value=json.dumps(value))


def test_a_write_through_the_door_is_told_once(library):
    mine, other = OfDownloaders(), OfSites()

    with watching():
        SystemConfigOper().set(DOWNLOADERS, CLIENT)
        assert mine.is_called()
        SystemConfigOper().set(SystemConfigKey.RssSites, [1])
        assert other.is_called()

    assert (len(mine.calls), len(other.calls)) == (1, 1)
    assert threading.current_thread().name not in mine.calls


def test_a_write_of_moviepilot_is_told(library):
    set_downloaders(library)
    mine = OfDownloaders()

    with watching():
        set_downloaders(library, [])
        assert mine.is_called()
        library.execute("DELETE FROM systemconfig")
        assert mine.is_called()

    assert len(mine.calls) == 2


def test_what_stood_there_before_is_no_change(library):
    set_downloaders(library)
    mine, other = OfDownloaders(), OfSites()

    with watching():
        SystemConfigOper().set(SystemConfigKey.RssSites, [1])
        assert other.is_called()

    assert mine.calls == []


def test_all_changes_of_one_look_are_one_call(library):
    mine = OfSites()

    with watching():
        create_records(
            SystemConfig,
            [{"key": "RssSites", "value": [1]}, {"key": "IndexerSites", "value": [2]}],
        )
        assert mine.is_called()

    assert len(mine.calls) == 1


def test_an_unchanged_value_written_again_is_no_change(library):
    set_downloaders(library)
    mine, other = OfDownloaders(), OfPlugin()

    with watching():
        set_downloaders(library)
        SystemConfigOper().set(SystemConfigKey.plugin("Mine"), {"a": 1})
        assert other.is_called()

    assert mine.calls == []


def test_subclasses_watch_what_they_inherit_and_the_rest_nothing(library):
    mine, nobody = Inherits(), Watchless()

    with watching():
        SystemConfigOper().set(DOWNLOADERS, CLIENT)
        assert mine.is_called()

    assert nobody.calls == []


def test_an_asynchronous_handler_is_awaited(library):
    mine = Asynchronous()

    with watching():
        SystemConfigOper().set(DOWNLOADERS, CLIENT)
        assert mine.is_called()


def test_a_handler_that_fails_is_logged_and_stops_nobody(library, caplog):
    before, broken, after = OfDownloaders(), Broken(), OfDownloaders()

    with watching():
        for value in (CLIENT, []):
            SystemConfigOper().set(DOWNLOADERS, value)
            assert all(each.is_called() for each in (before, broken, after))

    assert "the broken one: ValueError" in caplog.text
    assert "synthetic-secret-1" not in caplog.text


def test_instances_are_held_weakly(library):
    first, second = OfDownloaders(), OfDownloaders()
    calls = first.calls

    with watching():
        del first
        gc.collect()
        SystemConfigOper().set(DOWNLOADERS, CLIENT)
        assert second.is_called()

    assert calls == []


def test_records_of_a_watched_table_are_told(library):
    mine = OfSiteTable()
    [pk] = create_records(
        Site, [{"name": "a", "domain": "a.example", "url": "https://a.example/"}]
    ).record_ids()

    with watching():
        save_record(Site, pk, {"name": "b"})
        assert mine.is_called()
        library.update("site", pk, name="c")
        assert mine.is_called()
        library.update("site", pk, note=None)
        library.execute("DELETE FROM site")
        assert mine.is_called()

    assert len(mine.calls) == 3


def test_a_text_in_place_of_a_set_is_refused():
    with pytest.raises(TypeError, match="write a set"):
        type("Mistaken", (ConfigReloadMixin,), {"CONFIG_WATCH": "Downloaders"})


def test_watching_later_changes_nothing(library):
    mine = OfSites()
    mine.CONFIG_WATCH = {DOWNLOADERS}
    other = OfDownloaders()

    with watching():
        SystemConfigOper().set(DOWNLOADERS, CLIENT)
        assert other.is_called()

    assert mine.calls == []


def test_a_database_that_fails_is_said_once_and_tried_again(sqlite_library, caplog):
    mine, path = OfDownloaders(), sqlite_library.path
    away = path.with_name("away.db")

    with watching() as watcher:
        connections["moviepilot"].close()
        path.rename(away)
        for _ in range(3):
            watcher._look_and_tell()
        away.rename(path)
        set_downloaders(sqlite_library)
        assert mine.is_called()

    said = [r for r in caplog.records if "cannot be looked for" in r.getMessage()]
    assert len(said) == 1


def test_nothing_is_held_open_between_two_looks(sqlite_library):
    connections["moviepilot"].close()
    with watching():
        files = sorted(p.name for p in sqlite_library.path.parent.glob("user.db*"))

    assert files == ["user.db"]


def test_it_stops_at_once(library):
    watcher = Watcher()
    watcher.start()

    watcher.stop()

    assert not any(thread.name == "reload" for thread in threading.enumerate())


WORKER = """
import threading, django
django.setup()
from mpadmin.gunicorn import post_worker_init
post_worker_init(None)
print(*sorted(thread.name for thread in threading.enumerate()))
"""


def test_every_worker_looks_and_still_ends_at_once(library, console):
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        cwd=settings.BASE_DIR,
        env=variables(library, console),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert "reload" in done.stdout
    assert done.stderr == ""


PROGRAM = """
import sys, django
django.setup()
from core.reload import ConfigReloadMixin, watching
from core.systemconfig.keys import SystemConfigKey
from core.opers.configuration import SystemConfigOper

class Mine(ConfigReloadMixin):
    CONFIG_WATCH = {SystemConfigKey.Downloaders}
    def on_config_changed(self):
        print("called", SystemConfigOper().get(SystemConfigKey.Downloaders), flush=True)

mine = Mine()
with watching():
    print("ready", flush=True)
    sys.stdin.readline()
"""


def variables(library, console):
    """The environment of another process on the same databases."""
    return environment(
        DJANGO_SETTINGS_MODULE="mpadmin.settings",
        MPADMIN_DATA_DIR=str(console.parent / "data"),
        DATABASE_URL=f"sqlite:///{console}",
        MOVIEPILOT_DATABASE_URL=library.address,
        SECRET_KEY=settings.SECRET_KEY,
    )


@contextmanager
def another_process(library, console):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=settings.BASE_DIR,
        env=variables(library, console),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        end(process)


def end(process):
    """Let the process come to its end, and read what it still says."""
    if process.stdin.closed:
        return ""
    process.stdin.close()
    with process.stdout:
        rest = process.stdout.read()
    process.wait(30)
    return rest


def test_every_process_is_told_once(library, console):
    with (
        another_process(library, console) as first,
        another_process(library, console) as second,
    ):
        SystemConfigOper().set(DOWNLOADERS, CLIENT)

        told = [process.stdout.readline() for process in (first, second)]
        rest = [end(process) for process in (first, second)]

    assert told == [f"called {CLIENT}\n"] * 2
    assert rest == ["", ""]
