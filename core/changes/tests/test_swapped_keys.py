"""Records that take each other's keys, which the database keeps unique."""

from core.changes import apply, undo
from core.changes.tests.support import add, add_items, assert_settled, plan_import
from core.models import MediaServerItem, User


def test_two_records_swap_their_keys_and_get_them_back(library):
    first, second, third = add_items(library, 3)
    before = library.dump()

    made = plan_import(
        MediaServerItem, f"id,item_id\n{first},i1\n{second},i0\n{third},i3"
    )
    change_set = apply(made)

    assert change_set.changed == made.preview.changed == 3
    held = "SELECT item_id FROM mediaserveritem ORDER BY id"
    assert library.execute(held) == [("i1",), ("i0",), ("i3",)]
    assert_settled(change_set)
    assert undo(change_set).change_set.changed == 3
    assert library.dump() == before


def test_users_swap_their_names_and_their_settings_follow(library):
    users = [{"name": name, "is_active": True} for name in ("ann", "bea")]
    ann, bea = add(library, "user", users)
    for name in ("ann", "bea"):
        library.insert("userconfig", username=name, key="Layout", value=f'"{name}"')
    before = library.dump()

    change_set = apply(plan_import(User, f"id,name\n{ann},bea\n{bea},ann"))

    assert change_set.changed == 2
    held = "SELECT username FROM userconfig ORDER BY id"
    assert library.execute(held) == [("bea",), ("ann",)]
    undo(change_set)
    assert library.dump() == before


def test_a_record_in_the_way_is_still_told(library):
    first, second = add_items(library, 2)

    made = plan_import(MediaServerItem, f"id,item_id\n{first},i1")

    assert made.preview.invalid_count == 1
    assert (made.preview.changed, second) == (0, second)
