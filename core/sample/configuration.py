"""MoviePilot's settings: the documented keys, plugin settings and a few free ones."""

from __future__ import annotations

from typing import Any

from core.fields import JSON_NULL
from core.sample import vocabulary as words
from core.sample.draw import Draw, Row, numbered
from core.sample.library import EMBY, EMBY_LIBRARIES, JELLYFIN, LIBRARIES
from core.sample.sites import DELETED_IDS, Tracker

NOTIFICATION_TYPES = (
    "资源下载", "整理入库", "订阅", "站点", "媒体服务器", "手动处理", "插件", "其它",
)  # fmt: skip
TELEGRAM = "客厅 Telegram"
WECHAT = "家庭微信"


def settings(draw: Draw, known: list[Tracker]) -> list[Row]:
    values = {
        **_services(),
        **_paths(),
        **_site_choices(draw, known),
        **_rules(),
        **_messages(),
        **_interface(),
        **_plugins(draw),
        **_free(draw),
    }
    return numbered([{"key": key, "value": value} for key, value in values.items()])


def _services() -> dict[str, Any]:
    return {
        "Downloaders": [
            _downloader("qbittorrent", "qbittorrent", 8080, default=True),
            _downloader("transmission", "transmission", 9091),
            _downloader("qb-seedbox", "qbittorrent", 18080, enabled=False),
        ],
        "MediaServers": [
            _media_server(JELLYFIN, "jellyfin", 8096, list(LIBRARIES.values())),
            _media_server(EMBY, "emby", 18096, list(EMBY_LIBRARIES.values())),
        ],
        "UserSiteAuthParams": {
            "site": "inkstone",
            "params": {"uid": "1", "passkey": "SAMPLE-AUTH-PASSKEY"},
        },
        "AIAgentConfig": {"providers": {}},
    }


def _downloader(
    name: str, kind: str, port: int, *, default: bool = False, enabled: bool = True
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "default": default,
        "enabled": enabled,
        "path_mapping": [["/downloads", "/data/downloads"]],
        "config": {
            "host": f"http://{name}.nas.example:{port}",
            "username": "sample",
            "password": f"SAMPLE-PASSWORD-{name}",
            "category": False,
        },
    }


def _media_server(
    name: str, kind: str, port: int, libraries: list[str]
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "enabled": True,
        "sync_libraries": libraries,
        "config": {
            "host": f"http://{kind}.nas.example:{port}/",
            "play_host": "",
            "apikey": f"SAMPLE-APIKEY-{kind}",
        },
    }


def _paths() -> dict[str, Any]:
    return {
        "Directories": [
            _directory("电影", 0, "/downloads/电影", "电影"),
            _directory("电视剧", 1, "/downloads/电视剧", "电视剧"),
            _directory("动漫", 2, "/downloads/动漫", "电视剧", category="日番"),
        ],
        "Storages": [
            {"type": "local", "name": "本地", "config": {}},
            {"type": "alipan", "name": "云盘 A", "config": {}},
            {"type": "u115", "name": "云盘 B", "config": {"token": "SAMPLE-TOKEN-B"}},
            {"type": "rclone", "name": "RClone", "config": {"filepath": ""}},
            {"type": "alist", "name": "OpenList", "config": {"password": "SAMPLE"}},
        ],
        "TransferExcludeWords": ["sample", "预告", "花絮", "(?i)trailer"],
        "ScrapingSwitchs": {"movie_nfo": True, "tv_nfo": True, "episode_thumb": False},
    }


def _directory(
    name: str, priority: int, path: str, kind: str, *, category: str = ""
) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "storage": "local",
        "download_path": path,
        "media_type": kind,
        "media_category": category,
        "monitor_type": "downloader",
        "monitor_mode": "fast",
        "transfer_type": "link",
        "overwrite_mode": "size",
        "library_path": f"/media/{kind}",
        "library_storage": "local",
        "renaming": True,
        "scraping": True,
        "notify": True,
        "library_category_folder": True,
    }


def _site_choices(draw: Draw, known: list[Tracker]) -> dict[str, Any]:
    """Sites to search and to subscribe to; one of each was deleted since."""
    ids = [tracker.id for tracker in known]
    return {
        "IndexerSites": sorted([*draw.some(ids, 24, 30), DELETED_IDS[1]]),
        "RssSites": sorted([*draw.some(ids, 8, 12), DELETED_IDS[2]]),
    }


def _rules() -> dict[str, Any]:
    uhd, daily, anime, discs = words.RULE_GROUPS
    return {
        "CustomFilterRules": [
            _rule("BIGFILE", "大文件", size_range="8000-60000"),
            _rule("FANSUB", "字幕组", include="字幕组|字幕社|Raws|Subs"),
            _rule("NOCAM", "非枪版", exclude="(?i)\\b(CAM|TS)\\b|枪版"),
        ],
        "UserFilterRuleGroups": [
            _group(uhd, " 4K & CNSUB & !BLU > 1080P & CNSUB "),
            _group(daily, " 1080P & CNSUB > 1080P > 720P ", "电视剧"),
            _group(anime, " FANSUB & 1080P > FANSUB ", "电视剧", "日番"),
            _group(discs, " BLU & 4K > REMUX & 4K ", "电影"),
        ],
        "SearchFilterRuleGroups": [daily],
        "SubscribeFilterRuleGroups": [daily, anime],
        "BestVersionFilterRuleGroups": [uhd],
        "SubscribeDefaultParams": {"quality": "", "exclude": "枪版"},
        "DefaultMovieSubscribeConfig": {"resolution": "1080[pi]", "sites": [1, 2, 3]},
        "DefaultTvSubscribeConfig": {"best_version": 0},
        "TorrentsPriority": ["torrent", "site", "upload", "seeder"],
        "CustomReleaseGroups": list(words.FANSUB_GROUPS),
        "Customization": ["导演剪辑版", "IMAX"],
        "CustomIdentifiers": ["# 译名", "旧译名 => 新译名", "EP <> END >> EP-12"],
    }


def _rule(code: str, name: str, **conditions: str) -> dict[str, str]:
    columns = ("include", "exclude", "size_range", "seeders", "publish_time")
    return {"id": code, "name": name, **dict.fromkeys(columns, ""), **conditions}


def _group(name: str, rules: str, kind: str = "", category: str = "") -> dict[str, str]:
    return {
        "name": name,
        "rule_string": rules,
        "media_type": kind,
        "category": category,
    }


def _messages() -> dict[str, Any]:
    telegram = {"TELEGRAM_TOKEN": "SAMPLE-TELEGRAM-TOKEN", "TELEGRAM_CHAT_ID": "700000"}
    wechat = {"WECHAT_CORPID": "SAMPLE", "WECHAT_APP_SECRET": "SAMPLE-WECHAT-SECRET"}
    admins = ("站点", "媒体服务器", "插件")
    return {
        "Notifications": [
            _channel(TELEGRAM, "telegram", list(NOTIFICATION_TYPES), telegram),
            _channel(WECHAT, "wechat", ["资源下载", "整理入库"], wechat),
        ],
        "NotificationSwitchs": [
            {"type": each, "action": "admin" if each in admins else "all"}
            for each in NOTIFICATION_TYPES
        ],
        "NotificationSendTime": {"start": "08:00", "end": "23:30"},
        "NotificationTemplates": {
            "subscribeAdded": "{'title': '{{ title_year }}', 'text': '{{ username }}'}",
        },
    }


def _channel(
    name: str, kind: str, switches: list[str], config: dict[str, str]
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "enabled": True,
        "switchs": switches,
        "config": config,
    }


def _interface() -> dict[str, Any]:
    return {
        "SetupWizardState": True,
        "SubscribeReport": "1",
        "PluginInstallReport": "1",
        "UserCustomCSS": "/* 夜间模式 */\n.v-card { border-radius: 8px; }",
        "FollowSubscribers": ["sample-sharer"],
    }


def _plugins(draw: Draw) -> dict[str, Any]:
    """Installed plugins and the settings of each, under `plugin.<id>`."""
    values: dict[str, Any] = {
        "UserInstalledPlugins": list(words.PLUGINS),
        "PluginFolders": {"日常": {"plugins": list(words.PLUGINS[:3]), "order": 0}},
    }
    for plugin in words.PLUGINS:
        values[f"plugin.{plugin}"] = {
            "enabled": draw.chance(0.8),
            "cron": f"{draw.between(0, 59)} {draw.between(0, 23)} * * *",
            "token": f"SAMPLE-{draw.hex(12)}",
            "notify": draw.chance(0.5),
        }
    return values


def _free(draw: Draw) -> dict[str, Any]:
    """Keys outside MoviePilot's list: workflow caches and what plugins left."""
    return {
        "WorkflowCache-1": [draw.hex(32) for _ in range(5)],
        "WorkflowCache-4": [draw.hex(32)],
        "WatchDiaryLastSync": 1_764_000_000,
        "LanternSignInMigrated": JSON_NULL,
    }
