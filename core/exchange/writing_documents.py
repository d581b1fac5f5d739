"""JSON Lines and YAML: an object for each record, one after the other.

The YAML is written here, not by PyYAML, which takes ten times as long: a list of
mappings whose values are JSON, of which YAML reads nearly all as it is meant. What it
would not is written otherwise, or left to PyYAML.
"""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import yaml

from core.exchange.cells import document_writer, is_flag, is_number
from core.exchange.left_out import holds_secret
from core.fields import JSONColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.changes.reading import StoredRow
    from core.exchange.cells import Field

    Spell = Callable[[Any], str]

NO_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What a YAML text takes for the end of a line, or refuses."""
EXPONENT = re.compile(r"(?<![\w.])(-?[0-9]+)(?=e[+-])")
"""A number that YAML takes for a text, as it has no point; or part of a text."""
MOST_KEY = 1000
"""Characters within which YAML looks for the colon behind a name."""
LONG_KEY = re.compile(rf'"(?:[^"\\]|\\.){{{MOST_KEY},}}":')


class DocumentWriter:
    """One object for each record."""

    def __init__(self, fields: Sequence[Field], *, with_secrets: bool) -> None:
        self.columns = [
            (
                field.attname,
                self._spell(field),
                isinstance(field, JSONColumn) and not with_secrets,
            )
            for field in fields
        ]

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def rows(self, rows: Sequence[StoredRow]) -> bytes:
        """The records of one page."""
        return "".join(map(self.record, rows)).encode()

    def tail(self) -> bytes:
        """Nothing."""
        return b""

    def parts(self, row: StoredRow) -> Iterator[tuple[str, str]]:
        """(name, value as it is written) of what is not left out."""
        for (name, spell, is_looked_at), raw in zip(self.columns, row, strict=True):
            if raw is None:
                yield name, "null"
            elif not is_looked_at or not holds_secret(raw):
                yield name, spell(raw)

    def record(self, row: StoredRow) -> str:
        """A record."""
        raise NotImplementedError

    def json(self, text: str) -> str:
        """JSON, whose characters stand for themselves, as it is written."""
        raise NotImplementedError

    def _spell(self, field: Field) -> Spell:
        """What writes a raw value that is not NULL."""
        document = document_writer(field)
        if isinstance(field, JSONColumn):
            return lambda raw: self.json(_json_text(raw, document(raw)))
        if is_flag(field) or is_number(field):
            return lambda raw: self.json(json.dumps(document(raw)))
        return lambda raw: self.json(
            encode_basestring(raw)
            if type(raw) is str
            else json.dumps(document(raw), ensure_ascii=False)
        )


class JSONLinesWriter(DocumentWriter):
    """An object a line."""

    def json(self, text: str) -> str:
        return text

    def record(self, row: StoredRow) -> str:
        pairs = ", ".join([f'"{name}": {value}' for name, value in self.parts(row)])
        return f"{{{pairs}}}\n"


class YAMLWriter(DocumentWriter):
    """A list of mappings."""

    is_empty = True

    def rows(self, rows: Sequence[StoredRow]) -> bytes:
        self.is_empty = self.is_empty and not rows
        return super().rows(rows)

    def tail(self) -> bytes:
        """An empty list is written as one; a file without a word would be null."""
        return b"[]\n" if self.is_empty else b""

    def json(self, text: str) -> str:
        return yaml_text(text)

    def record(self, row: StoredRow) -> str:
        lines = "\n  ".join([f"{name}: {value}" for name, value in self.parts(row)])
        return f"- {lines or '{}'}\n"


def _json_text(raw: Any, value: Any) -> str:
    """The value of a JSON column as JSON, whose characters stand for themselves."""
    is_stored_text = type(raw) is str and "\\u" not in raw and not _is_wrapped(value)
    return raw if is_stored_text else json.dumps(value, ensure_ascii=False)


def _is_wrapped(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"$json"}


def yaml_text(text: str) -> str:
    """JSON as YAML reads it, on one line."""
    if text[0] not in '"[{':
        return EXPONENT.sub(r"\1.0", text)
    if text[0] != '"' and _is_beyond(text):
        return _dumped(json.loads(text))
    is_plain = text.isascii() and "\x7f" not in text
    return text if is_plain else NO_YAML.sub(_escape, text)


def _is_beyond(text: str) -> bool:
    """Whether there may be more in this JSON than YAML can take."""
    if len(text) > MOST_KEY and LONG_KEY.search(text):
        return True
    return ("e-" in text or "e+" in text) and bool(EXPONENT.search(text))


class OneLine(yaml.SafeDumper):
    """Quotes every text, so that none goes on in the next line."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


OneLine.add_representer(str, _quoted)


def _dumped(value: Any) -> str:
    return yaml.dump(
        value,
        Dumper=OneLine,
        default_flow_style=True,
        sort_keys=False,
        allow_unicode=True,
        width=float("inf"),
    ).strip()


def _escape(char: re.Match[str]) -> str:
    return f"\\u{ord(char[0]):04x}"
