"""MoviePilot's users in a real browser: switches, a new user, passkeys left behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from core.admin.tests.people import add_orphan, add_passkey, add_setting, add_user
from core.auth.passwords import verify_password
from core.changes.tests.support import stored
from core.models import PassKey, User
from core.tests.test_browser import sign_in
from core.tests.test_browser import window as window  # the fixture

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from core.models import Operator
    from core.tests.support.libraries import SQLiteLibrary
    from core.tests.support.live import LiveConsole

PASSWORD = "synthetic-密码-1"


def test_switches_and_lines_of_a_user_are_edited(
    window: Page,
    live_console: LiveConsole,
    sqlite_library: SQLiteLibrary,
    operator: Operator,
) -> None:
    pk = add_user(
        sqlite_library,
        "mira",
        permissions='{"manage": true, "features": {"a": 1}, "search": 1}',
        settings='{"telegram_userid": 42}',
    )
    add_passkey(sqlite_library, pk, name="Security key", transports="usb")
    add_setting(sqlite_library, "mira", "Layout")
    watch = sign_in(window, live_console)

    window.goto(f"{live_console.url}/core/user/{pk}/change/")
    expect(window.get_by_role("link", name="Security key")).to_be_visible()
    watch.check()
    window.get_by_role("checkbox", name="Manage manage").uncheck()
    window.get_by_role("checkbox", name="Subscribe subscribe").check()
    window.get_by_label("WeChat wechat_userid").fill("微信-1")
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_text("Saved 2 fields.")).to_be_visible()

    watch.check()
    assert json.loads(stored(User, pk, "permissions")) == {
        "manage": False,
        "features": {"a": 1},
        "search": 1,
        "subscribe": True,
    }
    assert json.loads(stored(User, pk, "settings")) == {
        "telegram_userid": 42,
        "wechat_userid": "微信-1",
    }


def test_a_user_is_added_once_passkeys_left_behind_are_deleted(
    window: Page,
    live_console: LiveConsole,
    sqlite_library: SQLiteLibrary,
    operator: Operator,
) -> None:
    add_orphan(sqlite_library, 1, name="left")
    watch = sign_in(window, live_console)

    window.goto(f"{live_console.url}/core/user/add/")
    window.get_by_role("button", name="Delete these passkeys first").click()
    expect(window.get_by_text("Deleted 1 passkey")).to_be_visible()
    watch.check()
    window.get_by_label("Name name", exact=True).fill("yuki")
    window.get_by_role("textbox", name="Password", exact=True).fill(PASSWORD)
    window.get_by_label("Password again").fill(PASSWORD)
    window.get_by_role("checkbox", name="Search search").uncheck()
    window.get_by_role("button", name="Add", exact=True).click()
    expect(window.get_by_role("heading", name="yuki")).to_be_visible()

    watch.check()
    user = User.objects.get_by_name("yuki")
    assert user is not None
    assert verify_password(PASSWORD, user.hashed_password)
    assert user.permissions["search"] is False
    assert not PassKey.objects.list()
