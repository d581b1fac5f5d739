"""`serve` in a real process: the first start, the next ones, and foreign databases."""

import re
import shutil
import signal
import stat
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from core.tests.support import live
from core.tests.support.libraries import Library
from core.tests.support.servers import free_port


@dataclass(frozen=True)
class Started:
    """A console that `serve` set up from nothing, and what it said twice."""

    data: Path
    url: str
    first: str
    second: str
    seconds: float


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory):
    """Stop the first start twice in the middle, then start twice to the end."""
    folder = tmp_path_factory.mktemp("sample")
    data, log, port = folder / "data", folder / "log", free_port()
    url = f"http://127.0.0.1:{port}/"
    known = {"MPADMIN_DATA_DIR": str(data), "MPADMIN_PORT": str(port)}

    for how in (signal.SIGKILL, signal.SIGINT):
        interrupt_filling(data, log, known, how)
        assert not (data / "user.db").exists()
    assert not (data / "building").exists()

    with live.started(log, **known) as process:
        live.wait_for(url, process, log)
        first = log.read_text()
    begun = time.monotonic()
    with live.started(log, **known) as process:
        live.wait_for(url, process, log)
        seconds = time.monotonic() - begun
        yield Started(data, url, first, log.read_text(), seconds)


def interrupt_filling(
    data: Path, log: Path, known: dict[str, str], how: signal.Signals
) -> None:
    """Start, and stop while the sample is being written."""
    shutil.rmtree(data / "building", ignore_errors=True)
    with live.started(log, **known) as process:
        while not (data / "building" / "journal.sqlite3-wal").exists():
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)
        process.send_signal(how)
        assert process.wait(60) != 0


def test_what_it_makes_is_for_nobody_else(sample):
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(sample.data) == 0o700
    for name in ("secret.key", "mpadmin.sqlite3", "user.db"):
        assert mode(sample.data / name) == 0o600


def test_the_first_start_says_where_and_how_to_sign_in(sample):
    assert sample.url in sample.first
    assert password(sample.first) is not None


def test_the_next_start_is_quick_and_keeps_the_password_to_itself(sample):
    assert password(sample.second) is None
    assert sample.url in sample.second
    assert sample.seconds < 30


def test_the_first_login_opens_the_console(sample):
    browser = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(CookieJar())
    )
    page = browser.open(f"{sample.url}login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    form = {
        "csrfmiddlewaretoken": token[1],
        "username": "admin",
        "password": password(sample.first),
        "next": "/",
    }

    body = urllib.parse.urlencode(form).encode()
    answer = browser.open(f"{sample.url}login/", body)

    assert answer.status == 200
    assert urllib.parse.urlsplit(answer.url).path == "/"


def test_every_answer_forbids_what_the_pages_do_not_need(sample):
    answer = urllib.request.urlopen(sample.url)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    cookies = " ".join(answer.headers.get_all("Set-Cookie", []))
    assert "SameSite=Lax" in cookies


def test_a_foreign_database_is_served_and_not_touched(library: Library, tmp_path):
    library.insert("systemconfig", key="one", value='{"a": 1}')
    values, schema = library.dump(), library.schema()
    log, port = tmp_path / "log", free_port()
    known = {
        "MPADMIN_DATA_DIR": str(tmp_path / "data"),
        "MPADMIN_PORT": str(port),
        "MOVIEPILOT_DATABASE_URL": library.address,
    }

    with live.started(log, **known) as process:
        live.wait_for(f"http://127.0.0.1:{port}/", process, log)

    assert "MoviePilot superuser" in log.read_text()
    assert password(log.read_text()) is None
    assert (library.dump(), library.schema()) == (values, schema)
    assert not (tmp_path / "data" / "user.db").exists()
    assert [*tmp_path.glob("user.db-*")] == []


def password(said: str) -> str | None:
    """The password that a start printed."""
    found = re.search(r"as admin with the password (\S+)", said)
    return found[1] if found else None
