"""Users who have locked themselves out, helped back in through the door."""

from __future__ import annotations

import pytest

from core.auth.passwords import problem_with, verify_password
from core.changes import ChangeSet, RecordMoved, read_stored, undo
from core.changes.tests.support import add, stored
from core.models import AuditEvent, PassKey, User
from core.models.audit import AuditKind
from core.rescue import (
    PassKeys,
    Refused,
    Rescue,
    close_to,
    everyone,
    lines,
    named,
    numbered,
    rescue,
    undo_rescue,
)
from core.rescue import operators as console_operators
from core.tests.support.people import make_operator

PASSWORD = "synthetic-password-1"
EVERYTHING = Rescue(
    password=PASSWORD,
    clear_otp=True,
    passkeys=PassKeys.DROP,
    activate=True,
    superuser=True,
)


def add_user(library, name="anna", **values):
    """A user who cannot get in at all."""
    held = {
        "name": name,
        "hashed_password": "forgotten",
        "is_active": False,
        "is_superuser": False,
        "is_otp": True,
        "otp_secret": "synthetic-otp-1",
        **values,
    }
    return library.insert("user", **held)


def add_keys(library, user_id, *states):
    """Passkeys that are each on or off."""
    rows = [
        {
            "user_id": user_id,
            "credential_id": f"synthetic-credential-{user_id}-{number}",
            "public_key": "synthetic-key-1",
            "is_active": _flag(library, is_set=state == "on"),
        }
        for number, state in enumerate(states)
    ]
    return add(library, "passkey", rows)


def _flag(library, *, is_set):
    return int(is_set) if library.vendor == "sqlite" else is_set


def flags(pk):
    record = read_stored(User, pk)
    return record["is_active"], record["is_superuser"], record["is_otp"]


def test_everything_at_once_is_one_change_and_undo_takes_it_back(library, operator):
    pk, other = add_user(library), add_user(library, "other")
    add_keys(library, pk, "on", "off")
    add_keys(library, other, "on")
    before = library.dump()

    change_set = rescue(numbered(pk), EVERYTHING, by=operator, reason="forgotten")

    assert flags(pk) == (1, 1, 0)
    assert stored(User, pk, "otp_secret") is None
    assert verify_password(PASSWORD, stored(User, pk, "hashed_password"))
    assert [key.user_id for key in PassKey.objects.list()] == [other]
    assert (change_set.table, change_set.changed, change_set.carried) == (
        "core.user",
        1,
        2,
    )
    assert change_set.reason == "Rescue: forgotten"
    assert change_set.operator == operator

    # Without it there would be no administrator, so that somebody else has to be one.
    boss = add_user(library, "boss", is_active=True, is_superuser=True)
    undo(change_set)
    library.execute(f'DELETE FROM "user" WHERE id = {boss}')
    assert library.dump() == before


def test_an_undo_leaves_the_administrator_it_made_where_there_is_no_other(library):
    pk = add_user(library)
    change_set = rescue(numbered(pk), EVERYTHING)

    assert undo(change_set).change_set.failed == 1
    assert numbered(pk).is_superuser


@pytest.mark.parametrize(
    ("doing", "changed"),
    [
        (Rescue(password=PASSWORD), {"hashed_password"}),
        (Rescue(clear_otp=True), {"is_otp", "otp_secret"}),
        (Rescue(activate=True), {"is_active"}),
        (Rescue(superuser=True), {"is_superuser"}),
    ],
    ids=["password", "clear-otp", "activate", "superuser"],
)
def test_nothing_but_what_was_asked_for_changes(library, doing, changed):
    pk = add_user(library)
    keys = add_keys(library, pk, "on")
    before = read_stored(User, pk)

    rescue(numbered(pk), doing)

    after = read_stored(User, pk)
    assert {name for name in after if after[name] != before[name]} == changed
    assert PassKey.objects.get_queryset().ids() == keys


def test_disabled_passkeys_are_kept(library):
    pk = add_user(library)
    first, second = add_keys(library, pk, "on", "off")

    change_set = rescue(numbered(pk), Rescue(passkeys=PassKeys.DISABLE))

    assert change_set.record_ids() == [first]
    assert numbered(pk).keys == dict.fromkeys(
        [first, second], stored(PassKey, second, "is_active")
    )
    assert not numbered(pk).active_keys


def test_what_is_so_already_is_left_alone(library):
    pk = add_user(
        library, is_active=True, is_superuser=True, is_otp=False, otp_secret=None
    )
    doing = Rescue(
        clear_otp=True, passkeys=PassKeys.DROP, activate=True, superuser=True
    )

    assert lines(numbered(pk), doing) == []
    assert rescue(numbered(pk), doing) is None
    assert not ChangeSet.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("left", ["", "synthetic-otp-2"])
def test_a_secret_that_is_left_over_goes_too(library, left):
    pk = add_user(library, is_otp=None, otp_secret=left)

    rescue(numbered(pk), Rescue(clear_otp=True))

    assert stored(User, pk, "otp_secret") is None


def test_it_is_told_without_secrets(library):
    pk = add_user(library, is_superuser=True)
    add_keys(library, pk, "on", "off")

    told = lines(numbered(pk), EVERYTHING)

    assert [tuple(line) for line in told] == [
        ("Password", "none that works", "a new one"),
        ("One-time codes", "on", "off"),
        ("Passkeys", "1 of 2 active", "2 deleted"),
        ("Active", "no", "yes"),
    ]
    shown = repr((numbered(pk), EVERYTHING, told))
    assert PASSWORD not in shown
    assert "synthetic" not in shown


def test_it_is_in_the_audit_before_it_is_done_and_no_password_is_kept(
    library, operator
):
    pk = add_user(library)

    change_set = rescue(numbered(pk), EVERYTHING, by=operator, detail={"from": "test"})

    event = AuditEvent.objects.get()
    assert (event.kind, event.subject, event.operator) == (
        AuditKind.RESCUE,
        f"user {pk}",
        operator,
    )
    assert event.detail == {
        "user": "anna",
        "actions": ["password", "clear-otp", "drop-passkeys", "activate", "superuser"],
        "from": "test",
    }
    assert event.created_at <= change_set.created_at
    kept = [*change_set.entries.values_list("before", "after")]
    hashed = stored(User, pk, "hashed_password")
    assert "$secret" in str(kept)
    assert not any(word in str(kept) for word in (PASSWORD, hashed, "synthetic-otp"))
    assert PASSWORD not in str(ChangeSet.objects.values())


# --- Meanwhile


@pytest.mark.parametrize("meanwhile", ["user", "passkey", "gone"])
def test_what_was_not_shown_is_not_changed(library, meanwhile):
    pk = add_user(library)
    [key] = add_keys(library, pk, "on")
    shown = numbered(pk)
    statements = {
        "user": f'UPDATE "user" SET otp_secret = NULL WHERE id = {pk}',
        "passkey": f"UPDATE passkey SET is_active = NULL WHERE id = {key}",
        "gone": f"DELETE FROM passkey WHERE id = {key}",
    }
    library.execute(statements[meanwhile])
    before = library.dump()

    with pytest.raises(RecordMoved):
        rescue(shown, EVERYTHING)

    assert library.dump() == before
    assert not ChangeSet.objects.exists()


def test_what_moves_between_the_look_and_the_lock_is_not_changed(library, monkeypatch):
    from core.changes import together

    pk = add_user(library)
    add_keys(library, pk, "on")
    decided = together._decided

    def after_moviepilot(work, *, lock):
        if lock and work.model is PassKey and library.vendor != "sqlite":
            library.execute(
                f'UPDATE "user" SET email = NULL, is_otp = NULL WHERE id = {pk}'
            )
        return decided(work, lock=lock)

    monkeypatch.setattr(together, "_decided", after_moviepilot)
    if library.vendor == "sqlite":
        pytest.skip("SQLite's write lock leaves no gap")
    with pytest.raises(RecordMoved):
        rescue(numbered(pk), EVERYTHING)

    assert not ChangeSet.objects.exists()
    assert len(PassKey.objects.list()) == 1


def test_where_the_database_refuses_one_part_nothing_is_written(library):
    from core.changes import RecordRefused

    pk = add_user(library)
    add_keys(library, pk, "on")
    if library.vendor == "sqlite":
        library.execute(
            'CREATE TRIGGER no BEFORE UPDATE ON "user" '
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    else:
        library.execute('ALTER TABLE "user" ADD CONSTRAINT no CHECK (NOT is_active)')
    before = library.dump()

    with pytest.raises(RecordRefused):
        rescue(numbered(pk), EVERYTHING)

    assert library.dump() == before


# --- Who


def test_users_are_found_by_their_exact_name(library):
    first, second = add_user(library), add_user(library)
    add_user(library, "Anna")

    assert [account.pk for account in named("anna")] == [first, second]
    assert named("ANNA") == named("anna ") == named("\udce4") == []
    assert close_to("ana") == ["anna", "Anna"]
    assert [account.name for account in everyone()] == ["anna", "anna", "Anna"]
    assert numbered(10**6) is None


@pytest.mark.parametrize("raw", ["pbkdf2_sha256$1$a$b", "", None, "$2b$12$short"])
def test_a_hash_moviepilot_cannot_read_is_no_password(library, raw):
    assert not numbered(add_user(library, hashed_password=raw)).has_password


# --- Databases of before


def test_what_the_database_has_not_is_said(library):
    pk = add_user(library)
    library.execute("DROP TABLE passkey")
    library.execute('ALTER TABLE "user" DROP COLUMN otp_secret')
    account = numbered(pk)

    for doing in (Rescue(clear_otp=True), Rescue(passkeys=PassKeys.DROP)):
        with pytest.raises(Refused, match="of before"):
            rescue(account, doing)

    assert rescue(account, Rescue(password=PASSWORD, activate=True)).changed == 1
    assert numbered(pk).has_password


def test_passkeys_that_cannot_be_disabled_can_be_deleted(library):
    pk = add_user(library)
    add_keys(library, pk, "on")
    library.execute("ALTER TABLE passkey DROP COLUMN is_active")

    with pytest.raises(Refused, match="of before"):
        rescue(numbered(pk), Rescue(passkeys=PassKeys.DISABLE))

    rescue(numbered(pk), Rescue(passkeys=PassKeys.DROP))
    assert not numbered(pk).keys


# --- Passwords


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("1234567", "at least 8"),
        ("", "at least 8"),
        ("synthetic\0password", "NUL"),
        ("synthetic-\ud800-password", "half a character"),
        ("a" * 73, "72 bytes"),
        ("密" * 25, "72 bytes"),
    ],
    ids=["short", "empty", "nul", "surrogate", "long", "wide"],
)
def test_a_password_moviepilot_cannot_check_is_refused(password, words):
    assert words in problem_with(password)


@pytest.mark.parametrize("password", ["12345678", "a" * 72, "密" * 24, " 8 blanks"])
def test_any_other_password_is_taken(password):
    assert problem_with(password) == ""


def test_nothing_asked_for_is_refused(sqlite_library):
    with pytest.raises(Refused, match="Say what"):
        rescue(numbered(add_user(sqlite_library)), Rescue())


# --- Undo by number


def test_only_a_rescue_is_undone_as_one(library):
    pk = add_user(library)
    add_user(library, "boss", is_active=True, is_superuser=True)
    change_set = rescue(numbered(pk), EVERYTHING)
    User.objects.update(pk, {"email": "a@example"})

    result = undo_rescue(change_set.pk)

    assert result.restored == [pk]
    assert AuditEvent.objects.first().detail == {"undoes": change_set.pk}
    for number in (change_set.pk + 1, 10**6):
        with pytest.raises(Refused, match="no rescue"):
            undo_rescue(number)


# --- The console's own


def test_a_local_operator_is_rescued_too(console):
    operator = make_operator("olga", None)
    operator.totp_secret = "synthetic-sealed-1"
    operator.is_active = False
    operator.save()
    operator.passkeys.create(credential_id="c", public_key="k", name="n")

    assert console_operators.rescue(operator, EVERYTHING)

    found = console_operators.local("olga")
    assert found.check_password(PASSWORD)
    assert (found.totp_secret, found.passkeys.count()) == ("", 0)
    assert (found.is_active, found.is_staff, found.is_superuser) == (True,) * 3
    event = AuditEvent.objects.get()
    assert (event.kind, event.subject) == (AuditKind.RESCUE, "operator olga")
    assert PASSWORD not in str(event.detail)


def test_an_operators_rescue_leaves_a_used_code_used(console):
    operator = make_operator("olga", None)
    type(operator).objects.filter(pk=operator.pk).update(totp_step=7)

    assert console_operators.rescue(operator, EVERYTHING)

    assert console_operators.local("olga").totp_step == 7


def test_an_operator_in_order_is_left_alone(console, operator):
    assert not console_operators.rescue(operator, Rescue(activate=True, superuser=True))
    assert not AuditEvent.objects.exists()


def test_only_local_operators_are(console):
    linked = make_operator("linked", None)
    linked.moviepilot_id, linked.moviepilot_name = 1, "linked"
    linked.save()

    with pytest.raises(Refused, match="MoviePilot account"):
        console_operators.local("linked")
    with pytest.raises(Refused, match="no operator"):
        console_operators.local("nobody")


def test_a_rescued_operator_is_signed_out_everywhere(operator_client, operator):
    assert operator_client.get("/").status_code == 200

    console_operators.rescue(operator, Rescue(password=PASSWORD))

    assert operator_client.get("/").status_code == 302
