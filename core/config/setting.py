"""What is declared of a variable: type, default, meaning, and whether it is secret."""

import re
from typing import Any

SECRET_NAMES = frozenset(
    {
        "API_TOKEN",
        "DB_POSTGRESQL_PASSWORD",
        "RESOURCE_SECRET_KEY",
        "SECRET_KEY",
        "SUPERUSER_PASSWORD",
    }
)
SECRET_ENDINGS = ("_TOKEN", "_PASSWORD", "_SECRET", "_API_KEY")
"""MoviePilot's command line hides values under these names, declared or not."""
SECRET_IN_ADDRESS = re.compile(
    r"://[^/?#\s]*:[^/?#\s]+@|[?&;]\w*(?:pass|key|token|secret|sign|auth)\w*=.",
    re.IGNORECASE,
)


def holds_secret(value: object) -> bool:
    """Whether a text, or one of a list, is an address with a password or a key."""
    texts = value if isinstance(value, list) else [value]
    return any(
        isinstance(text, str) and SECRET_IN_ADDRESS.search(text) for text in texts
    )


def is_secret_name(name: str) -> bool:
    """Whether a value under this name is hidden for its name alone."""
    return name in SECRET_NAMES or name.endswith(SECRET_ENDINGS)


class Setting:
    """A variable, declared in the body of a class: see `setting`.

    Of the class it is the declaration, of an instance the value that was read.
    """

    name: str
    kind: Any
    """Its type, as annotated."""

    def __init__(
        self, default: Any, description: str, *, secret: bool, otherwise: str
    ) -> None:
        self.default = default
        self.description = description
        self.is_secret = secret
        self.otherwise = otherwise

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.kind = owner.__annotations__[name]
        self.is_secret = self.is_secret or is_secret_name(name)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else instance.value_of(self.name)

    def __set__(self, instance: Any, value: Any) -> None:
        # With a setter, no attribute of the instance can come before what was read.
        raise AttributeError(f"{self.name} cannot be changed.")

    @property
    def type_name(self) -> str:
        """The type as one writes it."""
        plain = isinstance(self.kind, type) and not hasattr(self.kind, "__args__")
        return self.kind.__name__ if plain else str(self.kind)


def setting(
    default: Any, description: str, *, secret: bool = False, otherwise: str = ""
) -> Any:
    """Declare a variable: `TRANSFER_THREADS: int = setting(1, "Files organised …")`.

    `secret` is for what its name does not tell; `otherwise` says what counts when it
    is not set and the default is empty.
    """
    return Setting(default, description, secret=secret, otherwise=otherwise)
