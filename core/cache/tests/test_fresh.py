"""Functions whose results are kept: each computed once, however many ask."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import iscoroutinefunction

from core.cache import AsyncFileCache, FileCache, fresh
from core.cache.leases import LEASE_SECONDS
from core.tests.support.live import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.cache.backends.base import BaseCache

ASKER = Path(__file__).with_name("asker.py")


@pytest.fixture
def named(cache: BaseCache, region: str) -> FileCache:
    return FileCache(cache_name=region, ttl=3600)


class Slow:
    """Computes, slowly, and counts how often."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.calls: list[Any] = []

    def __call__(self, number: int) -> dict[str, int]:
        self.calls.append(number)
        time.sleep(self.seconds)
        return {"number": number}


def at_once(count: int, call: Any) -> list[Any]:
    """What the calls give or raise, made in threads at the same moment."""
    barrier = threading.Barrier(count)

    def one() -> Any:
        barrier.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001  looked at by the test
            return error

    with ThreadPoolExecutor(count) as pool:
        return [each.result() for each in [pool.submit(one) for _ in range(count)]]


def test_the_example_of_the_document(cache: BaseCache) -> None:
    calls = []
    cache = FileCache(cache_name="tmdb", ttl=3600)

    @fresh(cache=cache, key_func=lambda tmdb_id: f"movie_{tmdb_id}")
    def get_movie_detail(tmdb_id: int) -> dict:
        """What is known of a film."""
        calls.append(tmdb_id)
        return {"id": tmdb_id}

    assert get_movie_detail(550) == get_movie_detail(tmdb_id=550) == {"id": 550}
    assert calls == [550]
    assert cache.get("movie_550") == {"id": 550}
    assert get_movie_detail.__name__ == "get_movie_detail"
    assert get_movie_detail.__doc__ == "What is known of a film."
    assert list(inspect.signature(get_movie_detail).parameters) == ["tmdb_id"]
    cache.clear()


def test_none_is_kept_and_exceptions_are_not(named: FileCache) -> None:
    results: Iterator[Any] = iter([ValueError("first"), None, 3])
    calls = []

    @fresh(cache=named, key_func=lambda: "key")
    def ask() -> Any:
        calls.append(1)
        found = next(results)
        if isinstance(found, Exception):
            raise found
        return found

    with pytest.raises(ValueError, match="first"):
        ask()
    assert ask() is None
    assert ask() is None
    assert len(calls) == 2


def test_a_result_is_computed_anew_when_asked_or_expired(named: FileCache) -> None:
    slow = Slow()
    ask = fresh(cache=named, key_func=str, ttl=1)(slow.__call__)

    ask(1)
    ask.refresh(1)
    assert slow.calls == [1, 1]
    ask.invalidate(1)
    assert "1" not in named
    ask(1)
    ask(1)
    assert slow.calls == [1, 1, 1]
    time.sleep(1.1)
    ask(1)
    assert slow.calls == [1, 1, 1, 1]


def test_methods_share_results_and_keep_their_instance(named: FileCache) -> None:
    class Client:
        def __init__(self, name: str) -> None:
            self.name = name

        @fresh(cache=named, key_func=lambda number, *, more="": f"{number}{more}")
        def ask(self, number: int, *, more: str = "") -> str:
            return f"{self.name} {number}{more}"

        @classmethod
        @fresh(cache=named, key_func=lambda number: f"class {number}")
        def ask_class(cls, number: int) -> str:
            return f"{cls.__name__} {number}"

        @staticmethod
        @fresh(cache=named, key_func=lambda number: f"static {number}")
        def ask_static(number: int) -> str:
            return f"static {number}"

    first, second = Client("first"), Client("second")

    assert first.ask(1) == second.ask(1) == Client.ask(second, 1) == "first 1"
    assert second.ask(1, more="!") == "second 1!"
    assert second.ask.refresh(1) == first.ask(1) == "second 1"
    first.ask.invalidate(1)
    assert first.ask(1) == "first 1"
    assert Client.ask_class(1) == first.ask_class(1) == "Client 1"
    assert Client.ask_static(1) == first.ask_static(1) == "static 1"


def test_many_threads_compute_once(named: FileCache) -> None:
    slow = Slow(0.2)
    ask = fresh(cache=named, key_func=str)(slow.__call__)

    found = at_once(8, lambda: ask(7))

    assert found == [{"number": 7}] * 8
    assert slow.calls == [7]
    found[0]["number"] = 8
    assert found[1] == {"number": 7} == ask(7)


def test_an_exception_reaches_everyone_who_waits(named: FileCache) -> None:
    calls = []

    @fresh(cache=named, key_func=lambda: "key")
    def ask() -> None:
        calls.append(1)
        time.sleep(0.2)
        raise LookupError("no such film")

    found = at_once(4, ask)

    assert [str(each) for each in found] == ["no such film"] * 4
    assert len(calls) == 1
    with pytest.raises(LookupError):
        ask()
    assert len(calls) == 2


def test_what_cannot_be_kept_is_said(named: FileCache) -> None:
    ask = fresh(cache=named, key_func=str)(lambda number: (number, number))

    with pytest.raises(TypeError, match="tuple"):
        ask(1)


def test_a_function_may_ask_for_itself(named: FileCache) -> None:
    @fresh(cache=named, key_func=lambda depth: "same")
    def ask(depth: int) -> int:
        return depth if depth == 3 else ask(depth + 1)

    assert ask(0) == 3


def test_what_was_forgotten_meanwhile_is_not_kept(named: FileCache) -> None:
    begun, go = threading.Event(), threading.Event()

    @fresh(cache=named, key_func=lambda: "key")
    def ask() -> str:
        begun.set()
        go.wait(10)
        return "out of date"

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask)
        begun.wait(10)
        ask.invalidate()
        go.set()
        assert asked.result() == "out of date"

    assert named.get("key") is None


# --- Coroutines


async def gather(count: int, call: Any) -> list[Any]:
    return await asyncio.gather(*(call() for _ in range(count)), return_exceptions=True)


@pytest.mark.parametrize("kind", [FileCache, AsyncFileCache])
def test_many_tasks_compute_once(cache: BaseCache, region: str, kind: Any) -> None:
    calls = []

    @fresh(cache=kind(region, ttl=60), key_func=lambda number: f"key {number}")
    async def ask(number: int) -> int | None:
        calls.append(number)
        await asyncio.sleep(0.1)
        return None

    async def main() -> None:
        assert await gather(8, lambda: ask(7)) == [None] * 8
        assert calls == [7]
        await ask(7)
        await ask.refresh(7)
        assert calls == [7, 7]
        await ask.invalidate(7)
        await ask(7)
        assert calls == [7, 7, 7]

    asyncio.run(main())
    assert iscoroutinefunction(ask)
    assert ask.__name__ == "ask"


def test_an_exception_reaches_every_task(named: FileCache) -> None:
    calls = []

    @fresh(cache=named, key_func=lambda: "key")
    async def ask() -> None:
        calls.append(1)
        await asyncio.sleep(0.1)
        raise LookupError("no such film")

    found = asyncio.run(gather(4, ask))

    assert [type(each) for each in found] == [LookupError] * 4
    assert len(calls) == 1


def test_a_cancelled_task_leaves_the_work_to_another(named: FileCache) -> None:
    calls = []

    @fresh(cache=named, key_func=lambda: "key")
    async def ask() -> str:
        calls.append(1)
        await asyncio.sleep(0.3)
        return "done"

    async def main() -> list[Any]:
        first = asyncio.create_task(ask())
        while not calls:
            await asyncio.sleep(0.01)
        # Only now, so that it is the first one that computes.
        tasks = [first, *(asyncio.create_task(ask()) for _ in range(2))]
        await asyncio.sleep(0.1)
        tasks[0].cancel()
        tasks[1].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = asyncio.run(main())

    assert found[2] == "done"
    assert isinstance(found[0], asyncio.CancelledError)
    assert len(calls) == 2


def test_methods_can_be_awaited(named: FileCache) -> None:
    class Client:
        @fresh(cache=named, key_func=str)
        async def ask(self, number: int) -> int:
            return number

    async def main() -> None:
        assert await Client().ask(1) == await Client().ask.refresh(1) == 1
        await Client().ask.invalidate(1)

    asyncio.run(main())
    assert "1" not in named


# --- Processes


@pytest.fixture
def asker(cache: BaseCache, region: str, redis_url: str, tmp_path: Path) -> Any:
    """Starts a process that asks when told to."""
    started = []
    address = redis_url if type(cache).__name__ == "RedisCache" else ""

    def start(seconds: float) -> subprocess.Popen[str]:
        command = [sys.executable, ASKER, region, tmp_path, tmp_path / "count"]
        process = subprocess.Popen(
            [*map(str, command), str(seconds)],
            env=environment(REDIS_URL=address),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ask(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def computed(tmp_path: Path) -> list[str]:
    path = tmp_path / "count"
    return path.read_text().splitlines() if path.exists() else []


def test_many_processes_compute_once(asker: Any, tmp_path: Path) -> None:
    processes = [asker(1) for _ in range(3)]

    for process in processes:
        ask(process)

    assert [each.communicate()[0] for each in processes] == ["[7]\n"] * 3
    assert len(computed(tmp_path)) == 1


def test_a_lease_holds_as_long_as_the_work_takes(
    named: FileCache, asker: Any, tmp_path: Path
) -> None:
    seconds = 1.5 * LEASE_SECONDS
    slow, waiting = asker(seconds), asker(0)
    ask(slow)
    while not computed(tmp_path):
        time.sleep(0.02)

    ask(waiting)

    assert waiting.communicate()[0] == slow.communicate()[0] == "[7]\n"
    assert computed(tmp_path) == [str(slow.pid)]


def test_another_takes_over_from_a_process_that_died(
    asker: Any, tmp_path: Path
) -> None:
    dying, waiting = asker(60), asker(0)
    ask(dying)
    while not computed(tmp_path):
        time.sleep(0.02)

    ask(waiting)
    dying.kill()

    assert waiting.communicate()[0] == "[7]\n"
    assert computed(tmp_path)[-1] == str(waiting.pid)


def test_a_forked_process_asks_for_itself(named: FileCache) -> None:
    slow = Slow()
    ask = fresh(cache=named, key_func=str)(slow.__call__)
    ask(1)

    child = os.fork()
    if not child:
        is_right = ask(1) == {"number": 1} and ask(2) == {"number": 2}
        os._exit(0 if is_right and slow.calls == [1, 2] else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert ask(2) == {"number": 2}
    assert slow.calls == [1]
