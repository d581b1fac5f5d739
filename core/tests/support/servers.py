"""Servers of the tests' own: on free ports, started when needed, always stopped."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis

POSTGRESQL_USER = "moviepilot"
# Far more than it takes, for machines that do much else at the time.
START_SECONDS = 240


def unavailable(what: str) -> None:
    """Skip the test that needs this; in CI, where all is to be had, fail it."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"{what}, which a run with CI=true must not lack", pytrace=False)
    pytest.skip(what)


@dataclass(frozen=True)
class PostgreSQL:
    """A running private cluster with a role that logs in by password over TCP."""

    port: int
    socket_dir: Path
    password: str

    def login(self, name: str) -> dict[str, str]:
        """Django's settings of a database in this cluster."""
        return {
            "NAME": name,
            "USER": POSTGRESQL_USER,
            "PASSWORD": self.password,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
        }

    def connect(self, name: str) -> psycopg.Connection:
        """A connection in autocommit mode, as another program would open it."""
        return psycopg.connect(
            host=str(self.socket_dir),
            port=self.port,
            dbname=name,
            user=POSTGRESQL_USER,
            autocommit=True,
        )

    def create(self, name: str, *, template: str = "template1") -> None:
        """Make a database, as a copy of the template."""
        with self.connect("postgres") as connection:
            connection.execute(
                f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'
            )

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        with self.connect("postgres") as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def run_postgresql() -> Iterator[PostgreSQL]:
    """Start a PostgreSQL cluster in a temporary folder, gone when the block is left."""
    programs = _postgresql_programs()
    folder = Path(tempfile.mkdtemp(prefix="mpadmin-pg-"))
    server = PostgreSQL(free_port(), folder, secrets.token_urlsafe(12))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _initialise(programs, folder, server.password)
        command = _as_postgres([str(programs / "postgres"), *_options(server)])
        with _running(command, folder / "log", lambda: server.connect("postgres")):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def run_redis() -> Iterator[str]:
    """Start a Redis that keeps nothing on disk; yields its address."""
    program = shutil.which("redis-server")
    if program is None:
        unavailable("redis-server is not installed")
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="mpadmin-redis-"))
    options = f"--port {port} --bind 127.0.0.1 --appendonly no --dir {folder}"
    command = _bound_to_us([str(program), *options.split(), "--save", ""])
    client = redis.Redis(port=port)
    try:
        with _running(command, folder / "log", client.ping):
            yield f"redis://127.0.0.1:{port}/0"
    finally:
        client.close()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(ready: Callable[[], object], alive: Callable[[], bool]) -> bool:
    """Try `ready` until it raises nothing; False if it never did or the server died."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and alive():
        try:
            answer = ready()
        except (OSError, psycopg.Error, redis.RedisError):
            time.sleep(0.05)
        else:
            if hasattr(answer, "close"):
                answer.close()
            return True
    return False


@contextmanager
def _running(
    command: list[str], log: Path, ready: Callable[[], object]
) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        if not wait_until(ready, lambda: process.poll() is None):
            pytest.fail(f"{log.parent.name} did not start:\n{log.read_text()[-2000:]}")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _postgresql_programs() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[4]),
    )
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        unavailable("PostgreSQL's server programs are not installed")
    return (found[-1] if found else Path(str(on_path)).resolve()).parent


def _initialise(programs: Path, folder: Path, password: str) -> None:
    pwfile = folder / "password"
    pwfile.write_text(password)
    if os.geteuid() == 0:
        shutil.chown(pwfile, "postgres")
    initdb = (
        f"--username={POSTGRESQL_USER} --pwfile={pwfile} --pgdata={folder / 'data'}"
    )
    trust = "--auth-local=trust --auth-host=scram-sha-256"
    text = "--encoding=UTF8 --locale=C.UTF-8 --no-sync"
    arguments = [*initdb.split(), *trust.split(), *text.split()]
    command = _as_postgres([str(programs / "initdb"), *arguments])
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        pytest.fail(f"initdb failed: {done.stderr}")


def _options(server: PostgreSQL) -> list[str]:
    # Nothing here outlives the tests, so nothing waits for the disk.
    values = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": server.socket_dir,
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "autovacuum": "off",
        "shared_buffers": "32MB",
    }
    settings = [f"-c{name}={value}" for name, value in values.items()]
    return ["-D", str(server.socket_dir / "data"), "-p", str(server.port), *settings]


def _as_postgres(command: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return _bound_to_us(command)
    # PostgreSQL refuses to run as root.
    become = ["--reuid=postgres", "--regid=postgres", "--init-groups"]
    return _bound_to_us(command, become)


def _bound_to_us(command: list[str], become: list[str] | None = None) -> list[str]:
    # Even a killed test run leaves no server behind: the kernel stops it with us.
    # SIGINT is PostgreSQL's fast shutdown.
    return ["setpriv", "--pdeathsig=INT", *(become or []), "--", *command]
