"""Settings and system configuration side by side, for `manage.py config`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.config import (
    HIDDEN,
    ConfigModel,
    ConsoleModel,
    ConsoleSettings,
    Setting,
    Settings,
    console,
    settings,
)
from core.config.setting import holds_secret
from core.models.configuration import SystemConfig
from core.opers.configuration import SystemConfigOper
from core.secrets import replace_secrets
from core.systemconfig.keys import PluginKey, SystemConfigKey, known_key


@dataclass(frozen=True)
class Entry:
    """One name with its value, and with what may be shown of it."""

    name: str
    value: Any
    masked: Any
    is_setting: bool

    @property
    def is_hidden(self) -> bool:
        """Whether something of the value must not be shown."""
        return bool(self.masked != self.value)

    def text(self, *, show_secrets: bool) -> str:
        """The value in one line, as it may be shown."""
        shown = self.value if show_secrets else self.masked
        return text_of(shown) if self.is_setting else json_of(shown)

    def line(self, *, show_secrets: bool) -> str:
        """The name with the value, in one line."""
        return f"{text_of(self.name)}={self.text(show_secrets=show_secrets)}"


def declared(name: str) -> list[Setting]:
    """The declarations of a name: MoviePilot's, the console's, or both."""
    models = (ConfigModel, ConsoleModel)
    return [each.declared()[name] for each in models if name in each.declared()]


def owner(name: str) -> Settings | ConsoleSettings:
    """Whose value a name stands for: MoviePilot's, where both have it."""
    return settings if name in settings.declared() else console


def setting_entries() -> list[Entry]:
    """Every setting, by name."""
    names = {*settings.declared(), *console.declared()}
    return [setting_entry(name) for name in sorted(names)]


def setting_entry(name: str) -> Entry:
    """One setting. Raises KeyError."""
    value, masked = owner(name).value_of(name), owner(name).shown(name)
    return Entry(name, value, masked, is_setting=True)


def stored_entries() -> list[Entry]:
    """All of the system configuration that the database holds, by key."""
    stored = SystemConfigOper().all()
    return [_stored(key, stored[key]) for key in sorted(stored)]


def entry(name: str) -> Entry | None:
    """What stands under this name; None for one that nobody knows."""
    return setting_entry(name) if declared(name) else stored_entry(name)


def stored_entry(key: str) -> Entry | None:
    """One key of the system configuration; None for one that nobody knows."""
    stored = SystemConfigOper().all()
    if key not in stored and known_key(key) is None:
        return None
    return _stored(key, stored.get(key))


def setting_names() -> list[str]:
    """The names of all settings."""
    return sorted({*settings.declared(), *console.declared()})


def stored_keys() -> list[str]:
    """The keys of the system configuration: those known, and others that were found."""
    return sorted({*SystemConfigKey.values, *SystemConfigOper().all()})


def writable_key(key: str) -> SystemConfigKey | PluginKey | None:
    """The key to write under; None for one that nobody knows."""
    known = known_key(key)
    if known is None and key in SystemConfigOper().all():
        # Plugins keep settings under other keys too: what is there may be edited.
        return PluginKey(key)
    return known


def text_of(value: Any) -> str:
    """A value in one line: text as it is, everything else as JSON."""
    if isinstance(value, str) and value.isprintable():
        return value
    # Escaped: a line break or a control character would be more than a text here.
    return json.dumps(value, ensure_ascii=isinstance(value, str))


def json_of(value: Any) -> str:
    """A value as JSON in one line."""
    shown = json.dumps(value, ensure_ascii=False)
    return shown if shown.isprintable() else json.dumps(value)


def _stored(key: str, value: Any) -> Entry:
    every_text = SystemConfig.every_text_is_secret(key)
    masked = replace_secrets(value, lambda _part: HIDDEN, every_text=every_text)
    return Entry(key, value, _without_logins(masked), is_setting=False)


def _without_logins(value: Any) -> Any:
    """The same structure without addresses that hold a password."""
    if isinstance(value, dict):
        return {key: _without_logins(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_without_logins(child) for child in value]
    return HIDDEN if holds_secret(value) else value
