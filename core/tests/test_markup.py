"""What the templates, the stylesheet and the script promise the browser."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.template.loader import render_to_string

from core.templatetags.console import icon, share_bar

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = ROOT / "static" / "img" / "icons.svg"
TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text()
NEED = {"text": 4.5, "mark": 3.0}


def pictures():
    return {symbol.get("id") for symbol in ET.parse(SPRITE).getroot()}  # noqa: S314  our own file


def colours():
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS)
    return {name: pair for name, *pair in found}


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_needs_nothing_the_security_policy_forbids(path):
    source = path.read_text()

    assert not re.search(r"\sstyle=", source)
    assert not re.search(r"<style|javascript:|\son[a-z]+=", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"\shx-(on|vals=.js:)", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_icon_a_template_names_is_in_the_sprite(path):
    named = re.findall(r'{% icon "([\w-]+)"', path.read_text())

    assert set(named) <= pictures()


def test_every_stylesheet_is_linked():
    linked = re.findall(r"css/([\w-]+\.css)", render_to_string("404.html"))

    assert set(linked) == {path.name for path in (ROOT / "static/css").glob("*.css")}


@pytest.mark.parametrize(
    ("front", "back", "kind"),
    [
        *((front, back, "text") for front in ("text", "muted", "faint", "accent-text")
          for back in ("surface", "canvas", "hover", "raised")),
        *((f"{tone}-text", back, "text")
          for tone in ("success", "warning", "danger", "info")
          for back in ("surface", f"{tone}-soft")),
        ("accent-text", "accent-soft", "text"),
        ("muted", "sunken", "text"),
        ("muted", "accent-soft", "text"),
        ("on-accent", "accent", "text"),
        ("on-accent", "accent-hover", "text"),
        ("on-danger", "danger", "text"),
        ("line-control", "surface", "mark"),
        ("focus", "surface", "mark"),
        ("focus", "accent-soft", "mark"),
    ],
)  # fmt: skip
def test_colours_contrast_enough_in_both_themes(front, back, kind):
    table = colours()

    for theme in (0, 1):
        assert contrast(table[front][theme], table[back][theme]) >= NEED[kind]


def test_an_error_page_renders_without_any_context():
    assert "Something went wrong" in render_to_string("500.html")


def test_an_icon_escapes_its_name():
    assert "<b>" not in icon("<b>")


@pytest.mark.parametrize(
    ("part", "total", "width"), [(1, 4, "25.0%"), (0, 0, "0%"), (3, 3, "100.0%")]
)
def test_a_share_bar_is_as_long_as_its_share(part, total, width):
    assert f'class="share-fill" width="{width}"' in share_bar(part, total)
