"""What a worker does between two tasks: hold MoviePilot's database open no longer."""

import logging

from django.db import close_old_connections

from core.changes.door import MOVIEPILOT
from core.startup.databases import disconnect

logger = logging.getLogger("core.worker")


def close_databases() -> None:
    """Or SQLite's -wal and -shm files would stay beside MoviePilot's for ever."""
    disconnect(MOVIEPILOT)
    close_old_connections()
