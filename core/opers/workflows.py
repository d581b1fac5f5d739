"""The Oper of workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q

from core.fields import stamp_now
from core.opers.base import RecordOper, RecordQuerySet, twin
from core.opers.conditions import blank
from core.vocabularies import TriggerType, WorkflowState

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from core.models.workflows import Workflow

Workflows = list["Workflow"]

EXISTS, ADDED = "工作流已存在", "新增工作流成功"
"""What MoviePilot answers."""


class WorkflowQuerySet(RecordQuerySet["Workflow"]):
    """Restrictions of workflows."""

    def in_state(self, state: str) -> Self:
        """Those that stand here, see core.vocabularies.WorkflowState."""
        return self.filter(state=state)

    def enabled(self) -> Self:
        """Those that are not paused."""
        return self.exclude(state=WorkflowState.PAUSED)

    def named(self, name: str) -> Self:
        """Those with this name; there can be several."""
        return self.filter(name=name)

    def timed(self) -> Self:
        """Those that a schedule starts."""
        # Rows from before there were other triggers say nothing.
        return self.filter(Q(trigger_type=TriggerType.TIMER) | blank("trigger_type"))

    def started_by_events(self) -> Self:
        """Those that an event starts."""
        return self.filter(trigger_type=TriggerType.EVENT)


WorkflowManager = RecordOper.from_queryset(WorkflowQuerySet)


class WorkflowOper(WorkflowManager["Workflow"]):
    """Workflows.

    Nothing here writes `context`: MoviePilot unpickles it, so whoever writes it can run
    code there.
    """

    record = "core.Workflow"

    def add(  # type: ignore[override]
        self, record: Workflow | None = None, /, *, reason: str = "", **kwargs: Any
    ) -> tuple[bool, str]:
        """Insert a workflow unless there is one of its name; returns whether, and
        MoviePilot's words for it.

        It is given as a record or by its columns. Raises InvalidValues.
        """
        name = record.name if record is not None else kwargs.get("name")
        if name and self.get_by_name(name):
            return False, EXISTS
        if record is not None:
            super().add(record, reason=reason, **kwargs)
        else:
            self._insert(reason=reason, **kwargs)
        return True, ADDED

    async_add = twin(add)  # type: ignore[arg-type]

    def get(  # type: ignore[override]
        self, wid: int | None = None, **lookup: Any
    ) -> Workflow | None:
        """The workflow with this id (`wid` or `sid`), or the first that matches, or
        None.
        """
        return super().get(lookup.pop("sid", wid), **lookup)

    async_get = twin(get)  # type: ignore[arg-type]

    def list_enabled(self) -> Workflows:
        """Those that are not paused, oldest first."""
        return [*self.enabled().order_by("pk")]

    async_list_enabled = twin(list_enabled)

    def get_timer_triggered_workflows(self) -> Workflows:
        """Those that a schedule starts and that are not paused, oldest first.

        MoviePilot 2.2.7 passes over rows without a trigger, so workflows from before
        2.1.8 never run; here they are scheduled ones, which is what they were.
        """
        return [*self.enabled().timed().order_by("pk")]

    async_get_timer_triggered_workflows = twin(get_timer_triggered_workflows)

    def get_event_triggered_workflows(self) -> Workflows:
        """Those that an event starts and that are not paused, oldest first."""
        return [*self.enabled().started_by_events().order_by("pk")]

    async_get_event_triggered_workflows = twin(get_event_triggered_workflows)

    def get_by_name(self, name: str) -> Workflow | None:
        """The oldest workflow of this name, or None."""
        return self.named(name).oldest()

    async_get_by_name = twin(get_by_name)

    def start(self, wid: int) -> bool:
        """Say that the workflow runs.

        MoviePilot answers True even when there is no such workflow; here False.
        """
        return self.update(wid, state=WorkflowState.RUNNING) is not None

    async_start = twin(start)

    def success(self, wid: int, result: str | None = None) -> bool:
        """Say that a run came to its end, and count it; not for a paused workflow.

        MoviePilot always answers True; here False says that nothing was written,
        because there is no such workflow or it is paused.
        """
        return self._end(wid, WorkflowState.SUCCEEDED, result, runs=1)

    async_success = twin(success)

    def fail(self, wid: int, result: str) -> bool:
        """Say that a run failed, and why; not for a paused workflow.

        MoviePilot always answers True; here False says that nothing was written,
        because there is no such workflow or it is paused.
        """
        return self._end(wid, WorkflowState.FAILED, result, runs=0)

    async_fail = twin(fail)

    def step(
        self,
        wid: int,
        action_id: str,
        context: dict[str, Any],
        execution_state: dict[str, Any] | None = None,
    ) -> bool:
        """Add an action to those finished; False when there is no such workflow.

        MoviePilot 2.2.7 loses the action where none was finished before; here it is the
        first one. The context is refused, whatever it holds, because MoviePilot
        unpickles it; `execution_state` is stored where the table has such a column.
        """
        more = self._known({"execution_state": execution_state})

        def stepped(workflow: Workflow) -> dict[str, Any]:
            done = [workflow.current_action] if workflow.current_action else []
            return {**more, "current_action": ",".join([*done, action_id])}

        return self._revise(wid, stepped) is not None

    async_step = twin(step)

    def reset(self, wid: int, reset_count: bool = False) -> bool:
        """Let the workflow wait, as if it had not run; False when there is none.

        Runs stay counted unless `reset_count`; the context stays, see `step`.
        """
        values = {
            "state": WorkflowState.WAITING,
            "result": None,
            "current_action": None,
            **({"run_count": 0} if reset_count else {}),
        }
        return self.update(wid, values) is not None

    async_reset = twin(reset)

    def _end(self, wid: int, state: str, result: str | None, *, runs: int) -> bool:
        """Write the end of a run; False where nothing was written."""
        ended = False

        def end(workflow: Workflow) -> dict[str, Any]:
            nonlocal ended
            ended = workflow.state != WorkflowState.PAUSED
            if not ended:
                return {}
            count = {"run_count": (workflow.run_count or 0) + runs} if runs else {}
            times = {"last_time": stamp_now(), **count}
            return {"state": state, "result": result, **times}

        return self._revise(wid, end) is not None and ended
