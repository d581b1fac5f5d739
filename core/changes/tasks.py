"""Long work is done in the background: queued here, taken by a worker.

    change_set, work = claim(made, by=operator, state=State.QUEUED)
    start(change_set, work)

A task says no more than which change set to work on. Delivered twice, or to two
workers at once, it does nothing twice: of all who `take` a change set one gets it. A
task that gets lost leaves a change set that waits, and can be queued again.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import override
from django_tasks import task

from core.changes.journal import TakenOver, give_up, take
from core.changes.models import ChangeSet, Plan, State
from core.changes.plan import reclaim, work_of
from core.changes.run import run, told
from core.current import acting_as

if TYPE_CHECKING:
    from core.changes.work import Work
    from core.models.operators import Operator

AT_ONCE = 2000
"""Records that are worked on in the request, those carried along included; more are
left to a worker.
"""
logger = logging.getLogger(__name__)


def start(change_set: ChangeSet, work: Work) -> None:
    """Do the work of a queued change set: at once, which raises what `run` raises, or
    in the background where it is long.
    """
    if work.total - change_set.position + _carried(change_set) > AT_ONCE:
        enqueue(change_set)
    elif take(change_set):
        run(change_set, work)


def _carried(change_set: ChangeSet) -> int:
    """How many records of other tables go along, by the preview there was."""
    made = Plan.objects.filter(change_set=change_set).only("outcome").first()
    return sum(made.preview.carried.values()) if made else 0


def go_on(change_set: ChangeSet) -> ChangeSet:
    """Go on with a stopped change set, in the background where much is left.

    Raises what `resume` raises.
    """
    change_set, work = reclaim(change_set, state=State.QUEUED)
    start(change_set, work)
    return change_set


def enqueue(change_set: ChangeSet) -> bool:
    """Have a worker do it; False when the queue cannot be reached.

    It waits then, and its page offers to queue it again.
    """
    try:
        apply_change_set.enqueue(change_set.pk)
    except Exception as error:  # noqa: BLE001  each backend has errors of its own
        name = type(error).__name__  # its text may hold the address, password and all
        logger.error("Change set %s is not queued: %s.", change_set.pk, name)
        return False
    return True


def enqueue_all() -> None:
    """Queue whatever waits: a worker that died may have taken its task along."""
    for change_set in ChangeSet.objects.filter(state=State.QUEUED).order_by("pk"):
        enqueue(change_set)


@task(queue_name=settings.TASK_QUEUE)
def apply_change_set(pk: int) -> None:
    """Do the work of a change set that waits for it; what goes wrong is kept there."""
    change_set = ChangeSet.objects.filter(pk=pk, state=State.QUEUED).first()
    if change_set is not None:
        operator = change_set.operator
        with acting_as(operator), override(_language(operator)):
            _apply(change_set)


def _apply(change_set: ChangeSet) -> None:
    try:
        work = work_of(change_set)
    except Exception as error:
        logger.exception("Change set %s cannot be begun.", change_set.pk)
        give_up(change_set, told(error))
        return
    if not take(change_set):
        return
    try:
        run(change_set, work)
    except TakenOver:
        return
    except Exception:
        logger.exception("Change set %s has stopped.", change_set.pk)


def _language(operator: Operator | None) -> str:
    """The language in which problems are told, which nobody is there to ask for."""
    chosen = operator.language if operator else ""
    return chosen or settings.LANGUAGE_CODE
