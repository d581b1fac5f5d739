"""Messages, kept and listed."""

import enum

import pytest
from asgiref.sync import async_to_sync

from core.models import Message
from core.opers.messages import MessageOper
from core.opers.tests.support import ids, insert, stored, undo_last


class Channel(enum.Enum):
    WECHAT = "微信"


class Kind(enum.Enum):
    DOWNLOAD = "资源下载"


def test_a_message_is_stored_as_moviepilot_stores_it(library):
    before = library.dump()
    oper = MessageOper()

    row = oper.add(
        Channel.WECHAT,
        "bot",
        Kind.DOWNLOAD,
        title="Title",
        userid=7,
        note=[],
        date="2026-01-01",
        unknown=1,
    )

    pk = row.pop("id")
    stamp = row.pop("reg_time")
    assert len(stamp) == 19
    assert row == {
        "channel": "微信",
        "source": "bot",
        "mtype": "资源下载",
        "title": "Title",
        "text": None,
        "image": None,
        "link": None,
        "userid": "7",
        "action": 1,
        "note": {},
    }
    assert stored(library, "message", pk, "note", "reg_time") == ("{}", stamp)
    undo_last()
    assert library.dump() == before


def test_a_message_may_say_nothing_or_be_a_record(library):
    oper = MessageOper()

    empty = oper.add()
    whole = oper.add(Message(title="whole", reg_time="2026-01-01 00:00:00"))
    awaited = async_to_sync(oper.async_add)("Telegram", action=0, note=[{"a": 1}])

    assert (empty["channel"], empty["mtype"], empty["note"]) == ("", "", {})
    assert (whole["title"], whole["channel"]) == ("whole", None)
    assert whole["reg_time"] == "2026-01-01 00:00:00"
    assert isinstance(awaited, Message)
    assert (awaited.channel, awaited.action, awaited.note) == (
        "Telegram",
        0,
        [{"a": 1}],
    )


@pytest.fixture
def talk(library):
    """Five messages: sent at 1, 2, 2, 4 o'clock, received at 3; ids in that order."""
    rows = [(1, 1, "a.jpg"), (2, 1, None), (2, 1, "b.jpg"), (4, 1, ""), (3, 0, None)]
    return [
        insert(
            library,
            "message",
            title=f"m{number}",
            reg_time=f"2026-01-01 0{hour}:00:00",
            action=action,
            image=image,
        )
        for number, (hour, action, image) in enumerate(rows)
    ]


def test_pages_are_newest_first(library, talk):
    a, b, c, d, received = talk
    oper = MessageOper()

    assert ids(oper.list_by_page()) == [d, received, c, b, a]
    assert ids(oper.list_by_page(1, 2)) == [d, received]
    assert ids(oper.list_by_page(page=3, count=2)) == [a]
    assert oper.list_by_page(9, 2) == []
    assert (
        ids(oper.list_by_page(0, 2)) == ids(oper.list_by_page(-1, 2)) == [d, received]
    )
    assert ids(oper.list_by_page(3, -1)) == [d, received, c, b, a]
    assert ids(oper.list_by_page(None, None)) == [d, received, c, b, a]
    assert ids(async_to_sync(oper.async_list_by_page)(2, 2)) == [c, b]


def test_a_page_has_thirty_messages_unless_told(sqlite_library):
    for number in range(31):
        insert(sqlite_library, "message", title=f"m{number}")

    assert len(MessageOper().list_by_page()) == 30
    assert len(MessageOper().list_by_page(2)) == 1


def test_of_what_was_sent_the_cleared_is_left_out(library, talk):
    a, b, c, d, _received = talk
    oper = MessageOper()
    mark = "2026-01-01 02:00:00"

    assert ids(oper.list_sent_by_page()) == [d, c, b, a]
    assert ids(oper.list_sent_by_page(all_clear_before=mark)) == [d]
    assert ids(oper.list_sent_by_page(system_clear_before=mark)) == [d, c, a]
    assert ids(oper.list_sent_by_page(media_clear_before=mark)) == [d, b]
    assert ids(async_to_sync(oper.async_list_sent_by_page)(2, 3)) == [a]
    assert ids(oper.list_sent_by_page(0, 2, "", mark, mark)) == [d]
