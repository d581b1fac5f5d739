"""Settings, read once from the environment: the one place that looks there.

    from core.config import settings    # MoviePilot's, as it would read them
    settings.TRANSFER_THREADS

    from core.config import console     # the console's own
    console.MPADMIN_PORT

Nothing here needs Django's settings: they are made of these.
"""

import os

from core.config.model import HIDDEN
from core.config.moviepilot import ConfigModel
from core.config.names.console import ConsoleModel
from core.config.reading import PROJECT, Configuration, ConsoleSettings, Settings, read
from core.config.setting import Setting, is_secret_name
from core.errors import AttachError, SettingsError

__all__ = [
    "HIDDEN",
    "PROJECT",
    "AttachError",
    "ConfigModel",
    "Configuration",
    "ConsoleModel",
    "ConsoleSettings",
    "Setting",
    "Settings",
    "SettingsError",
    "console",
    "environment",
    "is_secret_name",
    "read",
    "settings",
]

console, settings, environment = read(os.environ, folder=PROJECT)
