"""`serve`: check everything, set up what is missing, and become the server."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connections

from core.auth.sessions import SessionStore
from core.changes import settle_all
from core.startup import first_run, place, transport
from core.startup.console import check_console, make_console
from core.startup.databases import disconnect
from core.startup.errors import StartError
from core.startup.moviepilot import check_moviepilot


class Command(BaseCommand):
    """Serve the console, after everything that could stop it has been looked at."""

    help = "Serves the console at MPADMIN_ADDRESS:MPADMIN_PORT (127.0.0.1:8000)."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise SystemExit with one line on stderr where the console cannot start."""
        # Sessions and change entries are for nobody else to read.
        os.umask(0o077)
        try:
            self.check_all()
            self.set_up()
            self.welcome()
            self.warn()
        except (StartError, CommandError) as error:
            sys.exit(f"mpadmin: {error}")
        except KeyboardInterrupt:
            sys.exit("mpadmin: Stopped before serving.")
        self.become_server()

    def check_all(self) -> None:
        """Look at everything before anything is made."""
        place.check_folder(settings.DATA_DIR)
        place.check_address(settings.ADDRESS, settings.PORT)
        check_console()
        if settings.MOVIEPILOT_ATTACHED or first_run.sample_file().exists():
            check_moviepilot()

    def set_up(self) -> None:
        """Make what is missing; what is there is kept."""
        make_console()
        if not settings.MOVIEPILOT_ATTACHED:
            self.set_up_sample()
        settle_all()
        SessionStore.clear_expired()
        if not settings.DEBUG:
            self.collect_static()

    def collect_static(self) -> None:
        """Bring the style sheets and scripts to where whitenoise serves them from."""
        call_command(
            "collectstatic",
            interactive=False,
            verbosity=0,
            # Django's admin has 150 files of its own; no page here uses them.
            ignore_patterns=["admin"],
        )

    def set_up_sample(self) -> None:
        """Make the sample library, or bring it up to date."""
        if first_run.sample_file().exists():
            first_run.update_sample()
            return
        self.say("Making a sample library, once ...")
        first_run.make_sample(first_run.sample_file())

    def welcome(self) -> None:
        """Say where the console is and who may sign in."""
        host = f"[{settings.ADDRESS}]" if ":" in settings.ADDRESS else settings.ADDRESS
        self.say(f"The console is at http://{host}:{settings.PORT}/ (stop it: Ctrl-C).")
        if settings.MOVIEPILOT_ATTACHED:
            self.say("Sign in with the name and password of a MoviePilot superuser.")
        elif password := first_run.make_first_operator():
            self.say(f"Sign in as admin with the password {password} (shown only now).")
        else:
            self.say(
                "A forgotten password: manage.py changepassword NAME sets a new one."
            )

    def warn(self) -> None:
        """Say what may be wrong with how the console is reached."""
        for line in transport.warnings():
            self.stderr.write(f"mpadmin: {line}")

    def become_server(self) -> None:
        """Replace this process by a small one that runs gunicorn and the workers."""
        # Or SQLite's -wal and -shm files would stay beside MoviePilot's for ever.
        for alias in connections:
            disconnect(alias)
        os.chdir(settings.BASE_DIR)
        command = [sys.executable, "-m", "mpadmin.supervisor", str(settings.WORKERS)]
        os.execv(sys.executable, command)  # noqa: S606 - no shell is meant

    def say(self, line: str) -> None:
        """Print now: another program takes the process over, buffers and all."""
        self.stdout.write(line)
        self.stdout.flush()
