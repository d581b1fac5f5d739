"""Taking back a part of a change, forcing conflicts, and restoring a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from core.changes import ChangeSet, delete_records
from core.changes.tests.support import add_sites, edit, stored
from core.tests.test_browser import sign_in
from core.tests.test_browser import window as window  # the fixture
from sites.models import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from core.models import Operator
    from core.tests.support.libraries import SQLiteLibrary
    from core.tests.support.live import LiveConsole


def test_a_part_is_chosen_previewed_and_taken_back(
    window: Page,
    live_console: LiveConsole,
    sqlite_library: SQLiteLibrary,
    operator: Operator,
) -> None:
    first, second, third = add_sites(sqlite_library, 3)
    change_set = edit(Site, timeout=60)
    watch = sign_in(window, live_console)

    window.goto(f"{live_console.url}/core/changeset/{change_set.pk}/")
    window.get_by_label("Select s1").check()
    window.get_by_role("button", name="Undo the chosen").click()
    expect(window.get_by_text("1 chosen entry")).to_be_visible()
    watch.check()
    assert stored(Site, second, "timeout") == 60
    window.get_by_role("button", name="Put 1 record back").click()
    expect(window.get_by_text("Put 1 record back.")).to_be_visible()
    window.goto(f"{live_console.url}/core/changeset/{change_set.pk}/")

    expect(window.get_by_text("partly undone: 1 of 3")).to_be_visible()
    expect(window.get_by_label("Select s1")).to_be_disabled()
    watch.check()
    assert [stored(Site, pk, "timeout") for pk in (first, second, third)] == [
        60,
        15,
        60,
    ]


def test_a_conflict_is_looked_at_and_forced(
    window: Page,
    live_console: LiveConsole,
    sqlite_library: SQLiteLibrary,
    operator: Operator,
) -> None:
    first, second = add_sites(sqlite_library, 2)
    change_set = edit(Site, timeout=60)
    sqlite_library.update("site", second, timeout=99)
    watch = sign_in(window, live_console)

    window.goto(f"{live_console.url}/core/changeset/{change_set.pk}/undo/")
    window.get_by_role("button", name="Put 1 record back").click()
    expect(window.get_by_role("heading", name="Changed by someone")).to_be_visible()
    watch.check()
    window.get_by_label("Put s1 back all the same").check()
    window.get_by_role("button", name="Put the chosen back").click()
    expect(window.get_by_text("Put 1 record back.").first).to_be_visible()

    assert [stored(Site, pk, "timeout") for pk in (first, second)] == [15, 15]
    watch.check()


def test_a_deleted_record_is_found_and_restored(
    window: Page,
    live_console: LiveConsole,
    sqlite_library: SQLiteLibrary,
    operator: Operator,
) -> None:
    [pk] = add_sites(sqlite_library, 1)
    before = sqlite_library.dump()
    delete_records(Site, [pk], reason="gone")
    watch = sign_in(window, live_console)

    window.goto(f"{live_console.url}/core/changeset/")
    window.get_by_role("link", name="Find a record").click()
    window.get_by_role("searchbox").fill("s0")
    window.get_by_role("searchbox").press("Enter")
    window.get_by_role("link", name="s0", exact=True).click()
    expect(window.get_by_text("This record was deleted on")).to_be_visible()
    watch.check()
    window.get_by_role("link", name="Restore", exact=True).click()
    window.get_by_role("button", name="Restore", exact=True).click()
    expect(window.get_by_text("Restored “s0”.")).to_be_visible()

    watch.check()
    assert sqlite_library.dump() == before
    assert ChangeSet.objects.count() == 2
