"""`make bench`: measure and print the tables."""

from __future__ import annotations

import argparse
import fcntl
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

if __package__ in (None, ""):  # started as `python bench/run.py`
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench import caches, table
from bench.library import console, library
from bench.parts import BULK, SIZES, Bench
from bench.place import DATA

OF_SIZES = (
    "lists",
    "bulk",
    "delete",
    "operations",
    "import",
    "export",
    "remap",
    "beside",
)
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
            for line in bench.measure(part, size, path):
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
