"""A dozen workflows: by timer, by event and by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from core.fields import JSON_NULL
from core.sample.draw import Draw, Row, numbered, stamp

NAMES = {
    "FetchRssAction": "获取 RSS 资源",
    "FetchMediasAction": "获取媒体数据",
    "FetchTorrentsAction": "搜索站点资源",
    "FetchDownloadsAction": "获取下载任务",
    "FilterTorrentsAction": "过滤资源",
    "FilterMediasAction": "过滤媒体数据",
    "AddDownloadAction": "添加下载",
    "AddSubscribeAction": "添加订阅",
    "ScanFileAction": "扫描目录",
    "ScrapeFileAction": "刮削文件",
    "TransferFileAction": "整理文件",
    "SendMessageAction": "发送消息",
    "SendEventAction": "发送事件",
    "NoteAction": "备注",
}
SEARCH = "FetchTorrents FilterTorrents AddDownload"
# Name, description, how it starts, state, and its actions in order.
FLOWS: tuple[tuple[str, str | None, str, str, str], ...] = (
    (
        "每日新片",
        "订阅榜单高分新片",
        "0 9 * * *",
        "S",
        "FetchMedias FilterMedias AddSubscribe",
    ),
    ("RSS 追更", None, "*/30 * * * *", "S", "FetchRss FilterTorrents AddDownload"),
    ("Weekend classics", "Silent films", "0 8 * * 6", "W", "FetchMedias AddSubscribe"),
    ("整理离线目录", "扫描 incoming", "15 3 * * *", "F", "ScanFile TransferFile"),
    ("入库通知", "", "transfer.complete", "S", "SendMessage"),
    ("入库后刮削", None, "transfer.complete", "W", "ScrapeFile Note"),
    ("新增下载提醒", None, "download.added", "P", "SendMessage"),
    ("站点更新后搜索", "", "site.updated", "F", SEARCH),
    ("手动补番", "按需运行", "manual", "S", SEARCH),
    ("Nightly report", None, "30 23 * * *", "R", "FetchDownloads SendMessage"),
    ("下载清单 (旧)", "升级前创建，没有触发方式", "old", "P", "FetchDownloads Note"),
    ("空白流程", None, "manual", "W", ""),
)


def workflows(draw: Draw) -> list[Row]:
    return numbered([_workflow(draw, *flow) for flow in FLOWS])


def _workflow(
    draw: Draw, name: str, description: str | None, start: str, state: str, steps: str
) -> Row:
    actions = [_action(draw, place, step) for place, step in enumerate(steps.split())]
    ids = [action["id"] for action in actions]
    added = draw.ago(500)
    return {
        "name": name,
        "description": description,
        **_trigger(start),
        "state": state,
        "current_action": ",".join(ids[: len(ids) // 2]) if state in "RF" else None,
        "result": "执行失败：没有可用的站点" if state == "F" else draw.pick((None, "")),
        "run_count": draw.between(3, 400) if state in "SF" else 0,
        "actions": actions,
        "flows": _edges(ids),
        "context": {},
        "add_time": stamp(added),
        "last_time": stamp(draw.ago(3)) if state in "SF" else None,
    }


def _trigger(start: str) -> Row:
    """A cron expression, an event, by hand, or a row from before triggers."""
    row: Row = {"timer": None, "event_type": None, "event_conditions": {}}
    if start == "old":
        return row | {
            "timer": "0 4 * * 0",
            "trigger_type": None,
            "event_conditions": None,
        }
    if start == "manual":
        return row | {"trigger_type": "manual", "event_conditions": JSON_NULL}
    if "*" in start:
        return row | {"timer": start, "trigger_type": "timer"}
    conditions = {"type": "电影"} if start == "transfer.complete" else {}
    return row | {
        "trigger_type": "event",
        "event_type": start,
        "event_conditions": conditions,
    }


def _action(draw: Draw, place: int, step: str) -> dict[str, Any]:
    kind = f"{step}Action"
    return {
        "id": draw.hex(8),
        "type": kind,
        "name": NAMES[kind],
        "description": "",
        "position": {"x": 60 + place * 280, "y": draw.between(40, 220)},
        "data": _data(kind),
    }


def _data(kind: str) -> dict[str, Any]:
    if kind == "FetchRssAction":
        return {"url": "https://inkstone.example/rss?passkey=SAMPLE", "proxy": False}
    if kind == "ScanFileAction":
        return {"storage": "local", "directory": "/downloads/incoming"}
    return {}


def _edges(ids: list[str]) -> list[dict[str, Any]]:
    return [
        {"id": f"{first}-{second}", "source": first, "target": second, "animated": True}
        for first, second in pairwise(ids)
    ]
