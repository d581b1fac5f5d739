"""The parts of the benchmark: each program in processes of its own, on a copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import beside, configuration, exchange, operations, table
from bench.library import KEY, library, say
from bench.pages import LISTS
from bench.place import worker
from bench.raw import find_place, measure_lists
from bench.table import Figures

SIZES = (10_000, 100_000, 1_000_000)
BULK = (10_000, 100_000)
DELETED = 40_000


@dataclass
class Bench:
    """Measures each program in processes of its own."""

    folder: Path
    migrated: Path
    """The console's database before anything was done."""

    def measure(self, part: str, size: int, path: Path) -> Iterator[str]:
        """One part on a library of this size."""
        parts = {
            "lists": self.lists,
            "bulk": self.bulk,
            "delete": self.delete,
            "operations": self.operations,
            "import": self.imports,
            "export": self.exports,
            "remap": self.remap,
            "beside": self.beside,
        }
        return parts[part](size, path)

    def lists(self, size: int, path: Path) -> Iterator[str]:
        """Pages."""
        say(f"Pages of {size:,} records ...")
        warm(path)
        raw = measure_lists(path)
        ours, plain = self._both("lists", path)
        for name in LISTS:
            for pages in (ours["pages"], plain["tuned"], plain["box"]):
                if pages[name]["records"] != raw[name]["records"]:
                    raise SystemExit(f"bench: {name} shows other records than SQL.")
        yield from ("", *table.lists_table(find_place(path), raw, ours, plain))

    def bulk(self, size: int, path: Path) -> Iterator[str]:
        """Setting a field."""
        done = []
        with self._copied(path) as copy:
            for records in (each for each in BULK if each <= size):
                say(f"Setting a field of {records:,} of {size:,} records ...")
                done.append((records, *self._both("bulk", copy, records)))
        yield from ("", *table.bulk_table(size, done))

    def delete(self, size: int, path: Path) -> Iterator[str]:
        """Deleting."""
        if size < DELETED:
            return
        say(f"Deleting {DELETED:,} of {size:,} records ...")
        with self._copied(path) as copy:
            ours, plain = self._both("delete", copy, DELETED)
        yield from ("", *table.delete_table(size, DELETED, ours, plain))

    def operations(self, size: int, path: Path) -> Iterator[str]:
        """Each operation; they cost the same in a larger table."""
        if size != operations.RECORDS:
            return
        say(f"Each operation on {size:,} records ...")
        with self._copied(path) as copy:
            figures = self._console("operations", copy, size)
        yield from ("", *operations.lines(size, figures))

    def imports(self, size: int, path: Path) -> Iterator[str]:
        """Importing a file; it costs the same in a larger table."""
        if size != operations.RECORDS:
            return
        say(f"Importing {exchange.ROWS:,} rows ...")
        with self._copied(path) as copy:
            ours, plain = self._both("import", copy)
        yield from ("", *exchange.import_lines(size, ours, plain))

    def exports(self, size: int, path: Path) -> Iterator[str]:
        """Exporting the largest table."""
        if size < SIZES[-1]:
            return
        say(f"Exporting {size:,} records ...")
        warm(path)
        yield from ("", *exchange.export_lines(*self._both("export", path)))

    def remap(self, size: int, path: Path) -> Iterator[str]:
        """Putting one folder in place of another."""
        if size < DELETED:
            return
        say(f"Moving a folder in {size:,} records ...")
        with self._copied(path) as copy:
            figures = self._console("remap", copy, 0)
        yield from ("", *exchange.remap_lines(size, figures))

    def beside(self, size: int, path: Path) -> Iterator[str]:
        """Working while another program writes."""
        if size < SIZES[-1]:
            return
        say(f"Working on {size:,} records beside a program that writes ...")
        with self._copied(path) as copy:
            figures = self._console("beside", copy, 0)
        yield from ("", *beside.lines(size, figures))

    def configuration(self) -> Iterator[str]:
        """Reading settings."""
        say("Reading configuration ...")
        with self._copied(library(SIZES[0])) as copy:
            figures = self._console("configuration", copy, 0)
        yield from ("", *configuration.lines(figures))

    def profile(self, size: int, path: Path, task: str) -> None:
        """Show where the console's time goes."""
        with self._copied(path) as copy:
            self._console(f"profile {task}", copy, min(size, BULK[-1]))

    def _both(self, task: str, path: Path, records: int = 0) -> tuple[Figures, Figures]:
        """The figures of the console and of the plain admin."""
        ours = self._console(task, path, records)
        return ours, self._plain(task, path, records)

    @contextmanager
    def _copied(self, path: Path) -> Iterator[Path]:
        """A copy that may be written to."""
        copy = self.folder / "user.db"
        shutil.copyfile(path, copy)
        # Else whoever checkpoints first waits until the whole copy is on the disk.
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        try:
            yield copy
        finally:
            _remove(copy)

    def _console(self, task: str, path: Path, records: int) -> Figures:
        own = self.folder / "console.sqlite3"
        shutil.copyfile(self.migrated, own)
        try:
            figures: Figures = worker(
                "bench.console",
                task,
                str(path),
                str(records),
                DJANGO_SETTINGS_MODULE="mpadmin.settings",
                MPADMIN_DATA_DIR=self.folder,
                DATABASE_URL=f"sqlite:///{own}",
                MOVIEPILOT_DATABASE_URL=f"sqlite:///{path}",
                SECRET_KEY=KEY,
            )
            return figures
        finally:
            _remove(own)

    def _plain(self, task: str, path: Path, records: int) -> Figures:
        own = self.folder / "plain.sqlite3"
        try:
            figures: Figures = worker(
                "bench.plain.worker",
                task,
                str(path),
                str(records),
                DJANGO_SETTINGS_MODULE="bench.plain.settings",
                BENCH_OWN=own,
                BENCH_MOVIEPILOT=path,
            )
            return figures
        finally:
            _remove(own)


def warm(path: Path) -> None:
    """Read the file once, so that whoever comes first need not fetch it from disk."""
    with path.open("rb") as file:
        while file.read(2**24):
            pass


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
