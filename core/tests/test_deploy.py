"""The console as it is run on a network: settings, gunicorn, HTTPS, proxies."""

from __future__ import annotations

import http.client
import re
import socket
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from core.config import PROJECT
from core.management.commands.serve import Command
from core.models import SignIn
from core.startup import transport
from core.tests.support import live
from core.tests.support.live import manage
from mpadmin import security

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = (PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")
KEY = "synthetic-key-that-is-long-enough-for-a-deployment-0123456789"
FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-Protocol": "ssl",
}


def production() -> dict[str, str]:
    """The variables that the document says to set."""
    text = DOCUMENT.split("## On a network\n")[1].split("\n## ")[0]
    block = re.search(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return dict(line.split("=", 1) for line in block[1].split())


def checked(folder: Path, **values: str):
    known = {"MPADMIN_DATA_DIR": str(folder), "SECRET_KEY": KEY}
    arguments = ("check", "--deploy", "--fail-level", "WARNING")
    return manage(*arguments, **{**known, **values})


def test_the_documented_settings_pass_djangos_own_check(tmp_path):
    done = checked(tmp_path, **production())

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_without_https_the_check_has_something_to_say(tmp_path):
    done = checked(tmp_path)

    assert done.returncode != 0
    for name in ("W004", "W008", "W010", "W016"):
        assert f"security.{name}" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MPADMIN_TRUSTED_PROXIES", "proxy.example"),
        ("MPADMIN_TRUSTED_PROXIES", "127.0.0.1,*"),
        ("MPADMIN_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("MPADMIN_HTTPS", "maybe"),
        ("MPADMIN_HSTS_SECONDS", "-1"),
        ("MPADMIN_SESSION_HOURS", "0"),
        ("MPADMIN_SESSION_IDLE_MINUTES", "forever"),
    ],
)
def test_a_wrong_value_ends_the_start_with_one_line(tmp_path, name, value):
    done = manage("serve", MPADMIN_DATA_DIR=str(tmp_path / "data"), **{name: value})

    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(rf"mpadmin: {name}.* — .*\n", done.stderr)
    assert not (tmp_path / "data").exists()


@pytest.fixture
def served(sqlite_library, console, static_root, tmp_path):
    """Starts the console with more variables."""

    def serve(**values: str):
        return live.serve(sqlite_library, console, static_root, tmp_path, **values)

    return serve


def ask(url: str, path: str = "/login/", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers=names)
    answer = connection.getresponse()
    answer.body = answer.read().decode()
    connection.close()
    return answer


def sign_in(url: str, **headers: str) -> None:
    """Try a wrong password, with the token the page gives out."""
    page = ask(url, **headers)
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.body)[1]
    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=60)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    referer = {"Referer": f"https://{host}/login/"}
    body = f"csrfmiddlewaretoken={token}&username=nobody&password=synthetic"
    connection.request("POST", "/login/", body, {**names, **kind, **referer})
    assert connection.getresponse().status == 200
    connection.close()


def test_gunicorn_believes_nobody_unasked(served, operator):
    with served(FORWARDED_ALLOW_IPS="*") as console:
        sign_in(console.url, **FORWARDED)

    assert SignIn.objects.get().address == "127.0.0.1"


def test_https_is_not_believed_of_anybody_either(served):
    with served(MPADMIN_HTTPS="true", FORWARDED_ALLOW_IPS="*") as console:
        answer = ask(console.url, **FORWARDED)

    assert answer.status == 301
    assert answer.headers["Location"].startswith("https://127.0.0.1")
    assert "Strict-Transport-Security" not in answer.headers


def test_a_trusted_proxy_is_believed(served, operator):
    known = {"MPADMIN_HTTPS": "true", "MPADMIN_TRUSTED_PROXIES": "127.0.0.1"}
    with served(**known) as console:
        answer = ask(console.url, **FORWARDED)
        plain = ask(console.url, X_Forwarded_For="203.0.113.9")
        sign_in(console.url, **FORWARDED)

    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert "; HttpOnly" in answer.headers["Set-Cookie"]
    assert plain.status == 301
    assert SignIn.objects.get().address == "203.0.113.9"


def test_what_gunicorn_answers_to_a_broken_request_tells_nothing(served):
    """No request reaches the application: its headers are not there, nor are pages."""
    with served() as console:
        host, port = console.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(b"GET / <script>\r\n\r\n")
            answer = b""
            while part := connection.recv(4096):
                answer += part

    assert answer.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"<script>" not in answer
    assert b"Content-Security-Policy" not in answer


@pytest.mark.parametrize(
    ("address", "is_https", "proxies", "words"),
    [
        ("127.0.0.1", False, [], []),
        ("::1", False, [], []),
        ("localhost", False, [], []),
        ("127.0.0.1", True, ["127.0.0.1"], []),
        ("0.0.0.0", True, ["10.0.0.0/8"], []),  # noqa: S104 - nothing is bound
        ("0.0.0.0", False, [], ["can read passwords"]),  # noqa: S104 - (the same)
        ("192.0.2.1", False, ["192.0.2.2"], ["can read passwords"]),
        ("console.example", False, [], ["can read passwords"]),
        ("127.0.0.1", True, [], ["no proxy is trusted"]),
    ],
)
def test_a_start_warns_of_what_can_be_read_on_the_way(
    settings, address, is_https, proxies, words
):
    settings.ADDRESS, settings.HTTPS = address, is_https
    settings.TRUSTED_PROXIES = security.proxies(proxies)
    said = StringIO()

    Command(stderr=said, no_color=True).warn()

    lines = said.getvalue().splitlines()
    assert len(lines) == len(words)
    assert all(word in line for word, line in zip(words, lines, strict=True))
    assert [*transport.warnings()] == [line.removeprefix("mpadmin: ") for line in lines]
