"""Known secrets in every place of a library, and whoever tells one."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin

from django.urls import URLPattern, URLResolver, get_resolver

from core.admin.tests import awkward
from core.fields import JSONColumn
from core.models import PluginData, SystemConfig
from core.tests.support.acceptance import Page, TestClientVisitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.models.base import Record
    from core.tests.support.libraries import Library

ODD = "<\"&'é>"
"""Stands in every secret: HTML, addresses and JSON each write it in another way."""
SETTINGS: dict[str, Any] = {
    "Downloaders": [{"name": "qb", "config": {"host": "h", "password": "?"}}],
    "MediaServers": [{"name": "plex", "config": {"token": "?", "apikey": "?"}}],
    "Notifications": [{"name": "tg", "config": {"TELEGRAM_TOKEN": "?", "x": 1}}],
    "Storages": [{"type": "alist", "config": {"cookie": "?", "password": "?"}}],
    "UserSiteAuthParams": {"site": "s", "params": {"any": "?", "uid": "?"}},
    "AIAgentConfig": {"provider": "p", "api_key": "?"},
    "AIAgentMcpServers": [{"url": "?", "headers": {"any": "?"}}],
    "UgreenSessionCache": {"any": "?"},
    "plugin.Any": {"enabled": True, "notes": "?", "list": ["?"]},
    "NobodyKnowsThis": {"any": "?"},
}


@dataclass
class Secrets:
    """Synthetic secrets, each known by a word that every spelling of it keeps."""

    words: dict[str, str] = field(default_factory=dict)
    """Word → where it was put."""

    def new(self, place: str) -> str:
        """A secret for this place."""
        word = f"synthetic{len(self.words):04d}leak"
        self.words[word] = place
        return f"{word}{ODD}"

    def json(self, place: str) -> dict[str, Any]:
        """JSON with secret parts of every kind, none of them last in a long text."""
        return {
            "password": self.new(place),
            "deep": [{"Cookie": self.new(place), "api_token": self.new(place)}],
            "tokens": [self.new(place), {"any": self.new(place)}],
            "enclosure": f"https://t.example/dl?id=1&passkey={self.new(place)}",
            "filling": "x" * 3000,
        }

    def filled(self, value: Any, place: str) -> Any:
        """The value with a secret for each question mark in it."""
        if isinstance(value, dict):
            return {key: self.filled(each, place) for key, each in value.items()}
        if isinstance(value, list):
            return [self.filled(each, place) for each in value]
        return self.new(place) if value == "?" else value

    def told_by(self, text: str) -> list[str]:
        """The places whose secrets the text tells, base64 included."""
        return [
            f"{place} ({word})"
            for word, place in self.words.items()
            if any(form in text for form in spellings(word))
        ]


def spellings(word: str) -> list[str]:
    """The word, and what it is in base64 wherever in a longer text it begins."""
    raw = word.encode()
    # The first and the last characters depend on what stands beside the word.
    coded = [base64.b64encode(b"\0" * n + raw).decode()[4:-4] for n in range(3)]
    return [word, *coded]


def fill(library: Library, secrets: Secrets) -> dict[type[Record], int]:
    """A row with secrets in every secret place of every table; their ids."""
    models = sorted(
        awkward.record_models(), key=lambda model: model._meta.db_table == "passkey"
    )
    ids = {model: _add(library, secrets, model) for model in models}
    for key, value in SETTINGS.items():
        filled = json.dumps(secrets.filled(value, f"systemconfig {key}"))
        ids[SystemConfig] = library.insert("systemconfig", key=key, value=filled)
    value = json.dumps([secrets.new("plugindata text"), {"n": 1}])
    ids[PluginData] = library.insert("plugindata", plugin_id="P", key="k", value=value)
    return ids


def _add(library: Library, secrets: Secrets, model: type[Record]) -> int:
    given: dict[str, Any] = {}
    for column in model._meta.fields:
        place = f"{model._meta.db_table}.{column.attname}"
        if isinstance(column, JSONColumn):
            given[column.attname] = json.dumps(secrets.json(place))
        elif column.name in model.secret_fields:
            given[column.attname] = secrets.new(place)
    return awkward.add(library, model, "plain", **given)


@dataclass
class Snoop(TestClientVisitor):
    """Reads every answer on the way, redirects too, for secrets it should not tell."""

    secrets: Secrets = field(default_factory=Secrets)
    told: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)

    def get(self, url: str) -> Page:
        return self._followed(url, self.client.get(url))

    def post(self, url: str, data: list[tuple[str, str]]) -> Page:
        kind = "application/x-www-form-urlencoded"
        return self._followed(
            url, self.client.post(url, urlencode(data), content_type=kind)
        )

    def read(self, url: str, answer: Any) -> str:
        """Note what one answer tells; its body."""
        body = b"".join(answer) if answer.streaming else answer.content
        text = str(body.decode())
        everything = f"{answer.serialize_headers().decode()}\n{answer.cookies}\n{text}"
        method = answer.wsgi_request.method
        self.told += [
            f"{method} {url} ({answer.status_code}): {place}"
            for place in self.secrets.told_by(everything)
        ]
        match = getattr(answer, "resolver_match", None)
        self.seen |= {match.view_name} if match else set()
        self.statuses.add(answer.status_code)
        return text

    def _followed(self, url: str, answer: Any) -> Page:
        text = self.read(url, answer)
        while answer.status_code in (301, 302, 303):
            url = urljoin(url, answer["Location"])
            answer = self.client.get(url)
            text = self.read(url, answer)
        return Page(self, url, answer.status_code, text)


def all_names() -> set[str]:
    """Every address of the URL configuration, by its name."""
    return {*_names(get_resolver().url_patterns, "")}


def _names(patterns: Any, prefix: str) -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            inner = f"{prefix}{each.namespace}:" if each.namespace else prefix
            yield from _names(each.url_patterns, inner)
        elif isinstance(each, URLPattern) and each.name:
            yield f"{prefix}{each.name}"
