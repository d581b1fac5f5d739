"""One value as HTML."""

from __future__ import annotations

import datetime as dt

import pytest

from core.admin import json_view, values
from core.admin.inputs import RecordInput
from core.admin.masking import (
    UnknownPlaceholder,
    mask_for_edit,
    restore,
)
from core.fields import JSON_NULL, BrokenJSON
from core.models import PassKey, PluginData, Subscribe, SystemConfig, Workflow
from core.secrets import MASK, Masked, mask_json
from history.models import TransferHistory
from sites.models import Site, SiteUserData


@pytest.mark.parametrize(
    ("model", "name", "value", "html"),
    [
        (Subscribe, "name", None, '<span class="null">NULL</span>'),
        (Subscribe, "name", "", '<span class="empty-text">empty</span>'),
        (Subscribe, "name", "<b>&", "&lt;b&gt;&amp;"),
        (Subscribe, "name", "שלום", "<bdi>שלום</bdi>"),
        (Subscribe, "name", "流浪地球", "流浪地球"),
        (Subscribe, "tmdbid", 0, "0"),
        (Subscribe, "tmdbid", "seven", "seven"),
        (Subscribe, "state", "R", '<span title="R">Subscribed</span>'),
        (Subscribe, "state", "?", "?"),
        (Subscribe, "type", "电影", '<span title="Film">电影</span>'),
        (Subscribe, "best_version", 1, '<span class="flag is-on">Yes</span>'),
        (Subscribe, "best_version", 7, '<span class="broken">7</span>'),
        (TransferHistory, "status", False, '<span class="flag is-off">No</span>'),
        (TransferHistory, "status", "false", '<span class="broken">false</span>'),
        (PassKey, "created_at", dt.datetime.fromisoformat("2025-01-02T03:04:05.006"),
         '<time class="stamp">2025-01-02 03:04:05</time>'),
        (SiteUserData, "upload", 1536.0, '<span title="1536.0">1.50 KiB</span>'),
        (SiteUserData, "upload", 7, '<span title="7">7 B</span>'),
        (Site, "cookie", "synthetic", f'<span class="secret">{MASK}</span>'),
        (Site, "cookie", None, '<span class="null">NULL</span>'),
        (SystemConfig, "value", {"a": "x"}, '<span class="json-brief">{1}</span>'),
        (SystemConfig, "value", "synthetic", f'<span class="secret">{MASK}</span>'),
        (Workflow, "context", {"content": "x"}, '<span class="json-brief">{1}</span>'),
        (Subscribe, "sites", JSON_NULL, '<span class="null">JSON null</span>'),
        (Subscribe, "note", [1, 2], '<span class="json-brief">[1, 2]</span>'),
        (Subscribe, "sites", BrokenJSON("{<"),
         '<span class="broken" title="Not valid JSON">{&lt;</span>'),
    ],
)  # fmt: skip
def test_values_are_shown_short(
    model: type, name: str, value: object, html: str
) -> None:
    assert values.show(model, name, value) == html


def test_a_path_keeps_its_end_apart() -> None:
    path = "/media/电视剧/<b>/Season 1/An episode.mkv"

    shown = values.show(TransferHistory, "src", path)

    assert f'<span class="path-tail">{path[-20:]}</span>' in shown
    assert "<b>" not in shown


def test_a_huge_text_is_cut_in_lists_only() -> None:
    text = "x" * 100_000

    assert len(values.show(Subscribe, "description", text)) < 700
    assert text in values.show_full(Subscribe, "description", text)


def test_raw_values_are_read_first() -> None:
    assert "[1]" in values.show_raw(Subscribe, "note", "[1]")
    assert MASK in values.show_raw(Site, "cookie", Masked(MASK))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://example.org/a.png", "https://example.org/a.png"),
        ("http://example.org/a.png", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html;base64,PGI+", ""),
        ("data:image/ico;base64,b'AAAA'", "data:image/ico;base64,AAAA"),
        ("data:image/png;base64," + "A" * 100_000, ""),
        ('data:image/png;base64,AAAA" onerror="alert(1)', ""),
        ("data:image/svg+xml,<svg onload=alert(1)>", ""),
        ("data:text/html;base64,AAAA", ""),
        (
            "https://image.tmdb.org/t/p/w500/x.jpg",
            "https://image.tmdb.org/t/p/w92/x.jpg",
        ),
        (None, ""),
    ],
)
def test_only_safe_small_pictures_are_shown(value: object, shown: str) -> None:
    assert values.picture(value) == shown


def test_json_is_a_tree_with_its_secrets_masked() -> None:
    value = {
        "name": "<b>",
        "password": "synthetic",
        "rss": "https://x/?passkey=synthetic",
    }

    tree = json_view.tree(value)

    assert "synthetic" not in tree
    assert "&lt;b&gt;" in tree
    assert '<details class="json-node" open>' in tree


def test_a_huge_or_deep_tree_is_cut() -> None:
    deep: list[object] = []
    for _ in range(900):
        deep = [deep]

    assert len(json_view.tree([*range(100_000)])) < 200_000
    assert "more" in json_view.tree([*range(100_000)])
    assert "json-view" in json_view.tree(deep)


def test_half_characters_can_be_sent() -> None:
    for html in (json_view.tree(["\ud800"]), json_view.brief(["\ud800"])):
        assert html.encode()
        assert "ud800" in html


def test_placeholders_find_their_secrets_wherever_they_are_moved() -> None:
    stored = [{"token": "synthetic-1"}, {"token": "synthetic-2", "user": "u"}]

    shown = mask_for_edit(stored)
    edited = [shown[1], {"password": shown[0]["token"]}]

    assert "synthetic" not in str(shown)
    assert restore(edited, stored) == [stored[1], {"password": "synthetic-1"}]


def test_a_placeholder_of_another_record_is_unknown() -> None:
    shown = mask_for_edit({"token": "synthetic-1"})

    with pytest.raises(UnknownPlaceholder):
        restore(shown, {"token": "synthetic-2"})


def test_switches_and_blanks_are_not_secret() -> None:
    value = {"token": "", "password": True, "auth": None, "count": 3, "cookie": 12}

    assert mask_json(value) == {**value, "cookie": MASK}


def test_texts_of_a_plugin_are_hidden_whatever_their_name_and_put_back():
    stored = {"note": "hush", "list": ["hush too", 7], "on": True}
    entry = RecordInput(PluginData, "value")

    text = entry.text(stored)

    assert "hush" not in text + entry.show(stored)
    assert entry.parse(text.replace("true", "false"), stored=stored) == {
        **stored,
        "on": False,
    }
