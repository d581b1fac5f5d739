"""An import in a real browser: from the file to the undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from core.changes import ChangeSet
from core.changes.tests.support import add_sites, stored
from core.tests.test_browser import Watch, open_list, sign_in
from sites.models import Site

if TYPE_CHECKING:
    from pathlib import Path

    from core.models import Operator
    from core.tests.support.libraries import SQLiteLibrary
    from core.tests.support.live import LiveConsole

ROWS = """\
id,name,域名,优先,url,remark
{first},s0,s0.example,40,https://s0.example/,kept apart
{second},s1,s1.example,forty,https://s1.example/,wrong number
,s1,s2.example,3,https://s2.example/,a name that is taken
,s3,s3.example,4,https://s3.example/,new
"""


@pytest.fixture
def sites(sqlite_library: SQLiteLibrary) -> list[int]:
    """Two sites."""
    return add_sites(sqlite_library, 2)


@pytest.fixture
def window(
    browser_page: Page, sites: list[int], live_console: LiveConsole, operator: Operator
) -> tuple[Page, Watch]:
    """A browser of a signed-in operator, on the import of sites."""
    watch = sign_in(browser_page, live_console)
    open_list(browser_page, "Sites")
    browser_page.get_by_role("link", name="Import").click()
    return browser_page, watch


def test_a_file_with_errors_is_mapped_imported_without_them_and_undone(
    window: tuple[Page, Watch], sites: list[int], tmp_path: Path
):
    page, watch = window
    file = tmp_path / "sites.csv"
    text = ROWS.format(first=sites[0], second=sites[1])
    file.write_bytes(text.encode("gb18030"))

    page.set_input_files("#id_file", file)
    page.get_by_role("button", name="Read the table").click()
    expect(page.get_by_text("GB18030")).to_be_visible()
    expect(page.get_by_label("优先")).to_have_value("")
    page.get_by_label("优先").select_option("pri")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".error-table tbody tr")).to_have_count(2)
    expect(page.locator(".error-table")).to_contain_text("Enter a whole number")
    expect(page.locator(".error-table")).to_contain_text("only one such record")
    page.get_by_label("Go on without the 2 rows").check()
    page.get_by_role("button", name="Import 2 records").click()

    expect(page.get_by_text("Imported 2 records.")).to_be_visible()
    assert stored(Site, sites[0], "pri") == 40
    assert stored(Site, sites[1], "pri") == 1
    page.get_by_role("button", name="Undo").first.click()
    page.wait_for_load_state()
    assert ChangeSet.objects.count() == 2
    assert stored(Site, sites[0], "pri") == 0
    watch.check()


def test_a_pasted_table_is_imported(window: tuple[Page, Watch], sites: list[int]):
    page, watch = window

    page.get_by_label("Or paste a table").fill(f"ID\tPriority\n{sites[1]}\t33\n")
    page.get_by_role("button", name="Read the table").click()
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Import 1 record").click()

    expect(page.get_by_text("Imported 1 record.")).to_be_visible()
    assert stored(Site, sites[1], "pri") == 33
    watch.check()
