"""`rescue`: help a user back in who is locked out, when nobody can sign in either."""

from __future__ import annotations

import getpass
import os
import sys
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import Error as DatabaseError

from core import rescue
from core.auth.passwords import problem_with
from core.changes import NothingToUndo, RecordMoved, RecordRefused
from core.management.commands.config import os_user
from core.redaction import error_line
from core.rescue import PassKeys, Refused, Rescue, operators
from core.secrets import UnreadableSecret
from core.startup import first_run
from core.startup.console import check_console, make_console
from core.startup.errors import StartError
from core.startup.moviepilot import check_moviepilot
from core.startup.place import check_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.management.base import CommandParser

    from core.rescue import Line, RawAccount

NO_QUESTION = "There is no terminal to ask on: add --yes to go on without a question."
MOVED = "MoviePilot has changed the user meanwhile: nothing was written. Try again."
DONE = (
    "Done, as change #%(number)d. Undo: manage.py rescue --undo %(number)d, or on the "
    "change's page."
)
SESSIONS = (
    "Where the user is signed in to MoviePilot already, that goes on until its token "
    "ends."
)


class Command(BaseCommand):
    """Whoever may run this owns the machine, so nobody has to sign in for it."""

    help = (
        "Helps a MoviePilot user back in: sets a password, clears one-time codes, "
        "drops or disables passkeys, activates, makes an administrator. Without a name "
        "it lists the users."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who, what is to be done, and how."""
        parser.add_argument("name", nargs="?", help="The user's name, as MoviePilot's.")
        parser.add_argument("--list", action="store_true", help="List the users.")
        parser.add_argument("--id", type=int, help="Which of several users of a name.")
        parser.add_argument(
            "--password",
            action="store_true",
            help="Set a new password: asked for twice, or the first line of stdin.",
        )
        parser.add_argument(
            "--clear-otp", action="store_true", help="Ask for one-time codes no more."
        )
        keys = parser.add_mutually_exclusive_group()
        keys.add_argument(
            "--drop-passkeys", action="store_true", help="Delete the passkeys."
        )
        keys.add_argument(
            "--disable-passkeys", action="store_true", help="Keep them, but unusable."
        )
        parser.add_argument("--activate", action="store_true", help="May sign in.")
        parser.add_argument("--superuser", action="store_true", help="May do all.")
        parser.add_argument("--reason", default="", help="Kept with the change.")
        parser.add_argument("--yes", action="store_true", help="Ask nothing.")
        parser.add_argument(
            "--operator",
            action="store_true",
            help="NAME is an operator of the console with a password of its own.",
        )
        parser.add_argument(
            "--undo", type=int, metavar="NUMBER", help="Take a rescue back."
        )

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        """Say what would change, ask, and do it."""
        try:
            self.prepare(is_for_moviepilot=not options["operator"])
            self.do(**options)
        except (StartError, Refused, UnreadableSecret) as error:
            raise CommandError(str(error)) from None
        except RecordMoved:
            raise CommandError(MOVED) from None
        except RecordRefused as error:
            raise CommandError(f"MoviePilot's database refused: {error}") from None
        except DatabaseError as error:
            raise CommandError(
                f"A database does not answer as it should: {error_line(error)}"
            ) from None
        except (KeyboardInterrupt, EOFError):
            raise CommandError("Stopped; nothing was changed.") from None

    def prepare(self, *, is_for_moviepilot: bool) -> None:
        """What `serve` does before it serves. Raises StartError."""
        # What is made now is for nobody else to read.
        os.umask(0o077)
        check_folder(settings.DATA_DIR)
        check_console()
        is_there = settings.MOVIEPILOT_ATTACHED or first_run.sample_file().exists()
        if is_for_moviepilot and not is_there:
            raise StartError(
                "No MoviePilot database is attached — set MOVIEPILOT_CONFIG_DIR or "
                "MOVIEPILOT_DATABASE_URL."
            )
        if is_for_moviepilot:
            check_moviepilot()
        make_console()

    def do(self, *, name: str | None, undo: int | None, **options: Any) -> None:
        """What the options say."""
        if undo is not None:
            self.undo(undo)
        elif options["list"] or name is None:
            if options["operator"] or self.wanted(**options).actions:
                raise CommandError("Say whose account it is: manage.py rescue NAME …")
            self.list()
        elif options["operator"]:
            self.rescue_operator(name, **options)
        else:
            self.rescue_user(name, **options)

    def wanted(
        self,
        *,
        password: Any,
        clear_otp: bool,
        drop_passkeys: bool,
        disable_passkeys: bool,
        activate: bool,
        superuser: bool,
        **_others: Any,
    ) -> Rescue:
        """What is to be done; `password` is the text, or whether there is to be one."""
        keys = PassKeys.DROP if drop_passkeys else PassKeys.KEEP
        return Rescue(
            password=password or "",
            clear_otp=clear_otp,
            passkeys=PassKeys.DISABLE if disable_passkeys else keys,
            activate=activate,
            superuser=superuser,
        )

    def rescue_user(self, name: str, **options: Any) -> None:
        """One of MoviePilot's."""
        account = self.found(name, options["id"])
        doing = self.asked(**options)
        changes = rescue.lines(account, doing)
        if not self.confirmed(f"User {told(account)}", changes, options):
            return
        detail = {"command": "manage.py rescue", "os_user": os_user()}
        change_set = rescue.rescue(
            account, doing, reason=options["reason"], detail=detail
        )
        if change_set is None:
            self.stdout.write("Nothing to do: all is so already.")
            return
        self.stdout.write(DONE % {"number": change_set.pk})
        self.stdout.write(SESSIONS)

    def rescue_operator(self, name: str, **options: Any) -> None:
        """One of the console's own."""
        operator = operators.local(name)
        doing = self.asked(**options)
        changes = operators.lines(operator, doing)
        if not self.confirmed(f"Operator {name}", changes, options):
            return
        detail = {"command": "manage.py rescue", "os_user": os_user()}
        operators.rescue(operator, doing, detail=detail)
        self.stdout.write("Done. The operator is signed out everywhere.")

    def undo(self, number: int) -> None:
        """Take a rescue back."""
        try:
            result = rescue.undo_rescue(number)
        except NothingToUndo:
            raise CommandError(f"Change #{number} has nothing left to undo.") from None
        undoing = result.change_set
        self.stdout.write(f"Put back {undoing.written} records, as #{undoing.pk}.")
        for pk, why in undoing.problems:
            self.stdout.write(f"Left alone: record {pk}, {why}")

    def list(self) -> None:
        """The users and how they stand, without secrets."""
        accounts = rescue.everyone()
        for account in accounts:
            self.stdout.write(f"{told(account)}: {', '.join(state(account))}")
        if not accounts:
            self.stdout.write("MoviePilot has no users.")

    def found(self, name: str, pk: int | None) -> RawAccount:
        """The user meant. Raises CommandError."""
        accounts = rescue.named(name)
        if not accounts:
            close = ", ".join(rescue.close_to(name))
            hint = f" Is it one of these: {close}?" if close else ""
            raise CommandError(f"There is no user of this name.{hint}")
        chosen = [account for account in accounts if pk in (None, account.pk)]
        if len(chosen) == 1:
            return chosen[0]
        ids = ", ".join(str(account.pk) for account in accounts)
        if not chosen:
            raise CommandError(f"No user of this name has the id {pk}, but {ids}.")
        raise CommandError(f"Several users have this name: choose one by --id ({ids}).")

    def asked(self, **options: Any) -> Rescue:
        """What is to be done, with the password typed. Raises CommandError."""
        if not self.wanted(**options).actions:
            raise CommandError(
                "Say what is to be done: --password, --clear-otp, --drop-passkeys, "
                "--disable-passkeys, --activate or --superuser."
            )
        if not options["yes"] and not sys.stdin.isatty():
            raise CommandError(NO_QUESTION)
        password = new_password() if options["password"] else ""
        if password and not options["operator"] and (why := problem_with(password)):
            raise CommandError(why)
        return self.wanted(**{**options, "password": password})

    def confirmed(
        self, who: str, changes: Sequence[Line], options: dict[str, Any]
    ) -> bool:
        """Tell what changes; whether to go on."""
        if not changes:
            self.stdout.write(f"{who}: nothing to do, all is so already.")
            return False
        self.stdout.write(f"{who}:")
        for what, before, after in changes:
            self.stdout.write(f"  {what}: {before} → {after}")
        if options["yes"]:
            return True
        self.stdout.write("Go on? [y/N] ", ending="")
        self.stdout.flush()
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            return True
        self.stdout.write("Nothing was changed.")
        return False


def new_password() -> str:
    """Typed twice on a terminal, else the first line of stdin. Raises CommandError."""
    if not sys.stdin.isatty():
        try:
            line = sys.stdin.readline()
        except UnicodeDecodeError:
            raise CommandError("Standard input is no UTF-8 text.") from None
        if not line.rstrip("\r\n"):
            raise CommandError("There is no password on standard input.")
        return line.rstrip("\r\n")
    typed = getpass.getpass("New password: ")
    if typed != getpass.getpass("Again: "):
        raise CommandError("The two passwords are not the same.")
    if not typed:
        raise CommandError("No password was typed.")
    return typed


def told(account: RawAccount) -> str:
    """Which user it is. A name may hold what a terminal would obey."""
    shown = "".join(c if c.isprintable() else "�" for c in account.name)
    return f"{shown} (id {account.pk})"


def state(account: RawAccount) -> list[str]:
    """How a user stands."""
    active, every = len(account.active_keys), len(account.keys)
    return [
        "active" if account.is_active else "disabled",
        *(["administrator"] if account.is_superuser else []),
        "password" if account.has_password else "no password that works",
        *(["one-time codes"] if account.is_asked_for_codes else []),
        *([f"passkeys: {active} active of {every}"] if every else []),
    ]
