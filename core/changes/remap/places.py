"""Where MoviePilot keeps paths: every column, and in JSON every member, that a remap
looks at. A place that is missing here is missing from the remap; add it here only.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps

from core.systemconfig.keys import SystemConfigKey

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.models.base import Record


@dataclass(frozen=True)
class Place:
    """One column that holds paths.

    `members` are the paths within JSON (core.changes.remap.members): `[]` is every
    member of a list, `*` in a name is any text, `**` any depth. Without any the column
    is the path itself. `setting` says which record of the settings it is.
    """

    table: str
    column: str
    members: tuple[str, ...] = ()
    setting: str = ""
    is_file: bool = False
    """The members stand in descriptions of files, which repeat the path's last name."""

    @property
    def name(self) -> str:
        """The place as plans and forms name it."""
        parts = (self.table, self.column, self.setting)
        return ".".join(part for part in parts if part)

    @property
    def model(self) -> type[Record]:
        """Its table."""
        return apps.get_model(self.table)


class Part(NamedTuple):
    """Places that are read and written together: those of one table or setting."""

    table: str
    setting: str
    places: tuple[Place, ...]

    @property
    def model(self) -> type[Record]:
        """Its table."""
        return apps.get_model(self.table)


TRANSFERS, DOWNLOADS = "history.transferhistory", "history.downloadhistory"
FILES, SETTINGS = "history.downloadfiles", "core.systemconfig"
DEFAULTS = (
    SystemConfigKey.DefaultMovieSubscribeConfig,
    SystemConfigKey.DefaultTvSubscribeConfig,
)

PLACES: tuple[Place, ...] = (
    Place(TRANSFERS, "src"),
    Place(TRANSFERS, "dest"),
    Place(TRANSFERS, "src_fileitem", ("**.path",), is_file=True),
    Place(TRANSFERS, "dest_fileitem", ("**.path",), is_file=True),
    Place(TRANSFERS, "files", ("[]",)),
    Place(DOWNLOADS, "path"),
    Place(FILES, "fullpath"),
    Place(FILES, "savepath"),
    Place(FILES, "filepath"),
    Place("core.subscribe", "save_path"),
    Place("history.subscribehistory", "save_path"),
    Place("core.mediaserveritem", "path"),
    Place("core.workflow", "actions", ("[].data.*path", "[].data.directory")),
    Place(
        SETTINGS,
        "value",
        ("[].download_path", "[].library_path"),
        SystemConfigKey.Directories.value,
    ),
    Place(
        SETTINGS,
        "value",
        # What a storage is signed in to with is in there too: only what is named so.
        ("[].config.**.*path", "[].config.**.*dir", "[].config.**.*root"),
        SystemConfigKey.Storages.value,
    ),
    Place(
        SETTINGS,
        "value",
        ("[].path_mapping[][]",),
        SystemConfigKey.Downloaders.value,
    ),
    *(Place(SETTINGS, "value", ("save_path",), key.value) for key in DEFAULTS),
)
"""All of them, those of one table in a row."""


def place_of(name: str) -> Place | None:
    """The place of this name; None for a place nobody knows."""
    return next((place for place in PLACES if place.name == name), None)


def parts(names: Collection[str]) -> list[Part]:
    """The places of these names, in the order above."""
    chosen = [place for place in PLACES if place.name in names]
    together = groupby(chosen, key=lambda place: (place.table, place.setting))
    return [Part(table, key, tuple(places)) for (table, key), places in together]
