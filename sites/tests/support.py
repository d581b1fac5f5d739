"""Rows of the tables about sites as MoviePilot writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.opers.tests.support import insert

if TYPE_CHECKING:
    from core.tests.support.libraries import Library


def add_site(library: Library, **values: Any) -> int:
    """An active site."""
    row = {
        "name": "甲",
        "domain": "a.example",
        "url": "https://a.example/",
        "pri": 1,
        "cookie": "synthetic-cookie-1",
        "is_active": True,
        "lst_mod_date": "2026-01-01 00:00:00",
    }
    return insert(library, "site", **{**row, **values})


def add_reading(library: Library, **values: Any) -> int:
    """An account as it was on one day."""
    row = {
        "domain": "a.example",
        "name": "甲",
        "upload": 10.5,
        "seeding_info": [[1, 2]],
        "err_msg": "",
        "updated_day": "2026-01-01",
        "updated_time": "00:00:00",
    }
    return insert(library, "siteuserdata", **{**row, **values})
