"""Requests nobody's browser would send, to every address there is."""

from __future__ import annotations

import json
import os
import re
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.models import Operator
from core.tests.support.acceptance import Page
from core.tests.support.odd_values import (
    BODIES,
    COOKIE_VALUES,
    COOKIES,
    FIELDS,
    HEADERS,
    MARKER,
    METHODS,
    NUMBERS,
    ODD,
    QUERIES,
    TYPES,
)
from core.tests.support.people import BACKEND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.tests.support.libraries import Library

FORM = "application/x-www-form-urlencoded"
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


def profile(examples: int) -> hypothesis_settings:
    """So many walks, the same ones each time.

    `FUZZ_EXAMPLES` sets another number, and others each time.
    """
    wanted = int(os.environ.get("FUZZ_EXAMPLES", "0"))
    return hypothesis_settings(
        max_examples=wanted or examples,
        derandomize=not wanted,
        deadline=None,
        database=None,
        suppress_health_check=[*HealthCheck],
        report_multiple_bugs=False,
    )


# --- Addresses


@dataclass(frozen=True)
class Route:
    """One address of the URL configuration, its arguments still open."""

    name: str
    pattern: str

    def path(self, text: str, number: str = "") -> str:
        """The address with these for arguments."""
        whole = re.sub("<int:[^>]+>", coded(number or text), self.pattern)
        return "/" + re.sub("<[^>]+>", lambda _: coded(text), whole)


def coded(text: str) -> str:
    """The text for an address or a form, half characters too."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def coded_pairs(pairs: list[tuple[str, str]]) -> str:
    """A query or a body."""
    return "&".join(f"{coded(name)}={coded(value)}" for name, value in pairs)


def routes() -> list[Route]:
    """Every address but the one that answers whatever is left."""
    found = _routes(get_resolver().url_patterns, "", "")
    return [route for route in found if "(?P" not in route.pattern]


def _routes(patterns: Any, prefix: str, space: str) -> Iterator[Route]:
    for each in patterns:
        at = f"{prefix}{each.pattern}"
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from _routes(each.url_patterns, at, inner)
        elif isinstance(each, URLPattern):
            yield Route(f"{space}{each.name}", at)


# --- What is sent


@dataclass(frozen=True)
class Seed:
    """A form as a browser would send it."""

    method: str
    url: str
    pairs: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Sent:
    """One request."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    type: str = FORM
    extra: dict[str, str] = field(default_factory=dict)


values = st.sampled_from(ODD) | st.text(max_size=20) | st.integers().map(str)
names = st.sampled_from(FIELDS) | st.text(max_size=10)
changes = st.lists(
    st.tuples(
        st.sampled_from(["set", "set", "set", "add", "drop", "repeat", "rename"]),
        st.integers(0, 400),
        values,
        names,
    ),
    max_size=4,
)


def headers() -> st.SearchStrategy[dict[str, str]]:
    """Odd headers, and cookies among them; mostly none."""
    one = st.sampled_from(
        [(name, value) for name, given in HEADERS.items() for value in given]
    )
    cookie = st.tuples(st.sampled_from(COOKIES), st.sampled_from(COOKIE_VALUES))
    cookies = cookie.map(lambda pair: ("HTTP_COOKIE", "=".join(pair)))
    return st.one_of(
        st.just([]),
        st.just([]),
        st.lists(one, max_size=3),
        st.lists(cookies, max_size=1),
    ).map(dict)


def changed(
    pairs: list[tuple[str, str]], edits: list[tuple[str, int, str, str]]
) -> list[tuple[str, str]]:
    """The pairs with some of them set, added, left out, repeated or renamed."""
    pairs = [*pairs]
    for what, at, value, name in edits:
        at = at % len(pairs) if pairs else 0
        if what == "add" or not pairs:
            pairs.append((name, value))
        elif what == "set":
            pairs[at] = (pairs[at][0], value)
        elif what == "repeat":
            pairs += [(pairs[at][0], value)] * 3
        elif what == "rename":
            pairs[at] = (name, pairs[at][1])
        else:
            del pairs[at]
    return pairs


@st.composite
def by_form(draw: Any, seeds: Iterator[Seed]) -> Sent:
    """A form that a page shows, the next one each time, with odd values in it."""
    edits, of_query, extra = draw(changes), draw(changes), draw(headers())
    return of_seed(next(seeds), edits, of_query, extra)


def of_seed(seed: Seed, edits: Any, of_query: Any, extra: dict[str, str]) -> Sent:
    """The form's request, edited."""
    address = urlsplit(seed.url)
    query = parse_qsl(address.query, keep_blank_values=True)
    if seed.method == "GET":
        query = changed([*query, *seed.pairs], edits)
        return Sent("GET", address.path, coded_pairs(query), extra=extra)
    query = changed(query, of_query[:1])
    body = coded_pairs(changed(seed.pairs, edits)).encode()
    return Sent("POST", address.path, coded_pairs(query), body, extra=extra)


@st.composite
def by_route(draw: Any, known: Iterator[Route], kept: list[str]) -> Sent:
    """Any method and body to any address, the next one each time."""
    text = draw(st.sampled_from(["1", *kept[:50]]) | values)
    number = draw(st.sampled_from([*"01234", *NUMBERS]))
    pairs = st.lists(st.tuples(names, values), max_size=4).map(coded_pairs)
    texts = st.lists(values).map(lambda found: json.dumps(found).encode())
    return Sent(
        draw(st.sampled_from(METHODS)),
        next(known).path(text, number),
        draw(st.sampled_from(QUERIES) | pairs),
        draw(st.sampled_from(BODIES) | pairs.map(str.encode) | texts),
        draw(st.sampled_from(TYPES)),
        draw(headers()),
    )


# --- Who sends it, and what is to be expected of an answer


@dataclass
class Fuzzer:
    """Sends requests as people of all roles and judges the answers."""

    library: Library
    people: dict[str, int | None]
    """Their ids, and None for whoever is not signed in."""
    fired: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    """What went wrong, by where: the first request of each."""
    seen: set[str] = field(default_factory=set)

    def client(self, who: str, *, checks_csrf: bool) -> Client:
        """A client of this person, with a session of its own."""
        client = Client(enforce_csrf_checks=checks_csrf, raise_request_exception=False)
        person = self.person(who)
        if person is not None:
            client.force_login(person, backend=BACKEND)
        return client

    def person(self, who: str) -> Operator | None:
        """The operator as it is by now; None where there is none, or none any more."""
        # Read anew: an instance remembers its permissions.
        return Operator.objects.filter(pk=self.people[who]).first()

    def send(self, client: Client, sent: Sent) -> Page:
        """Send it, follow where it leads, judge each answer; the last page."""
        answer = self._one(client, sent)
        url, method = sent.path, sent.method
        for _step in range(3):
            if answer.status_code not in (301, 302, 303, 307, 308):
                break
            url = urljoin(url, answer["Location"])
            method = "GET"
            address = urlsplit(url)
            answer = self._one(client, Sent("GET", address.path, address.query))
        text = "" if method != "GET" and answer.streaming else self._text(answer)
        return Page(None, url, answer.status_code, text)  # type: ignore[arg-type]

    def _one(self, client: Client, sent: Sent) -> Any:
        extra = dict(sent.extra)
        if "HTTP_COOKIE" in extra:
            mine = client.cookies.output(attrs=[], header="", sep=";")
            extra["HTTP_COOKIE"] = f"{mine}; {extra['HTTP_COOKIE']}"
        answer = client.generic(
            sent.method,
            quote(sent.path, safe="/%"),
            sent.body,
            content_type=sent.type,
            secure=False,
            QUERY_STRING=sent.query,
            **extra,
        )
        self.judge(sent, answer)
        return answer

    def judge(self, sent: Sent, answer: Any) -> None:
        """What no answer may be, whatever was asked."""
        told = f"{sent!r:.1500} → {answer.status_code}"
        text = self._text(answer)
        header = answer.serialize_headers().decode("latin-1")
        problems = {
            where(answer): answer.status_code in (500, 501, 502, 504),
            "stack trace": "Traceback (most" in text,
            f"reflected by {answer.status_code}": MARKER in header,
            "leads away": not is_ours(answer.get("Location", "")),
        }
        for problem in [name for name, is_so in problems.items() if is_so]:
            self.failures.setdefault(problem, f"{told}\n{header}\n{trace(answer)}")
        match = answer.wsgi_request.resolver_match
        self.seen |= {match.view_name} if match else set()
        self.fired[f"{sent.method} {answer.status_code}"] += 1

    def told(self) -> str:
        """How much was sent, and what was answered."""
        missed = sorted({route.name for route in routes()} - self.seen)
        return f"{self.fired.total()} requests, {self.fired}; never met: {missed}"

    def _text(self, answer: Any) -> str:
        if answer.streaming and not hasattr(answer, "read_already"):
            answer.read_already = b"".join(answer.streaming_content)
        body = answer.read_already if answer.streaming else answer.content
        return str(body.decode("utf-8", "replace"))


def where(answer: Any) -> str:
    """The error behind an answer and the last of our lines it came through."""
    if not answer.exc_info:
        return "an error"
    frames = traceback.extract_tb(answer.exc_info[2])
    ours = [each for each in frames if str(settings.BASE_DIR) + "/" in each.filename]
    ours = [each for each in ours if ".venv" not in each.filename] or [*frames]
    return f"{answer.exc_info[0].__name__} {ours[-1].filename}:{ours[-1].lineno}"


def trace(answer: Any) -> str:
    """The error behind an answer."""
    lines = traceback.format_exception(*answer.exc_info) if answer.exc_info else []
    return "".join(lines[-12:])


def is_ours(location: str) -> bool:
    """Whether a browser that goes there stays with the console."""
    # As a browser reads it: control characters gone, every slash forward.
    text = re.sub("[\x00-\x20]", "", location).replace("\\", "/")
    there = urlsplit(urljoin("http://testserver/a/b", text))
    return (there.scheme, there.netloc) == ("http", "testserver")
