"""What the console's forms offer to choose from: sites, and names from the settings.

    choices.sites()         # [(3, "甲"), (1, "乙")], in MoviePilot's order
    choices.downloaders()   # ["qbittorrent", "transmission"]

Read once, and kept until a record or a setting behind them changes, whoever changed it.
They are for people to pick from and prove nothing: a table that cannot be read, or a
setting of an odd shape, has no choices.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from django.apps import apps
from django.db import Error as DatabaseError

from core.opers.base import oper_of
from core.opers.configuration import SystemConfigOper
from core.reload import ConfigReloadMixin, watcher_at_work
from core.systemconfig.keys import SystemConfigKey

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from core.reload import Watcher

C = TypeVar("C")
logger = logging.getLogger(__name__)


class Choices(ConfigReloadMixin, Generic[C]):
    """Choices of one kind; call it to have them."""

    def __init__(self) -> None:
        self._kept: tuple[Watcher, Sequence[C]] | None = None
        self._changes = 0
        self._is_failing = False

    def __call__(self) -> Sequence[C]:
        """The choices, none of them where they cannot be read."""
        watcher, kept = watcher_at_work(), self._kept
        if kept is not None and kept[0] is watcher:
            return kept[1]
        changes = self._changes
        try:
            found = self.read()
        except DatabaseError as error:
            if not self._is_failing:
                logger.warning("%s: %s.", self.get_reload_name(), type(error).__name__)
            self._is_failing = True
            return []
        self._is_failing = False
        # A process that nobody tells of changes, as a command, keeps nothing.
        if watcher is not None and changes == self._changes:
            self._kept = watcher, found
        return found

    def read(self) -> Sequence[C]:
        """The choices as they are now. May raise DatabaseError."""
        raise NotImplementedError

    def on_config_changed(self) -> None:
        """Forget them, and what is being read at this moment."""
        self._changes += 1
        self._kept = None


class Sites(Choices[tuple[int, str]]):
    """(id, name) of each site."""

    CONFIG_WATCH: ClassVar[Set[str]] = {"sites.Site"}

    def read(self) -> Sequence[tuple[int, str]]:
        """By priority. One query."""
        sites: Any = oper_of(apps.get_model("sites.Site"))
        return cast("Sequence[tuple[int, str]]", sites.names())


class Downloaders(Choices[str]):
    """Names of the download clients."""

    CONFIG_WATCH: ClassVar[Set[str]] = {SystemConfigKey.Downloaders}

    def read(self) -> Sequence[str]:
        """In the order of the setting."""
        return texts(SystemConfigKey.Downloaders, "name")


class MediaServers(Choices[str]):
    """Names of the media servers."""

    CONFIG_WATCH: ClassVar[Set[str]] = {SystemConfigKey.MediaServers}

    def read(self) -> Sequence[str]:
        """In the order of the setting."""
        return texts(SystemConfigKey.MediaServers, "name")


class RuleGroups(Choices[str]):
    """Names of the groups of filter rules."""

    CONFIG_WATCH: ClassVar[Set[str]] = {SystemConfigKey.UserFilterRuleGroups}

    def read(self) -> Sequence[str]:
        """In the order of the setting."""
        return texts(SystemConfigKey.UserFilterRuleGroups, "name")


class Directories(Choices[str]):
    """Paths of the directories to download to and of the libraries."""

    CONFIG_WATCH: ClassVar[Set[str]] = {SystemConfigKey.Directories}

    def read(self) -> Sequence[str]:
        """Those to download to first."""
        key = SystemConfigKey.Directories
        found = [*texts(key, "download_path"), *texts(key, "library_path")]
        return [*dict.fromkeys(found)]


def texts(key: SystemConfigKey, name: str) -> list[str]:
    """What a setting, a list of objects, has under this name; each text once."""
    rows = SystemConfigOper().get(key)
    found = [
        row.get(name)
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
    ]
    return [*dict.fromkeys(each for each in found if isinstance(each, str) and each)]


sites = Sites()
downloaders = Downloaders()
media_servers = MediaServers()
rule_groups = RuleGroups()
directories = Directories()
