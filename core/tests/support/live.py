"""The console as a process of its own, and a browser to look at it with."""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, sync_playwright

from core.tests.support.libraries import Library
from core.tests.support.servers import free_port, unavailable, wait_until

PASSWORD = "synthetic-Pass-1"
"""Of every operator the fixtures make."""
# A browser in a container has no user namespaces to build its sandbox of.
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: it may lead to HTTPS, which no test serves."""

    def redirect_request(self, *args: object) -> None:
        """None follows."""


OPENER = urllib.request.build_opener(NoRedirects)


@dataclass(frozen=True)
class LiveConsole:
    """A console that answers on 127.0.0.1."""

    url: str
    log: Path
    variables: dict[str, str]
    """Its environment, for further processes of the same console."""


def environment(**values: str) -> dict[str, str]:
    """The environment of a console process: of ours, only what finds programs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    # Nor what the developer's own file sets.
    own = {"LANG": "C.UTF-8", "MPADMIN_ENV_FILE": os.devnull}
    return {**kept, **own, **values}


def manage(*arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py in a process of its own, with this environment."""
    return subprocess.run(
        [*_mortal(), *command(*arguments)],
        env=environment(**values),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def command(*arguments: str) -> list[str]:
    """The command line of manage.py."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def _mortal() -> list[str]:
    # Root reads and writes everything; without these two rights it is like any user.
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]


@contextmanager
def started(log: Path, **values: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `serve` with this environment until the block is left."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command("serve"), env=environment(**values), stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the console answers; fail with its words when it never does."""
    if not wait_until(lambda: _answer(url), lambda: process.poll() is None):
        pytest.fail(f"the console did not start:\n{log.read_text()[-4000:]}")


def collect_static(folder: Path) -> Path:
    """Collect the static files under a data folder, as `serve` does."""
    options = ("--noinput", "--ignore=admin")
    done = manage("collectstatic", *options, MPADMIN_DATA_DIR=str(folder))
    assert done.returncode == 0, done.stderr
    return folder / "static"


@contextmanager
def serve(
    library: Library, console: Path, static_root: Path, folder: Path, **values: str
) -> Iterator[LiveConsole]:
    """Run gunicorn on these databases until the block is left; with more variables."""
    data = folder / "data"
    data.mkdir()
    (data / "static").symlink_to(static_root)
    port = str(free_port())
    more = {"MPADMIN_PORT": port, **values}
    variables = console_environment(library, console, data, **more)
    live = LiveConsole(f"http://127.0.0.1:{port}", data / "log", variables)
    with live.log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:mpadmin.gunicorn"],
            cwd=settings.BASE_DIR,
            env=variables,
            stdout=output,
            stderr=output,
        )
    try:
        wait_for(live.url, process, live.log)
        yield live
    finally:
        process.terminate()
        process.wait(60)


def console_environment(
    library: Library, console: Path, data: Path, **values: str
) -> dict[str, str]:
    """The environment of a console on these databases."""
    return environment(
        MPADMIN_DATA_DIR=str(data),
        DATABASE_URL=f"sqlite:///{console}",
        MOVIEPILOT_DATABASE_URL=library.address,
        # The tests and the server read each other's sessions and encrypted entries.
        SECRET_KEY=settings.SECRET_KEY,
        **values,
    )


@contextmanager
def worker(
    variables: dict[str, str], log: Path, *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker with this environment until the block is left."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command("worker", *arguments), env=variables, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def chromium() -> str:
    """Where the system's Chromium is."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        unavailable("Chromium is not installed")
    return str(found)


@contextmanager
def open_page(executable: str) -> Iterator[Page]:
    """A page of a fresh browser; a failing test may save a picture of it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=CHROMIUM_ARGUMENTS
        )
        try:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.set_default_timeout(15_000)
            yield context.new_page()
        finally:
            browser.close()


def _answer(url: str) -> None:
    try:
        OPENER.open(url, timeout=10).close()
    except urllib.error.HTTPError as answer:
        # Any answer will do: which one is for the tests to say.
        answer.close()
