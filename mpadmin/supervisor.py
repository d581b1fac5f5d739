"""Runs the server and its workers side by side and ends them together:
`python -m mpadmin.supervisor 1`. Small on purpose: it imports no Django.
"""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

SERVER = ["-m", "gunicorn", "-c", "python:mpadmin.gunicorn"]
WORKER = ["manage.py", "worker"]
INTERVAL = 0.3
PAUSE = 5
"""Seconds before a worker that died at once is started again."""
GRACE = 60
"""Seconds that processes have to end; a batch takes less than one."""
PR_SET_PDEATHSIG = 1


class Supervisor:
    """The server, and workers that are started again when they die."""

    def __init__(self, count: int) -> None:
        self.signal = 0
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        self.server = start(SERVER)
        self.workers = [start(WORKER) for _ in range(count)]
        self.started = time.monotonic()

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Told to end, as from the keyboard."""
        self.signal = number

    def run(self) -> int:
        """Until the server ends, or this is told to; returns what the server did."""
        try:
            while not self.signal and self.server.poll() is None:
                self.mend()
                time.sleep(INTERVAL)
        finally:
            self.end()
        return self.server.returncode

    def mend(self) -> None:
        """Start workers again that have died."""
        if time.monotonic() - self.started < PAUSE:
            return
        for place, worker in enumerate(self.workers):
            if worker.poll() is not None:
                say(f"A worker ended ({worker.returncode}); it is started again.")
                self.workers[place] = start(WORKER)
                self.started = time.monotonic()

    def end(self) -> None:
        """End every process, by force those that do not."""
        processes = [self.server, *self.workers]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        limit = time.monotonic() + GRACE
        for process in processes:
            try:
                process.wait(max(0, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """A process that is told to end when this one is gone, however it went."""
    return subprocess.Popen(
        [sys.executable, *command], stdin=subprocess.DEVNULL, preexec_fn=prepare
    )


def prepare() -> None:
    """Between fork and exec: leave the keyboard to this process until the new one has
    handlers of its own, and have the kernel end it when this one is gone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def say(line: str) -> None:
    """To where the server's own log goes."""
    sys.stderr.write(f"mpadmin: {line}\n")


def main() -> int:
    """Run as many workers as the command line says."""
    code = Supervisor(int(sys.argv[1])).run()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
