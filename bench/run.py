"""`make bench`: measure and print the tables."""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

if __package__ in (None, ""):  # started as `python bench/run.py`
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench import caches, configuration, table
from bench.library import KEY, console, library, say
from bench.pages import LISTS
from bench.place import DATA, worker
from bench.raw import find_place, measure_lists
from bench.table import Figures

SIZES = (10_000, 100_000, 1_000_000)
BULK = (10_000, 100_000)
DELETED = 40_000
OF_SIZES = ("lists", "bulk", "delete")
"""Parts that are measured for each size; the others once."""
PARTS = (*OF_SIZES, "configuration", "caches")
PROFILES = ("list", "plan", "apply", "undo")


def main() -> int:
    """Measure what the command line asks for."""
    options = parse(sys.argv[1:])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    DATA.mkdir(exist_ok=True)
    with only_one(), scratch() as folder:
        print(f"\n{table.machine()}", flush=True)
        if options.profile or {*OF_SIZES} & {*options.only}:
            measure_sizes(options, folder)
        if "configuration" in options.only and not options.profile:
            for line in Bench(folder, console(folder)).configuration():
                print(line, flush=True)
        if "caches" in options.only and not options.profile:
            for line in caches.measure():
                print(line, flush=True)
    return 0


def measure_sizes(options: argparse.Namespace, folder: Path) -> None:
    """The parts that are measured for each size."""
    bench = Bench(folder, console(folder))
    for size in options.size:
        path = library(size)
        if options.profile:
            bench.profile(size, path, options.profile)
            continue
        for part in (each for each in options.only if each in OF_SIZES):
            for line in getattr(bench, part)(size, path):
                print(line, flush=True)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--size",
        type=_size,
        action="append",
        help="records in the table, like 10k or 1m; may be repeated; default: "
        + ", ".join(f"{size:,}" for size in SIZES),
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="one part")
    parser.add_argument("--profile", choices=PROFILES, help="show where time goes")
    options = parser.parse_args(arguments)
    options.size = options.size or SIZES
    options.only = options.only or PARTS
    return options


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)([km]?)", text.lower().replace("_", ""))
    if not found:
        raise argparse.ArgumentTypeError(f"{text} is no number like 10k or 1m")
    size = int(found[1]) * {"": 1, "k": 1000, "m": 1_000_000}[found[2]]
    if not BULK[0] <= size <= SIZES[-1] or size % 1000:
        raise argparse.ArgumentTypeError("give 10k to 1m, in thousands")
    return size


@dataclass
class Bench:
    """Measures each program in processes of its own."""

    folder: Path
    migrated: Path
    """The console's database before anything was done."""

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


@contextmanager
def only_one() -> Iterator[None]:
    """Two at once would measure each other."""
    with (DATA / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("bench: Another run is at work.") from None
        yield


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder beside the databases, gone afterwards; those of killed runs go too."""
    for left in DATA.glob("run-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=DATA) as folder:
        yield Path(folder)


def _stop(number: int, _frame: object) -> NoReturn:
    # Unlike a signal's own way, this lets the folder be removed.
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
