"""A worker whose queue is in Redis, where others may write too.

Nothing read there is unpickled or imported, and nothing is called but the one task, of
which a number is all that can be told: it begins change sets that wait, no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_rq
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django_tasks_rq import Job
from rq import SimpleWorker

from core.changes.run import leaving
from core.changes.tasks import apply_change_set
from core.worker.idle import close_databases

if TYPE_CHECKING:
    from types import FrameType

    from rq import Queue
    from rq.job import Job as AnyJob


class TaskJob(Job):
    """A job that can be no other than our task."""

    success_callback = failure_callback = stopped_callback = None

    @property
    def func(self) -> Any:
        """The task, whatever name the job has."""
        if self.func_name != apply_change_set.module_path:
            raise SuspiciousOperation("A job in Redis is none of the console's.")
        return apply_change_set

    def send_webhooks(self, *args: Any, **options: Any) -> None:
        """No address is called that stands in Redis."""


class RedisWorker(SimpleWorker):
    """The worker of RQ, which takes jobs of ours only and no orders."""

    def execute_job(self, job: AnyJob, queue: Queue) -> None:
        """Do it, and hold no database open while nothing is to do."""
        try:
            super().execute_job(job, queue)
        finally:
            close_databases()

    def subscribe(self) -> None:
        """Not to the channel on which anybody may tell workers to stop."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """End after the batch being written, at once where none is."""
        leaving.ask()
        super().request_stop(signum, frame)

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """The batch being written is short: nothing ends it sooner."""


def worker() -> RedisWorker:
    """A worker for this process."""
    queue = django_rq.get_queue(settings.TASK_QUEUE, job_class=TaskJob)
    return RedisWorker(
        [queue],
        connection=queue.connection,
        job_class=TaskJob,
        serializer=queue.serializer,
        log_job_description=False,
    )
