"""`config`: look at settings and system configuration, and write the latter."""

from __future__ import annotations

import os
import pwd
import sys
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from core.changes import InvalidValues, RecordRefused
from core.config import describing, listing, storing
from core.models.audit import AuditEvent, AuditKind
from core.redaction import error_line

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator, Sequence

    from core.config.listing import Entry


class Command(BaseCommand):
    """Names come from the environment (settings) or the database (configuration)."""

    help = (
        "Shows settings (of the environment) and system configuration (of MoviePilot's "
        "database), and writes system configuration."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's declaration

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add a parser for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        listed = actions.add_parser("list", help="Every name with its value.")
        got = actions.add_parser("get", help="The value of one name.")
        keys = actions.add_parser("keys", help="Names, without values.")
        keys.add_argument("prefix", nargs="?", default="", help="How they begin.")
        described = actions.add_parser("describe", help="What a name is for.")
        stored = actions.add_parser("set", help="Write system configuration.")
        for parser_of_name in (got, described, stored):
            parser_of_name.add_argument("name")
        stored.add_argument(
            "json",
            help="The value as JSON; - reads it from standard input, for secrets.",
        )
        for showing in (listed, got):
            showing.add_argument(
                "--show-secrets",
                action="store_true",
                help="Show secrets too; this is recorded.",
            )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what was asked for."""
        with one_line():
            getattr(self, f"do_{options['action']}")(options)

    def do_list(self, options: dict[str, Any]) -> None:
        """Print every name with its value: settings first."""
        if options["show_secrets"]:
            entries = [*listing.setting_entries(), *listing.stored_entries()]
            reveal("configuration", "list", entries)
            self._print(entries, show_secrets=True)
            return
        # One after the other: settings can be told where no database answers.
        self._print(listing.setting_entries())
        self._print(listing.stored_entries())

    def _print(self, entries: Sequence[Entry], *, show_secrets: bool = False) -> None:
        for entry in entries:
            self.stdout.write(entry.line(show_secrets=show_secrets))

    def do_get(self, options: dict[str, Any]) -> None:
        """Print the value of one name."""
        name, show_secrets = options["name"], options["show_secrets"]
        entry = listing.entry(name)
        if entry is None:
            raise unknown(name)
        if show_secrets and entry.is_hidden:
            reveal(name, "get", [entry])
        self.stdout.write(entry.text(show_secrets=show_secrets))

    def do_keys(self, options: dict[str, Any]) -> None:
        """Print the names that begin so."""
        start = options["prefix"].casefold()
        for names in (listing.setting_names, listing.stored_keys):
            for name in names():
                if name.casefold().startswith(start):
                    self.stdout.write(listing.text_of(name))

    def do_describe(self, options: dict[str, Any]) -> None:
        """Print what is known of a name."""
        lines = describing.describe(options["name"])
        if not lines:
            raise unknown(options["name"])
        for line in lines:
            self.stdout.write(line)

    def do_set(self, options: dict[str, Any]) -> None:
        """Write a value, and print how to take it back."""
        name = options["name"]
        if listing.declared(name):
            raise CommandError(
                f"{name} is a setting, which is fixed while programs run — set it in "
                "the environment, in .moviepilot.env or in MoviePilot's app.env, and "
                "start anew."
            )
        key = listing.writable_key(name)
        if key is None:
            raise unknown(name)
        for line in storing.store(key, storing.parse(given_text(options["json"]))):
            self.stdout.write(line)


def given_text(argument: str) -> str:
    """The argument, or what standard input holds: secrets stay out of the shell's log.

    Raises CommandError.
    """
    if argument != "-":
        return argument
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise CommandError("Standard input is no UTF-8 text.") from None


def reveal(subject: str, action: str, entries: Sequence[Entry]) -> None:
    """Record that these secrets are about to be shown."""
    AuditEvent.objects.record(
        AuditKind.REVEAL,
        subject,
        command=f"manage.py config {action} --show-secrets",
        os_user=os_user(),
        names=[entry.name for entry in entries if entry.is_hidden],
    )


def os_user() -> str:
    """Who runs this process, as the system knows; a name in the environment may lie."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def unknown(name: str) -> CommandError:
    """Say that there is no such name, and which ones are near."""
    names = listing.setting_names()
    with suppress(DatabaseError):
        names += listing.stored_keys()
    folded = {each.casefold(): each for each in names}
    matches = get_close_matches(name.casefold(), folded)
    near = [listing.text_of(folded[each]) for each in matches]
    hint = f" — did you mean {' or '.join(near)}?" if near else " — see config keys."
    return CommandError(f"There is no {name!r}{hint}")


@contextmanager
def one_line() -> Iterator[None]:
    """Whatever stops the command is told in one line, without secrets."""
    try:
        yield
    except (InvalidValues, RecordRefused, storing.NotStored) as error:
        raise CommandError(" ".join(str(error).split())) from None
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from None
    except DatabaseError as error:
        raise CommandError(
            f"The database does not answer as it should ({error_line(error)}) — see "
            "that `manage.py serve` starts."
        ) from None
