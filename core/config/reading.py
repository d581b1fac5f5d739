"""Both sets of settings of an environment, each from the sources it counts on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.config.moviepilot import ConfigModel
from core.config.names.console import ConsoleModel
from core.config.sources import OWN_FILE, PROCESS, Source, app_env, own_file

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).resolve().parent.parent.parent


class Settings(ConfigModel):
    """MoviePilot's settings: process environment > .moviepilot.env > app.env > default.

    Here an empty value wins over the next source, as it does in MoviePilot.
    """


class ConsoleSettings(ConsoleModel):
    """The console's: process environment > .moviepilot.env > default."""


class Configuration(NamedTuple):
    """All that is read from an environment."""

    console: ConsoleSettings
    settings: Settings
    texts: Mapping[str, str]
    """Process environment over .moviepilot.env, as text."""


def read(
    environment: Mapping[str, str], *, folder: Path | None = None
) -> Configuration:
    """Read the environment, the console's file in this folder if one is given, and
    MoviePilot's app.env where its folder is attached. Raises SettingsError.
    """
    sources = [Source(PROCESS, environment)]
    if path := environment.get("MPADMIN_ENV_FILE"):
        sources.append(own_file(Path(path).expanduser(), required=True))
    elif folder:
        sources.append(own_file(folder / OWN_FILE))
    console = ConsoleSettings(sources)
    texts = {k: v for each in reversed(sources) for k, v in each.values.items()}
    if attached := console.MOVIEPILOT_CONFIG_DIR:
        sources.append(app_env(Path(attached).expanduser().absolute()))
    return Configuration(console, Settings(sources), texts)
