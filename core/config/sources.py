"""Where settings are found: the process, and files in dotenv syntax."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from core.errors import AttachError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROCESS = "process environment"
OWN_FILE = ".moviepilot.env"
APP_ENV = "app.env"
DEFAULT = "default"


@dataclass(frozen=True)
class Source:
    """Variables that were found in one place."""

    name: str
    values: Mapping[str, str] = field(repr=False)


def own_file(path: Path, *, required: bool = False) -> Source:
    """The console's own file, empty where there is none. Raises SettingsError."""
    if required and not path.exists():
        raise SettingsError(
            f"There is no file {path} — make it, or unset MPADMIN_ENV_FILE."
        )
    return Source(path.name if required else OWN_FILE, _read(path))


def app_env(folder: Path) -> Source:
    """MoviePilot's own file. Raises AttachError."""
    if not folder.is_dir():
        raise AttachError(
            f"There is no folder {folder} — set MOVIEPILOT_CONFIG_DIR to MoviePilot's "
            "configuration folder, the one that holds app.env."
        )
    return Source(APP_ENV, _read(folder / APP_ENV, AttachError))


def _read(path: Path, error: type[SettingsError] = SettingsError) -> dict[str, str]:
    try:
        # The parser that MoviePilot itself reads its file with.
        values = dotenv_values(path, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise error(
            f"{path} cannot be read — give this user permission to read it, as UTF-8 "
            "text."
        ) from cause
    return {name: value or "" for name, value in values.items()}
