"""What the console remembers of every change. Kept in its own database, never in
MoviePilot's.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.changes import idset
from core.changes.door import MOVIEPILOT
from core.schema import place

if TYPE_CHECKING:
    from core.changes.preview import Preview
    from core.changes.snapshot import FieldChange
    from core.models.base import Record


def new_token() -> str:
    """A name for a plan that cannot be guessed."""
    return secrets.token_urlsafe(24)


class Kind(models.TextChoices):
    """What a change set does to its records."""

    EDIT = "edit", _("edit")
    CREATE = "create", _("create")
    DELETE = "delete", _("delete")
    IMPORT = "import", _("import")
    REMAP = "remap", _("path remap")
    UNDO = "undo", _("undo")


class State(models.TextChoices):
    """How far a change set has come."""

    QUEUED = "queued", _("waiting")
    APPLYING = "applying", _("applying")
    APPLIED = "applied", _("applied")
    STOPPED = "stopped", _("stopped")


class BatchState(models.TextChoices):
    """Whether the records of a batch hold what its entries say."""

    PENDING = "pending", _("pending")
    APPLIED = "applied", _("applied")
    DISCARDED = "discarded", _("discarded")


class Plan(models.Model):
    """A selection and what to do to it: a change that nobody has made yet."""

    token = models.CharField(max_length=43, primary_key=True, default=new_token)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="plans"
    )
    created_at = models.DateTimeField(default=timezone.now)
    table = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind, blank=True, default="")
    selection = models.JSONField(default=dict)
    operations = models.JSONField(default=dict)
    payload = models.BinaryField(default=b"")
    """What an action keeps that is too long for `operations`, or secret."""
    reason = models.TextField(blank=True, default="")
    ids = models.BinaryField(default=b"")
    count = models.IntegerField(default=0)
    digest = models.CharField(max_length=32, blank=True, default="")
    outcome = models.JSONField(default=dict)
    change_set = models.OneToOneField(
        "ChangeSet", models.CASCADE, null=True, related_name="plan"
    )

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="core_plan_created")
        ]

    def __str__(self) -> str:
        return f"{self.kind or 'draft'} {self.table} {self.count}"

    @property
    def model(self) -> type[Record]:
        """The MoviePilot table the plan is for."""
        return apps.get_model(self.table)

    @property
    def preview(self) -> Preview:
        """What applying it would do, as computed when the plan was made."""
        from core.changes.preview import Preview

        return Preview.from_json(self.outcome)

    def record_ids(self) -> list[int]:
        """The ids that were previewed, ascending."""
        return idset.unpack(bytes(self.ids))


class ChangeSetManager(models.Manager["ChangeSet"]):
    """Change sets of the database that is attached now.

    The data folder may have served another one before, whose records are others.
    """

    def get_queryset(self) -> models.QuerySet[ChangeSet]:
        return super().get_queryset().filter(database=place(connections[MOVIEPILOT]))

    def active(self) -> models.QuerySet[ChangeSet]:
        """Those that wait for a worker or are at work."""
        # Written out: of parameters SQLite cannot tell that the partial index has them.
        return self.filter(
            RawSQL("state IN ('queued', 'applying')", [], models.BooleanField())
        )


class ChangeSet(models.Model):
    """One applied plan: what was done, by whom, when and why."""

    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="change_sets"
    )
    operator_name = models.CharField(_("operator"), max_length=255, default="system")
    database = models.CharField(_("database"), max_length=500)
    created_at = models.DateTimeField(_("time"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    table = models.CharField(_("table"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.APPLYING
    )
    reason = models.TextField(_("reason"), blank=True, default="")
    selection = models.JSONField(default=dict)
    operations = models.JSONField(default=dict)
    payload = models.BinaryField(default=b"")
    """What is needed to go on with it; empty once it is applied."""
    undoes = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="undone_by"
    )
    ids = models.BinaryField(default=b"")
    position = models.BigIntegerField(default=0)
    """How many of `ids` (of an undo: of the entries) have been worked through."""
    total = models.IntegerField(_("records"), default=0)
    changed = models.IntegerField(_("changed"), default=0)
    carried = models.IntegerField(_("carried"), default=0)
    """How many records of other tables were written with those of `table`."""
    unchanged = models.IntegerField(_("unchanged"), default=0)
    skipped = models.IntegerField(_("skipped"), default=0)
    failed = models.IntegerField(_("failed"), default=0)
    problems = models.JSONField(default=list)
    """The first 1,000 records left alone, as [record id, reason]."""
    error = models.TextField(blank=True, default="")
    """Why it stopped, where the database or a value stopped it."""
    worker = models.CharField(max_length=255, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    """When the process that works on it began, at `started_position`."""
    started_position = models.BigIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    """Somebody wants it to stop after the batch being written."""
    pruned_at = models.DateTimeField(_("pruned"), null=True)
    """When its entries were deleted to save space; it cannot be undone since."""

    objects: ClassVar[ChangeSetManager] = ChangeSetManager()

    class Meta:
        verbose_name = _("change set")
        verbose_name_plural = _("changes")
        default_permissions: ClassVar = ("view",)
        permissions: ClassVar = [
            ("undo_own_changeset", "Can undo own changes"),
            ("undo_any_changeset", "Can undo and go on with others' changes"),
            ("prune_changeset", "Can delete old changes for good"),
            ("import_records", "Can import records from files"),
            ("export_records", "Can export records as files"),
        ]
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["table", "id"], name="core_changeset_table"),
            models.Index(fields=["operator", "id"], name="core_changeset_operator"),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["queued", "applying"]),
                name="core_changeset_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_kind_display()} {self.table}"

    @property
    def model(self) -> type[Record]:
        """The MoviePilot table that was changed."""
        return apps.get_model(self.table)

    @property
    def written(self) -> int:
        """How many records it wrote, in all tables."""
        return self.changed + self.carried

    @property
    def is_trace_free(self) -> bool:
        """Whether it wrote nothing, and no batch of it may have been written either."""
        journaled = self.batches.exclude(state=BatchState.DISCARDED)
        return not self.written and not journaled.exists()

    @property
    def put_back(self) -> int:
        """How many of its records undos have put back, or found back already."""
        undos = [undo for undo in self.undone_by.all() if undo.is_in_effect]
        return min(self.written, sum(undo.written + undo.unchanged for undo in undos))

    @property
    def is_undone(self) -> bool:
        """Whether all of it has been taken back."""
        return 0 < self.written <= self.put_back

    @property
    def is_partly_undone(self) -> bool:
        """Whether a part of it has been taken back."""
        return 0 < self.put_back < self.written

    @property
    def can_be_undone(self) -> bool:
        """Whether there is anything to take back, or an undo of it to be finished."""
        if self.is_active or not self.written or self.pruned_at:
            return False
        undos = [*self.undone_by.all()]
        if any(undo.is_active for undo in undos):
            return False
        dealt_with = sum(undo.covered for undo in undos if undo.is_in_effect)
        return dealt_with < self.written

    @property
    def is_in_effect(self) -> bool:
        """Whether what it wrote was not taken back again as a whole."""
        return self.written > 0 and not self.is_undone

    @property
    def covered(self) -> int:
        """Of an undo: how many entries it has dealt with, and none before it had."""
        if self.selection.get("force"):
            return 0  # from before entries were told apart
        done = self.total if self.state == State.APPLIED else self.position
        return min(done, int(self.selection.get("fresh", done)))

    @property
    def can_be_resumed(self) -> bool:
        """Whether it stopped before its end and knows what is left to do."""
        if self.state != State.STOPPED or self.pruned_at:
            return False
        if any(undo.written or undo.is_unfinished for undo in self.undone_by.all()):
            return False
        if self.kind == Kind.UNDO:
            return self._is_latest_undo
        return self.kind != Kind.CREATE and bool(self.ids or self.payload)

    @property
    def _is_latest_undo(self) -> bool:
        """Whether no other undo has gone on with what this one left."""
        undone = self.undoes
        if undone is None or undone.pruned_at:
            return False
        return not undone.undone_by.filter(pk__gt=self.pk).exists()

    @property
    def is_active(self) -> bool:
        """Whether it is at work, or waits for a worker."""
        return self.state in (State.QUEUED, State.APPLYING)

    @property
    def is_unfinished(self) -> bool:
        """Whether it is at work, waits for a worker, or has stopped."""
        return self.state != State.APPLIED

    def applied_entries(self) -> models.QuerySet[ChangeEntry]:
        """The entries whose records were written."""
        applied = self.batches.filter(state=BatchState.APPLIED).values("number")
        return self.entries.filter(batch__in=applied)

    def record_ids(self) -> list[int]:
        """The ids of the records it wrote in its table, in the order they were
        written.
        """
        return [
            *self.applied_entries()
            .filter(table=self.table)
            .order_by("batch", "id")
            .values_list("record_id", flat=True)
        ]


class ChangeBatch(models.Model):
    """Records written in one transaction of MoviePilot's database."""

    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="batches")
    number = models.IntegerField()
    table = models.CharField(max_length=100, blank=True, default="")
    """The table its records stand in; empty for the change set's."""
    state = models.CharField(
        max_length=10, choices=BatchState, default=BatchState.PENDING
    )
    position = models.BigIntegerField()
    """`ChangeSet.position` once the batch is applied."""
    unchanged = models.IntegerField(default=0)
    problems = models.JSONField(default=list)
    """Of its records those left alone, as [record id, reason]."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["change_set", "number"], name="core_batch_number"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.change_set_id}/{self.number} {self.state}"


class ChangeEntry(models.Model):
    """What a change set did to one record.

    `before` and `after` are snapshots (core.changes.snapshot) of the touched columns;
    NULL before a creation and after a deletion.
    """

    change_set = models.ForeignKey(
        ChangeSet, models.CASCADE, related_name="entries", db_index=False
    )
    batch = models.IntegerField()
    table = models.CharField(max_length=100)
    record_id = models.BigIntegerField()
    label = models.TextField(blank=True, default="")
    before = models.TextField(null=True)
    after = models.TextField(null=True)

    class Meta:
        verbose_name = _("change entry")
        verbose_name_plural = _("change entries")
        indexes: ClassVar = [
            models.Index(fields=["change_set", "batch"], name="core_entry_batch"),
            models.Index(fields=["table", "record_id"], name="core_entry_record"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.record_id}"

    @property
    def kind(self) -> str:
        """`create`, `delete` or `update`."""
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"

    @property
    def model(self) -> type[Record]:
        """The record's table."""
        return apps.get_model(self.table)

    def fields(self) -> list[FieldChange]:
        """Before and after of each touched column, secrets masked."""
        from core.changes.snapshot import field_changes

        return field_changes(self.model, self.before, self.after, label=self.label)
