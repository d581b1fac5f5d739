"""Automation that users put together."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.fields import (
    Index,
    IntegerColumn,
    JSONColumn,
    StampField,
    TextColumn,
    stamp_now,
)
from core.models import shapes
from core.models.base import Record
from core.opers.workflows import WorkflowOper
from core.vocabularies import TriggerType, WorkflowState


class Workflow(Record):
    """A chain of actions and what starts it."""

    natural_key: ClassVar = (("name",),)
    secret_fields: ClassVar = frozenset({"context"})
    never_revealed: ClassVar = secret_fields
    locked_fields: ClassVar = Record.locked_fields | {"context"}
    vocabularies: ClassVar = {"trigger_type": TriggerType, "state": WorkflowState}
    unique_by: ClassVar = (("name",),)

    name = TextColumn(
        _("name"),
        help_text=_("Name that people see; MoviePilot expects each only once."),
    )
    description = TextColumn(
        _("description"), null=True, blank=True, help_text=_("What it is for.")
    )
    timer = TextColumn(
        _("schedule"), null=True, blank=True, help_text=_("Cron expression.")
    )
    trigger_type = TextColumn(
        _("trigger"),
        null=True,
        blank=True,
        default=TriggerType.TIMER,
        help_text=_("What starts the workflow; empty in old rows."),
    )
    event_type = TextColumn(
        _("event"),
        null=True,
        blank=True,
        help_text=_("Event that starts it, such as transfer.complete."),
    )
    event_conditions = JSONColumn(
        _("conditions"),
        null=True,
        blank=True,
        default=dict,
        shape=shapes.ANY_OBJECT,
        help_text=_("What the data of the event must be like."),
    )
    state = TextColumn(
        _("state"),
        default=WorkflowState.WAITING,
        help_text=_("Where the workflow stands."),
    )
    current_action = TextColumn(
        _("finished actions"),
        null=True,
        blank=True,
        help_text=_("Ids of the actions done, with commas between."),
    )
    result = TextColumn(
        _("result"), null=True, blank=True, help_text=_("Error of the last run.")
    )
    run_count = IntegerColumn(
        _("runs"),
        null=True,
        blank=True,
        default=0,
        help_text=_("How often it ran without an error."),
    )
    actions = JSONColumn(
        _("actions"),
        null=True,
        blank=True,
        default=list,
        shape=shapes.OBJECTS,
        help_text=_("The steps, as JSON."),
    )
    flows = JSONColumn(
        _("connections"),
        null=True,
        blank=True,
        default=list,
        shape=shapes.OBJECTS,
        help_text=_("How the steps follow one another, as JSON."),
    )
    context = JSONColumn(
        _("context"),
        null=True,
        blank=True,
        default=dict,
        help_text=_(
            "Where to resume; MoviePilot runs what stands here, so it is not shown."
        ),
    )
    add_time = StampField(
        _("added"),
        null=True,
        blank=True,
        default=stamp_now,
        help_text=_(
            "When it was made; may be earlier, as far back as MoviePilot's start."
        ),
    )
    last_time = StampField(
        _("last run"), null=True, blank=True, help_text=_("When the last run ended.")
    )

    objects: ClassVar[WorkflowOper] = WorkflowOper()

    class Meta(Record.Meta):
        db_table = "workflow"
        verbose_name = _("workflow")
        verbose_name_plural = _("workflows")
        indexes: ClassVar = [
            Index(fields=["name"], name="ix_workflow_name"),
            Index(fields=["state"], name="ix_workflow_state"),
            Index(
                fields=["trigger_type", "state"], name="ix_workflow_trigger_type_state"
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)
