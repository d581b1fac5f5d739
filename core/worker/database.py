"""A worker whose queue is a table of the console's database."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from core.changes.run import leaving
from core.worker.idle import close_databases, logger

if TYPE_CHECKING:
    from types import FrameType

INTERVAL = 0.5
"""Seconds between two looks at the queue."""
KEPT = timedelta(days=1)
"""How long tasks that are done are kept; the change sets say what came of them."""


class DatabaseWorker(Worker):
    """The worker of django-tasks, which takes no lock to find that nothing waits, and
    holds no database open meanwhile.
    """

    def __init__(self) -> None:
        super().__init__(
            queue_names=[settings.TASK_QUEUE],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=uuid.uuid4().hex,
            excluded_queue_names=[],
        )

    def work(self, *, burst: bool = False) -> None:
        """Do what waits; then, but for a burst, wait for more until told to end."""
        self.configure_signals()
        forget_old_tasks()
        while self.running:
            try:
                if DBTaskResult.objects.ready().exists():
                    self.run()
            except Error as error:
                logger.error("The queue cannot be read: %s.", type(error).__name__)
            finally:
                close_databases()
            if burst:
                break
            time.sleep(INTERVAL)

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """End after the batch being written, at once where none is."""
        leaving.ask()
        self.running = False
        if not self.running_task:
            raise SystemExit(0)


def forget_old_tasks() -> None:
    """Delete tasks that are done."""
    DBTaskResult.objects.finished().filter(
        finished_at__lt=timezone.now() - KEPT
    ).delete()
