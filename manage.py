#!/usr/bin/env python3
"""Run a management command of the console."""

import os
import sys

from django.core.management import execute_from_command_line

from core.errors import SettingsError


def main() -> None:
    """Run the command of `sys.argv`; a wrong setting ends in one line, not a trace."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mpadmin.settings")
    try:
        execute_from_command_line(sys.argv)
    except SettingsError as error:
        sys.exit(f"mpadmin: {error}")


if __name__ == "__main__":
    main()
