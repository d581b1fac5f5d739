"""`worker`: does the long work that pages have queued."""

import os
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from redis.exceptions import RedisError

from core.changes import settle_all
from core.changes.retention import pruning_daily
from core.changes.tasks import enqueue_all
from core.reload import watching


class Command(BaseCommand):
    """A worker of the console. Any number may run, on any number of machines that
    reach both databases; `serve` starts one of its own.
    """

    help = "Does long changes that wait, until it is stopped (Ctrl-C)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to stay."""
        parser.add_argument(
            "--burst", action="store_true", help="Do what waits now, then end."
        )

    def handle(self, *args: Any, burst: bool, **options: Any) -> None:
        """Take up what dead workers have left, then take tasks as they come."""
        os.umask(0o077)  # what it makes is for nobody else to read, as of `serve`
        try:
            settle_all()
            enqueue_all()
            with watching(), nullcontext() if burst else pruning_daily():
                work(burst=burst)
        except RedisError as error:
            raise CommandError(f"Redis cannot be used ({_name(error)}).") from None
        except DatabaseError as error:
            raise CommandError(
                f"The console's database cannot be used ({_name(error)}) — “serve” "
                "makes it and keeps it up to date."
            ) from None


def _name(error: Exception) -> str:
    # Its text may hold the address, password and all.
    return type(error).__name__


def work(*, burst: bool) -> None:
    """Take tasks from where they are queued."""
    if settings.RQ_QUEUES:
        from core.worker import redis

        redis.worker().work(burst=burst, logging_level="WARNING")
    else:
        from core.worker.database import DatabaseWorker

        DatabaseWorker().work(burst=burst)
