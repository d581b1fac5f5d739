"""Objects of known members, each with an input: only what was edited is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from core.admin.tests.people import add_user
from core.admin.tests.test_record_form import Form, form_of
from core.changes import ChangeSet, undo
from core.models import User

if TYPE_CHECKING:
    from django.test import Client

    from core.tests.support.libraries import Library

STORED = [
    "{}",
    "null",
    None,
    '{"discovery": true, "search": true, "subscribe": true, "manage": false}',
    '{"manage":true,"discovery" : false}',
    '{"manage": 1, "search": "true", "subscribe": null, "discovery": {"a": []}}',
    '{"zeta": 1e2, "\\u6743": "\\u9650", "manage": true, "big": 12345678901234567890}',
    '{"telegram_userid": 700042, "wechat_userid": "wx1", "slack_userid": null}',
    '{"telegram_userid": "a\\nb", "qq_userid": true, "discord_userid": {"x": 1}}',
    '{"nickname": "\\ud83c", "douban_userid": "\\u0000", "feishu_openid": 1.50}',
    '{"nickname": " blanks ", "api_token": "synthetic-token-1"}',
    "[1, 2]",
    '"text"',
    "7",
    "true",
]


def stored(library: Library, pk: int, column: str) -> Any:
    cast = f"{column}::text" if library.vendor == "postgresql" else column
    return library.execute(f'SELECT {cast} FROM "user" WHERE id = ?', pk)[0][0]


def save(client: Client, pk: int, **typed: str | None) -> Form:
    """Save the user's form with these inputs, those of None cleared."""
    form = form_of(client, User, pk)
    for name, value in typed.items():
        if value is None:
            form.untick(name.replace("__", "-member-"))
        else:
            form[name.replace("__", "-member-")] = value
    form.save()
    return form


@pytest.mark.parametrize("column", ["permissions", "settings"])
@pytest.mark.parametrize("text", STORED, ids=range(len(STORED)))
def test_a_form_that_nobody_edited_writes_nothing(
    operator_client: Client, library: Library, column: str, text: str | None
) -> None:
    if library.vendor == "postgresql" and text and "\\ud83c" in text:
        text = text.replace("\\ud83c", "x")  # no half characters there
    pk = add_user(library, "mira", **{column: text})
    before = library.dump()

    form = save(operator_client, pk)

    assert form.page.status_code == 302
    assert library.dump() == before
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize(
    ("text", "typed", "result"),
    [
        ("{}", {"permissions__manage": "on"}, '{"manage": true}'),
        (None, {"permissions__search": "on"}, '{"search": true}'),
        ("null", {"permissions__search": "on"}, '{"search": true}'),
        (
            '{"zeta": [1.5], "manage": true, "alpha": "\\u6743"}',
            {"permissions__manage": None, "permissions__search": "on"},
            '{"zeta": [1.5], "manage": false, "alpha": "\\u6743", "search": true}',
        ),
        (
            '{"manage": 1, "search": "true"}',
            {"permissions__subscribe": "on"},
            '{"manage": 1, "search": "true", "subscribe": true}',
        ),
        (
            '{"manage": 1, "search": "true"}',
            {"permissions__manage": None},
            '{"manage": false, "search": "true"}',
        ),
    ],
    ids=["empty", "sql-null", "json-null", "order", "odd-kept", "odd-edited"],
)
def test_switches_that_were_turned_are_written_and_come_back(
    operator_client: Client,
    library: Library,
    text: str | None,
    typed: dict[str, str | None],
    result: str,
) -> None:
    pk = add_user(library, "mira", permissions=text)
    before = library.dump()

    save(operator_client, pk, **typed)

    assert stored(library, pk, "permissions") == result
    undo(ChangeSet.objects.get())
    assert library.dump() == before


@pytest.mark.parametrize(
    ("text", "typed", "result"),
    [
        ("{}", {"settings__wechat_userid": "wx1"}, '{"wechat_userid": "wx1"}'),
        (
            '{"telegram_userid": 42, "wechat_userid": "wx", "mine": {"a": null}}',
            {"settings__wechat_userid": "微"},
            '{"telegram_userid": 42, "wechat_userid": "\\u5fae", "mine": {"a": null}}',
        ),
        (
            '{"telegram_userid": 42}',
            {"settings__telegram_userid": "43"},
            '{"telegram_userid": "43"}',
        ),
        (
            '{"wechat_userid": "wx", "slack_userid": ""}',
            {"settings__wechat_userid": ""},
            '{"wechat_userid": null, "slack_userid": ""}',
        ),
        (
            '{"token": "synthetic-token-1", "qq_userid": null}',
            {"settings__qq_userid": "7"},
            '{"token": "synthetic-token-1", "qq_userid": "7"}',
        ),
    ],
    ids=["new", "number-kept", "number-edited", "emptied", "secret-kept"],
)
def test_lines_that_were_edited_are_written_and_come_back(
    operator_client: Client,
    library: Library,
    text: str,
    typed: dict[str, str],
    result: str,
) -> None:
    pk = add_user(library, "mira", settings=text)
    before = library.dump()

    form = save(operator_client, pk, **typed)

    assert stored(library, pk, "settings") == result
    assert "synthetic-token" not in form.page.content.decode()
    undo(ChangeSet.objects.get())
    assert library.dump() == before


def test_the_json_beside_the_inputs_is_taken_too(
    operator_client: Client, library: Library
) -> None:
    pk = add_user(library, "mira", permissions='{"manage": true, "x": 1}')

    save(
        operator_client,
        pk,
        permissions='{"x": 2, "manage": false, "new": []}',
        permissions__search="on",
    )

    expected = '{"x": 2, "manage": false, "new": [], "search": true}'
    assert stored(library, pk, "permissions") == expected


def test_broken_json_beside_an_edited_switch_is_refused(
    operator_client: Client, library: Library
) -> None:
    pk = add_user(library, "mira")
    before = library.dump()

    form = save(operator_client, pk, permissions='{"x": ', permissions__search="on")

    assert "not valid JSON" in form.errors()[0]
    assert library.dump() == before


def test_what_is_stored_otherwise_is_shown(
    operator_client: Client, library: Library
) -> None:
    pk = add_user(
        library,
        "mira",
        permissions='{"manage": 1, "search": "true", "features": {"a": true}}',
        settings='{"telegram_userid": 42}',
    )

    html = form_of(operator_client, User, pk).page.content.decode()

    assert "stored as 1" in html
    assert "stored as &quot;true&quot;" in html
    assert "features" in html
    assert "a number" in html


@pytest.mark.parametrize("text", ["[1, 2]", '"text"', "7", "true"])
def test_what_is_no_object_is_edited_as_json(
    operator_client: Client, library: Library, text: str
) -> None:
    pk = add_user(library, "mira", permissions=text)
    form = form_of(operator_client, User, pk)
    assert "field-permissions-members" not in form.values

    form["permissions"] = '{"search": true}'
    form.save()

    assert stored(library, pk, "permissions") == '{"search": true}'


def test_a_switch_that_moved_meanwhile_is_asked_about(
    operator_client: Client, library: Library
) -> None:
    pk = add_user(library, "mira", permissions='{"search": true}')
    form = form_of(operator_client, User, pk)
    library.update("user", pk, permissions='{"search": true, "subscribe": true}')

    form["permissions-member-manage"] = "on"
    form.save()

    html = form.page.content.decode()
    assert "Changed meanwhile" in html
    assert stored(library, pk, "permissions") == '{"search": true, "subscribe": true}'
    mine = {"field-permissions-resolve": "mine"}
    form.save(**mine)
    assert json.loads(stored(library, pk, "permissions")) == {
        "search": True,
        "manage": True,
    }


@pytest.mark.parametrize(
    "sent",
    ["", "{", "[]", "7", '{"manage": 1}', '{"unheard": "on"}', '{"manage": {}}'],
)
def test_a_damaged_form_does_no_harm(
    operator_client: Client, library: Library, sent: str
) -> None:
    pk = add_user(library, "mira", permissions='{"manage": false, "unheard": 1}')
    form = form_of(operator_client, User, pk)

    form["permissions-members"] = sent
    form.save()

    assert form.page.status_code in (200, 302)
    held = json.loads(stored(library, pk, "permissions"))
    assert held == {"manage": False, "unheard": 1}


def test_many_users_are_still_edited_as_json(
    operator_client: Client, library: Library
) -> None:
    pks = [add_user(library, name) for name in ("mira", "tobi")]

    page = operator_client.post(
        "/core/user/bulk/", {"do": "edit", "selected": [*map(str, pks)]}, follow=True
    )

    html = page.content.decode()
    assert 'name="permissions-value"' in html
    assert "permissions-members" not in html
