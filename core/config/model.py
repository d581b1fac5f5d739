"""Declared variables with the values that were found, fixed from then on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import environ

from core.config.casts import convert
from core.config.setting import Setting, holds_secret
from core.config.sources import DEFAULT, Source
from core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HIDDEN = "******"
"""What MoviePilot's command line shows instead of a secret."""


@dataclass(frozen=True)
class Given:
    """A text with the place it was found in.

    Not a `str`: django-environ would take "$x" for the name of another variable.
    """

    text: str = field(repr=False)
    source: str


@dataclass(frozen=True)
class Found:
    """A setting's value with the place it was found in."""

    value: Any = field(repr=False)
    source: str


class Model:
    """Base of declarations; an instance holds the values.

    Raises SettingsError for a value that does not convert.
    """

    empty_is_default: ClassVar[bool] = False
    """Whether an empty value is the same as none."""

    _found: Mapping[str, Found]

    def __init__(self, sources: Sequence[Source]) -> None:
        env = environ.Env()
        env.ENVIRON = self._given(sources)
        found = {name: _read(env, each) for name, each in self.declared().items()}
        object.__setattr__(self, "_found", MappingProxyType(found))

    @classmethod
    @cache
    def declared(cls) -> Mapping[str, Setting]:
        """Name → declaration, in the order of names."""
        bodies = [vars(base) for base in reversed(cls.__mro__)]
        settings = {
            name: value
            for body in bodies
            for name, value in body.items()
            if isinstance(value, Setting)
        }
        return dict(sorted(settings.items()))

    def value_of(self, name: str) -> Any:
        """The value of a declared name. Raises KeyError."""
        value = self._found[name].value
        # A copy: whoever adds to it changes nobody else's setting.
        return [*value] if isinstance(value, list) else value

    def source_of(self, name: str) -> str:
        """Where its value was found: a file's name, "process environment", "default".

        Raises KeyError.
        """
        return self._found[name].source

    def as_dict(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Name → value, with secrets hidden unless they are asked for."""
        return {
            name: self.value_of(name) if show_secrets else self.shown(name)
            for name in self.declared()
        }

    def shown(self, name: str) -> Any:
        """The value, or what stands for it where it is secret. Raises KeyError."""
        value = self.value_of(name)
        is_secret = self.declared()[name].is_secret or holds_secret(value)
        # Hiding nothing would say that there is something.
        return HIDDEN if is_secret and value not in (None, "", []) else value

    def secrets(self) -> tuple[str, ...]:
        """The secret texts that somebody set: what must not get into a log."""
        texts: list[str] = []
        for name in self.declared():
            if self.source_of(name) != DEFAULT and self.shown(name) == HIDDEN:
                value = self.value_of(name)
                texts += value if isinstance(value, list) else [value]
        return tuple(texts)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(_refusal(name))

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(_refusal(name))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self.declared())} names>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Settings are not pickled: they hold secrets.")

    def _given(self, sources: Sequence[Source]) -> dict[str, Given]:
        """What was found of the declared names; the first source wins."""
        given = {
            name: Given(source.values[name], source.name)
            for source in reversed(sources)
            for name in self.declared()
            if name in source.values
        }
        if not self.empty_is_default:
            return given
        return {name: each for name, each in given.items() if each.text}


def _read(env: environ.Env, declared: Setting) -> Found:
    def cast(given: Given) -> Found:
        try:
            return Found(convert(given.text, declared.kind), given.source)
        except ValueError as error:
            raise SettingsError(_complaint(declared, given, str(error))) from None

    default = Found(declared.default, DEFAULT)
    found: Found = env.get_value(declared.name, cast=cast, default=default)
    return found


def _complaint(declared: Setting, given: Given, wanted: str) -> str:
    shown = "" if declared.is_secret else f" {given.text[:60]!r}"
    what = f"is{shown} in" if shown else "cannot be used as it stands in"
    place = f"the {given.source}" if " " in given.source else given.source
    return f"{declared.name} {what} {place} — {wanted}."


def _refusal(name: str) -> str:
    return (
        f"{name} cannot be changed while the console runs: set it in the environment "
        "or in .moviepilot.env, and start anew."
    )
