"""Where things are, and how processes of the benchmark are run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "bench" / "data"
LONGEST = 600
"""Seconds any process of the benchmark may take."""


def environment(**values: str | Path) -> dict[str, str]:
    """The environment of a process: of ours, only what finds programs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = {name: str(value) for name, value in values.items()}
    own = {"PYTHONPATH": str(ROOT), "MPADMIN_ENV_FILE": os.devnull}
    return {**kept, "LANG": "C.UTF-8", **own, **given}


def python(*arguments: str, **values: str | Path) -> str:
    """Run Python in the project's folder with this environment; what it prints."""
    command = [sys.executable, *arguments]
    given = environment(**values)
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=given,
            stdout=subprocess.PIPE,
            text=True,
            timeout=LONGEST,
            check=True,
        )
    except subprocess.CalledProcessError:
        raise SystemExit(f"bench: {' '.join(arguments)} failed, see above.") from None
    except subprocess.TimeoutExpired:
        raise SystemExit(
            f"bench: {' '.join(arguments)} took more than {LONGEST} seconds."
        ) from None
    return done.stdout


def worker(module: str, *arguments: str, **values: str | Path) -> Any:
    """Run a module of the benchmark; the JSON in the last line it prints."""
    return json.loads(python("-m", module, *arguments, **values).splitlines()[-1])
