"""Columns of a transfer, told from the objects that MoviePilot hands over.

They may be of any class; only the names of their attributes count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.fields import JSON_NULL

FILE_ITEM = (
    "storage",
    "path",
    "type",
    "name",
    "basename",
    "extension",
    "size",
    "modify_time",
    "children",
    "fileid",
    "parent_fileid",
    "thumbnail",
    "pickcode",
    "drive_id",
    "url",
)
"""What MoviePilot keeps of a file."""


def described(item: Any) -> dict[str, Any]:
    """A file item as JSON: of a pydantic model, a mapping, or any object."""
    if hasattr(item, "model_dump"):
        return dict(item.model_dump())
    if isinstance(item, Mapping):
        return dict(item)
    found = {name: getattr(item, name) for name in FILE_ITEM if hasattr(item, name)}
    if found.get("children"):
        found["children"] = [described(child) for child in found["children"]]
    return found


def of_source(fileitem: Any, mode: str, meta: Any) -> dict[str, Any]:
    """Columns that tell where a file came from."""
    return {
        "src": fileitem.path,
        "src_storage": fileitem.storage,
        "src_fileitem": described(fileitem),
        "mode": mode,
        "seasons": meta.season,
        "episodes": meta.episode,
    }


def of_media(mediainfo: Any) -> dict[str, Any]:
    """Columns that tell what it was recognised as."""
    return {
        "type": getattr(mediainfo.type, "value", mediainfo.type),
        "category": mediainfo.category,
        "title": mediainfo.title,
        "year": mediainfo.year,
        "tmdbid": mediainfo.tmdb_id,
        "imdbid": mediainfo.imdb_id,
        "tvdbid": mediainfo.tvdb_id,
        "doubanid": mediainfo.douban_id,
        "image": mediainfo.get_poster_image(),
        "episode_group": getattr(mediainfo, "episode_group", None),
    }


def of_target(transferinfo: Any) -> dict[str, Any]:
    """Columns that tell where it went."""
    target = transferinfo.target_item
    return {
        "dest": target.path if target else None,
        "dest_storage": target.storage if target else None,
        "dest_fileitem": described(target) if target else JSON_NULL,
        "files": transferinfo.file_list,
    }
