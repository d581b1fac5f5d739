"""`prune_changes`: delete old entries of the change log to save space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from core.changes import retention
from core.management.commands.config import os_user

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """What is pruned can no longer be undone; that it was done is kept."""

    help = (
        "Deletes what old changes have kept of their records. They stay in the list of "
        "changes, but can no longer be undone."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add how old, and whether to look only."""
        parser.add_argument(
            "--days",
            type=int,
            required=True,
            help="Prune changes that ended more than so many days ago.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Say how much it would be."
        )
        parser.add_argument(
            "--no-vacuum",
            action="store_true",
            help="Leave the file as large; the room is used for later changes.",
        )

    def handle(
        self, *args: Any, days: int, dry_run: bool, no_vacuum: bool, **options: Any
    ) -> None:
        """Say how much, then do it."""
        if not 0 <= days <= 36500:
            raise CommandError("--days is a number from 0 to 36500.")
        found = retention.look(days)
        told = f"{found.change_sets:,} changes with {found.entries:,} entries"
        if dry_run or not found.change_sets:
            self.stdout.write(f"{told} are older than {days} days.")
        if dry_run:
            return
        if found.is_something:
            name = "manage.py prune_changes"
            retention.record(days, found, command=name, os_user=os_user())
        count = sum(entries for _change_set, entries in retention.prune(days))
        self.stdout.write(
            f"Deleted {count:,} entries of {found.change_sets:,} changes."
        )
        if not no_vacuum:
            self._give_space_back()

    def _give_space_back(self) -> None:
        share = retention.free_share()
        if share < retention.WORTH_IT:
            return
        if not retention.has_room():
            self.stdout.write(
                "The file stays as large as it is: making it smaller needs room for "
                "a copy. What is free in it is used for later changes."
            )
            return
        self.stdout.write(f"Making the file smaller by {share:.0%} ...")
        retention.give_space_back()
