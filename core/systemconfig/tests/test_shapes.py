"""The shapes: what MoviePilot stores passes, what breaks it does not."""

import lzma
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from jsonschema import Draft202012Validator

from core.fields import encode_json, shapes
from core.fields.jsontext import JSON_NULL
from core.models import SystemConfig
from core.sample import tables
from core.systemconfig.keys import SystemConfigKey

DATABASES = sorted(Path(settings.BASE_DIR, "../shared/data").glob("*.sqlite.xz"))
K = SystemConfigKey
SERVICE = {"name": "a", "type": "b"}

READABLE = [
    (K.Downloaders, []),
    (K.Downloaders, [{**SERVICE, "path_mapping": [["/a", "/b"]], "later": 1}]),
    (K.Downloaders, [{**SERVICE, "type": "of a plugin", "enabled": 1, "config": None}]),
    (K.MediaServers, [{**SERVICE, "sync_libraries": ["all", 2]}]),
    (K.Notifications, [{**SERVICE, "switchs": [], "config": {"TOKEN": "x"}}]),
    (K.NotificationSwitchs, [{"type": "订阅", "action": "all"}]),
    (K.Directories, [{"name": "a", "priority": 0, "media_type": None}]),
    (K.Storages, [{"type": "local", "config": {}}]),
    (K.IndexerSites, [1, 2]),
    (K.RssUrls, ["https://example.com/rss"]),
    (K.Customization, ["IMAX"]),
    (K.Customization, "IMAX\n3D"),
    (K.PluginFolders, {"a": {"plugins": ["B"], "order": 0}, "b": ["C"]}),
    (K.DefaultTvSubscribeConfig, {"sites": [1], "best_version": 0}),
    (K.NotificationSendTime, {"start": "08:00", "end": "22:00:00"}),
    (K.NotificationSendTime, [{"start": "8:00", "end": "9:30"}]),
    (K.NotificationTemplates, {"organizeSuccess": "{'title': '{{ a }}'}"}),
    (K.NotificationClearBefore, {"all": 1764000000000}),
    (K.ScrapingSwitchs, {"movie_nfo": True, "tv_nfo": "skip"}),
    (K.SubscribeReport, "1"),
    (K.SetupWizardState, True),
    (K.UgreenSessionCache, {"http://nas.example|a": {"token": "synthetic-token-1"}}),
    (K.plugin("Mine"), 0),
]
BREAKING = [
    (K.Downloaders, {"a": SERVICE}, r"At \$:"),
    (K.Downloaders, "text", r"At \$:"),
    (K.Downloaders, [SERVICE, "b"], r"At \$\[1\]:"),
    (K.Downloaders, [{"type": "b"}], r"At \$\[0\]: “name”"),
    (K.Downloaders, [{"name": "a"}], r"At \$\[0\]: “type”"),
    (K.Downloaders, [{"name": "", "type": "b"}], r"\$\[0\]\.name"),
    (K.Downloaders, [{**SERVICE, "path_mapping": [["/a"]]}], r"path_mapping\[0\]"),
    (K.Downloaders, [{**SERVICE, "path_mapping": {"/a": "/b"}}], r"path_mapping:"),
    (K.Downloaders, [{**SERVICE, "config": "host"}], r"\$\[0\]\.config"),
    (K.Downloaders, [{**SERVICE, "enabled": "yes"}], r"\$\[0\]\.enabled"),
    (K.MediaServers, [{**SERVICE, "sync_libraries": "all"}], "sync_libraries"),
    (K.Notifications, [{**SERVICE, "switchs": [1]}], r"switchs\[0\]"),
    (K.NotificationSwitchs, [{"action": "all"}], "type"),
    (K.Directories, [{"priority": None}], "priority"),
    (K.Directories, [{"download_path": 1}], "download_path"),
    (K.Storages, [{"name": "a"}], "type"),
    (K.IndexerSites, ["1"], r"\$\[0\]"),
    (K.IndexerSites, [True], r"\$\[0\]"),
    (K.RssUrls, [None], r"\$\[0\]"),
    (K.CustomFilterRules, [{"id": "A", "name": "a", "seeders": 5}], "seeders"),
    (K.UserFilterRuleGroups, [{"rule_string": "4K"}], "name"),
    (K.SearchFilterRuleGroups, [1], r"\$\[0\]"),
    (K.DefaultMovieSubscribeConfig, {"sites": {}}, r"\$\.sites"),
    (K.UserInstalledPlugins, "AutoSignIn", r"At \$:"),
    (K.NotificationSendTime, {"start": "25:00", "end": "22:00"}, "start"),
    (K.NotificationTemplates, {"organizeSuccess": {}}, "organizeSuccess"),
    (K.UserCustomCSS, [], r"At \$:"),
]


@pytest.mark.parametrize("key", SystemConfigKey)
def test_every_shape_is_a_schema_and_takes_null(key):
    Draft202012Validator.check_schema(key.shape)

    shapes.check(key.shape, None)
    shapes.check(key.shape, JSON_NULL)


@pytest.mark.parametrize(("key", "value"), READABLE, ids=str)
def test_what_moviepilot_reads_passes(key, value):
    shapes.check(key.shape, value)


@pytest.mark.parametrize(("key", "value", "place"), BREAKING, ids=str)
def test_what_breaks_moviepilot_is_refused_with_its_place(key, value, place):
    with pytest.raises(ValidationError, match=place):
        shapes.check(key.shape, value)


@pytest.mark.parametrize("packed", DATABASES, ids=lambda path: path.name)
def test_nothing_in_a_real_database_is_refused(packed, tmp_path):
    path = tmp_path / "user.db"
    path.write_bytes(lzma.decompress(packed.read_bytes()))

    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT key, +value FROM systemconfig").fetchall()

    assert rows
    for key, raw in rows:
        SystemConfig.check_record({"key": key, "value": raw})


def test_nothing_in_the_sample_is_refused():
    rows = dict(tables(scale=0.01))[SystemConfig]

    assert rows
    for row in rows:
        value = encode_json(row["value"])
        SystemConfig.check_record({"key": row["key"], "value": value})


@pytest.mark.parametrize("raw", ["", "{", "nan", b"\xff", "[1] x"])
def test_text_that_is_no_json_is_never_a_record(raw):
    with pytest.raises(ValidationError):
        SystemConfig.check_record({"key": "Unknown", "value": raw})


@pytest.mark.parametrize("raw", [None, "null", "0", 0, 1.5, '""', "{}"])
def test_under_an_unknown_key_any_json_is_a_record(raw):
    SystemConfig.check_record({"key": "Unknown", "value": raw})
    SystemConfig.check_record({"key": None, "value": raw})
