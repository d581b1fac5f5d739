"""Rows of the history tables as MoviePilot writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.opers.tests.support import insert

if TYPE_CHECKING:
    from core.tests.support.libraries import Library


def add_transfer(library: Library, **values: Any) -> int:
    """A film that reached the library."""
    row = {
        "src": "/downloads/a.mkv",
        "src_storage": "local",
        "src_fileitem": {"storage": "local", "path": "/downloads/a.mkv"},
        "dest": "/library/a.mkv",
        "dest_fileitem": {},
        "mode": "link",
        "type": "电影",
        "title": "甲",
        "year": "2020",
        "tmdbid": 1,
        "download_hash": "aa",
        "status": True,
        "date": "2026-01-01 00:00:00",
        "files": ["/downloads/a.mkv"],
    }
    return insert(library, "transferhistory", **{**row, **values})


def add_download(library: Library, **values: Any) -> int:
    """A film that was handed to a downloader."""
    row = {
        "path": "/downloads/a",
        "type": "电影",
        "title": "甲",
        "year": "2020",
        "tmdbid": 1,
        "download_hash": "aa",
        "date": "2026-01-01 00:00:00",
        "note": {"source": None},
    }
    return insert(library, "downloadhistory", **{**row, **values})


def add_file(library: Library, **values: Any) -> int:
    """A file of a download."""
    row = {
        "downloader": "qb",
        "download_hash": "aa",
        "fullpath": "/downloads/a/a.mkv",
        "savepath": "/downloads/a",
        "filepath": "a.mkv",
        "state": 1,
    }
    return insert(library, "downloadfiles", **{**row, **values})
