"""A process of its own that asks for one value: `asker.py NAME FOLDER COUNTER SECONDS`.

Writes a line to COUNTER for each time it computes, which takes SECONDS.
"""

import os
import sys
import time
from pathlib import Path

import django
from django.conf import settings

sys.path[0] = str(Path(__file__).resolve().parents[3])


def main() -> None:
    """Ask, and print the answer."""
    from mpadmin.caches import cache_settings

    name, folder, counter, seconds = sys.argv[1:]
    environment = {"REDIS_URL": os.environ.get("REDIS_URL", "")}
    made = cache_settings(environment, Path(folder))
    settings.configure(CACHES={"default": made})
    django.setup()

    from core.cache import FileCache, fresh

    @fresh(cache=FileCache(name, ttl=60), key_func=str)
    def ask(number: int) -> list[int]:
        with Path(counter).open("a") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(float(seconds))
        return [number]

    print("ready", flush=True)  # noqa: T201  the test waits for it
    sys.stdin.readline()
    print(ask(7))  # noqa: T201


main()
