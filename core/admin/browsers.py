"""Browsers, by what they say of themselves."""

from __future__ import annotations

import re

# In this order: most browsers name others too, for old times' sake.
BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"\bOPR/(\d+)")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/(\d+)")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d+)")),
    ("Chromium", re.compile(r"\bHeadlessChrome/(\d+)")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS)/(\d+)")),
    ("Safari", re.compile(r"\bVersion/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/")),
)
SYSTEMS = (
    ("Android", re.compile(r"\bAndroid\b")),
    ("iOS", re.compile(r"\b(?:iPhone|iPad)\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("macOS", re.compile(r"\bMacintosh\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)
SHORT = 60


def browser(agent: str) -> str:
    """A browser and its system in few words: `Firefox 128 · Linux`.

    What is not known stands as it came, cut short; '' where nothing did.
    """
    for name, pattern in BROWSERS:
        if match := pattern.search(agent):
            parts = [f"{name} {match[1]}", *_system(agent)]
            return " · ".join(parts)
    return agent if len(agent) <= SHORT else f"{agent[:SHORT]}…"


def _system(agent: str) -> list[str]:
    return [name for name, pattern in SYSTEMS if pattern.search(agent)][:1]
