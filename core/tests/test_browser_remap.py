"""A path remap in a real browser, with and without JavaScript, wide and narrow."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from core.changes.tests.support import add
from core.tests.test_browser import open_list, sign_in, window

if TYPE_CHECKING:
    from core.models import Operator
    from core.tests.support.libraries import Library
    from core.tests.support.live import LiveConsole

__all__ = ["window"]

OLD, NEW = "/volume1/媒体", "/media"
FOLDERS = (
    "电影/流浪地球 (2019)",
    "电视剧/三体 (2023)/Season 1",
    "动画/千与千寻 (2001)",
)


def add_paths(library: Library) -> None:
    """Transfers, subscriptions and settings with paths under the old prefix."""
    rows = [
        {
            "title": folder.split("/")[1],
            "src": f"/downloads/{n}.mkv",
            "dest": f"{OLD}/{folder}/{n}.mkv",
            "dest_fileitem": json.dumps({"path": f"{OLD}/{folder}/{n}.mkv"}),
            "files": json.dumps([f"/downloads/{n}.mkv"]),
            "status": True,
            "date": "2025-03-04 05:06:07",
        }
        for n in range(60)
        for folder in [FOLDERS[n % 3]]
    ]
    add(library, "transferhistory", rows)
    subscriptions = [
        {"name": f"n{n}", "state": "N", "save_path": f"{OLD}/{n}"} for n in range(4)
    ]
    add(library, "subscribe", subscriptions)
    folders = [{"name": "电影", "priority": 1, "library_path": f"{OLD}/电影"}]
    mapping = [{"name": "qb", "type": "qbittorrent", "path_mapping": [[OLD, "/d"]]}]
    settings = {"Directories": folders, "Downloaders": mapping}
    add(
        library,
        "systemconfig",
        [{"key": key, "value": json.dumps(value)} for key, value in settings.items()],
    )


def picture(page: Page, name: str) -> None:
    """Kept where MPADMIN_PICTURES says, to be looked at."""
    folder = os.environ.get("MPADMIN_PICTURES")
    if folder:
        size = page.viewport_size or {"width": 0}
        page.screenshot(
            path=Path(folder, f"{name}-{size['width']}.png"), full_page=True
        )


@pytest.mark.parametrize(
    ("library", "window"),
    [
        ("sqlite", "desktop"),
        ("sqlite", "phone"),
        ("sqlite", "without-script"),
        ("postgresql", "desktop"),
    ],
    indirect=True,
)
def test_remap_undo(
    library: Library, live_console: LiveConsole, operator: Operator, window: Page
) -> None:
    page = window
    add_paths(library)
    before = library.dump()
    watch = sign_in(page, live_console)
    open_list(page, "Path remap")
    page.get_by_label("Old prefix").fill(OLD)
    page.get_by_label("New prefix").fill(NEW)
    picture(page, "remap-form")
    watch.check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Path remap: preview")
    expect(page.locator(".stat.is-accent dd")).to_have_text("66")
    expect(page.get_by_text("60 records").first).to_be_visible()
    expect(page.get_by_role("link", name="三体").first).to_be_visible()
    picture(page, "remap-preview")
    watch.check()
    assert library.dump() == before

    page.get_by_label("Save path", exact=False).uncheck()
    page.get_by_role("button", name="Preview again").click()
    expect(page.locator(".stat.is-accent dd")).to_have_text("62")
    page.get_by_label("Reason").fill("a new disk")
    page.get_by_role("button", name="Apply to 62 records").click()
    expect(page.get_by_text("Remapped the paths of 62 records.")).to_be_visible()
    expect(page.get_by_text("MoviePilot must be restarted")).to_be_visible()
    expect(page.locator(".operation-list")).to_contain_text(f"{OLD} → {NEW}")
    picture(page, "remap-change")
    watch.check()
    [(target,)] = library.execute("SELECT dest FROM transferhistory WHERE id = 1")
    assert target == f"{NEW}/{FOLDERS[0]}/0.mkv"
    [(path,)] = library.execute("SELECT save_path FROM subscribe WHERE id = 1")
    assert path == f"{OLD}/0"

    page.locator(".page-actions").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Put 62 records back.")).to_be_visible()
    assert library.dump() == before
    watch.check()


def test_in_the_dark(
    library: Library, live_console: LiveConsole, operator: Operator, browser_page: Page
) -> None:
    page = browser_page
    page.emulate_media(color_scheme="dark")
    add_paths(library)
    watch = sign_in(page, live_console)
    open_list(page, "Path remap")
    page.get_by_label("Old prefix").fill(OLD)
    page.get_by_label("New prefix").fill(f"{OLD}/x/")
    picture(page, "dark-remap-form")
    page.get_by_role("button", name="Preview").click()

    expect(page.get_by_text("a second remap would put it in")).to_be_visible()
    picture(page, "dark-remap-preview")
    library.execute("UPDATE subscribe SET save_path = NULL WHERE id = 1")
    page.get_by_role("button", name="Apply to 66 records").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The hits have changed")
    picture(page, "dark-remap-moved")
    # The answer's own status, as the browser and its console tell it.
    assert all("409" in told for told in watch.found)
