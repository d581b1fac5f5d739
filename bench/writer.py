"""A second program that writes to the same file, as MoviePilot does all the time.

Run as `python -m bench.writer FILE`: it writes until its input is closed, then prints
how long it had to wait for the lock.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.place import ROOT
from bench.raw import connect

PAUSE = 0.005
"""Seconds between two writes."""


@contextmanager
def second_writer(path: Path) -> Iterator[dict[str, float]]:
    """Let a second process write; its figures are there when the block is left."""
    figures: dict[str, float] = {}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.writer", str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout:
            process.stdout.readline()  # it has begun
        yield figures
        output, _errors = process.communicate(timeout=90)
        figures.update(json.loads(output))
    finally:
        process.kill()
        process.wait()


def write_until_told(path: Path) -> dict[str, float]:
    """Write one row after the other; milliseconds of the waits for the lock."""
    waits = []
    with closing(connect(path)) as file:
        file.execute("INSERT INTO message (title, reg_time) VALUES ('bench', '')")
        print("ready", flush=True)
        while not select.select([sys.stdin], [], [], PAUSE)[0]:
            started = time.perf_counter()
            file.execute("BEGIN IMMEDIATE")
            waits.append((time.perf_counter() - started) * 1000)
            file.execute("UPDATE message SET reg_time = ?", [str(started)])
            file.execute("COMMIT")
        file.execute("DELETE FROM message")
    return {"wait": max(waits, default=0), "writes": len(waits)}


if __name__ == "__main__":
    print(json.dumps(write_until_told(Path(sys.argv[1]))))
