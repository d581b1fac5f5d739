"""The Oper of workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet
from core.vocabularies import WorkflowState

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from core.models.workflows import Workflow  # noqa: F401


class WorkflowQuerySet(RecordQuerySet["Workflow"]):
    """Restrictions of workflows."""

    def in_state(self, state: str) -> Self:
        """Those that stand here, see core.vocabularies.WorkflowState."""
        return self.filter(state=state)

    def enabled(self) -> Self:
        """Those that are not paused."""
        return self.exclude(state=WorkflowState.PAUSED)


WorkflowManager = RecordOper.from_queryset(WorkflowQuerySet)


class WorkflowOper(WorkflowManager["Workflow"]):
    """Workflows."""

    record = "core.Workflow"
