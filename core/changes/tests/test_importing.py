"""What an import makes of rows: matching, deciding, applying, taking back."""

import json

import pytest

from core.changes import (
    ChangeSet,
    Does,
    InvalidRecords,
    InvalidValues,
    Kind,
    Match,
    SelectionMoved,
    apply,
    resume,
    undo,
)
from core.changes.models import State
from core.changes.tests.support import (
    add,
    add_items,
    add_messages,
    add_sites,
    assert_settled,
    counts,
    nothing_recorded,
    plan_import,
    stored,
)
from core.models import (
    MediaServerItem,
    Message,
    PassKey,
    Subscribe,
    SystemConfig,
    User,
    UserConfig,
    Workflow,
)
from sites.models import Site


def facts(made):
    """The numbers of a preview that are not zero."""
    found = {**made.preview.facts, "errors": made.preview.invalid_count}
    return {name: count for name, count in found.items() if count}


def errors(made):
    """Row → what is wrong with it."""
    return dict(made.preview.invalid)


# --- Creating, updating, leaving alone


def test_an_import_creates_updates_and_leaves_alone(library):
    one, other, third = add_sites(library, 3)

    made = plan_import(
        Site,
        f"id,name,pri,url\n{one},s0,9,https://s0.example/\n{other},s1,1,\\N\n"
        f"{third},s2,2,https://s2.example/\n,new,5,https://new.example/\n",
    )

    assert facts(made) == {"created": 1, "updated": 1, "same": 1, "errors": 1}
    assert errors(made) == {3: "Address: This column always needs a value."}
    with pytest.raises(InvalidRecords):
        apply(made)
    change_set = apply(made, skip_invalid=True)
    assert change_set.kind == Kind.IMPORT
    assert counts(change_set) == {"changed": 2, "unchanged": 1, "failed": 1}
    assert stored(Site, one, "pri") == 9
    assert stored(Site, other, "url") == "https://s1.example/"
    assert_settled(change_set)
    assert undo(change_set).change_set.changed == 2
    assert library.execute("SELECT name, pri FROM site ORDER BY id") == [
        ("s0", 0),
        ("s1", 1),
        ("s2", 2),
    ]


def test_what_is_not_mapped_stays_and_a_new_record_gets_the_defaults(library):
    (pk,) = add_sites(library, 1, domain="s0.example", ua="kept")

    change_set = apply(
        plan_import(
            Site,
            "domain,name,url\ns0.example,renamed,https://s0.example/\n"
            "s1.example,s1,https://s1.example/\n",
        )
    )

    assert (stored(Site, pk, "name"), stored(Site, pk, "ua")) == ("renamed", "kept")
    (new,) = set(change_set.record_ids()) - {pk}
    assert stored(Site, new, "timeout") == 15
    assert stored(Site, new, "is_active") in (1, True)


def test_the_same_file_again_changes_nothing(library):
    text = "domain,name,url,pri\na.example,a,https://a.example/,1\n"
    apply(plan_import(Site, text))

    made = plan_import(Site, text)

    assert facts(made) == {"same": 1}


@pytest.mark.parametrize(
    ("does", "expected"),
    [
        (Does.BOTH, {"created": 1, "updated": 1}),
        (Does.UPDATE, {"updated": 1, "left_out": 1}),
        (Does.CREATE, {"created": 1, "left_out": 1}),
    ],
)
def test_an_import_does_no_more_than_it_is_told(sqlite_library, does, expected):
    add_sites(sqlite_library, 1, domain="s0.example")

    made = plan_import(
        Site,
        "domain,name,url\ns0.example,x,https://x.example/\nn.example,n,https://n.example/\n",
        does=does,
    )

    assert facts(made) == expected
    change_set = apply(made)
    assert change_set.changed == sum(expected.get(n, 0) for n in ("created", "updated"))
    assert_settled(change_set)


@pytest.mark.parametrize("keeps_empty", [True, False], ids=["keep", "set"])
def test_an_empty_cell_sets_empty_or_keeps(library, keeps_empty):
    (pk,) = add_sites(library, 1, ua="agent", note="[1]")

    apply(
        plan_import(Site, f"id,ua,timeout,note\n{pk},,,\n", keeps_empty=keeps_empty),
        skip_invalid=True,
    )

    found = [stored(Site, pk, name) for name in ("ua", "timeout", "note")]
    assert found == (["agent", 15, "[1]"] if keeps_empty else ["", None, None])


def test_null_empty_text_and_json_null_are_three(library):
    ids = add_sites(library, 3, ua="x", note="[1]")

    apply(
        plan_import(
            Site,
            f"id,ua,note\n{ids[0]},\\N,null\n{ids[1]},,\\N\n{ids[2]},\\\\N,[]\n",
        )
    )

    found = [(stored(Site, pk, "ua"), stored(Site, pk, "note")) for pk in ids]
    assert found == [(None, "null"), ("", None), ("\\N", "[]")]


def test_a_missing_value_of_a_document_is_left_alone(library):
    ids = add_sites(library, 2, ua="kept", note="[1]")

    apply(
        plan_import(
            Site,
            json.dumps(
                [
                    {"id": ids[0], "pri": 7},
                    {"id": ids[1], "ua": None, "note": {"$json": "null"}},
                ]
            ),
        )
    )

    assert (stored(Site, ids[0], "ua"), stored(Site, ids[0], "pri")) == ("kept", 7)
    assert (stored(Site, ids[1], "ua"), stored(Site, ids[1], "note")) == (None, "null")


# --- Matching


def test_a_subscription_is_known_by_whichever_of_its_ids_it_has(library):
    names = ("name", "type", "tmdbid", "doubanid", "season", "state")
    rows = [
        ("f", "电影", 1, None, None, "N"),
        ("s", "电视剧", 1, None, 2, "N"),
        ("d", "电影", None, "9", None, "N"),
    ]
    known = [dict(zip(names, row, strict=True)) for row in rows]
    film, season, douban = add(library, "subscribe", known)

    made = plan_import(
        Subscribe,
        "name,type,tmdbid,doubanid,season,quality\n"
        "f,电影,1,,,A\ns,电视剧,1,,2,B\nd,电影,,9,,C\nn,电视剧,1,,3,D\nx,电影,,,,E\n",
    )

    assert facts(made) == {"created": 1, "updated": 3, "errors": 1}
    assert errors(made) == {6: "The key is empty, so the row is about no record."}
    apply(made, skip_invalid=True)
    found = [stored(Subscribe, pk, "quality") for pk in (film, season, douban)]
    assert found == ["A", "B", "C"]


def test_two_rows_for_one_record_and_two_records_for_one_row_are_errors(library):
    add(library, "workflow", [{"name": n, "state": "W"} for n in ("a", "twin", "twin")])

    made = plan_import(
        Workflow, "name,description\na,1\ntwin,2\na,3\nnew,4\nnew,5\nlast,6\n"
    )

    twice = "Another row is about the same record."
    assert {row: why.split("\n")[0] for row, why in errors(made).items()} == {
        2: twice,
        3: "Several records have this key; match by id instead.",
        4: twice,
        5: twice,
        6: twice,
    }
    assert facts(made) == {"created": 1, "errors": 5}


def test_an_empty_text_is_part_of_a_key(library):
    same = {"type": "", "state": "R"}
    add(library, "subscribe", [{"tmdbid": n, "name": f"s{n}", **same} for n in (1, 2)])
    header = "type,season,tmdbid,name\n"

    made = plan_import(Subscribe, f"{header},,1,s1\n,\\N,2,new\n\\N,,1,other\n")

    assert facts(made) == {"same": 1, "updated": 1, "created": 1}


def test_an_id_is_given_again_only_where_moviepilot_would_not(library):
    first, second = add_messages(library, 2)
    library.execute("DELETE FROM message WHERE id = ?", first)

    made = plan_import(
        Message, f"id,title\n{first},back\n{second + 10**6},far\n0,zero\nx,word\n"
    )

    is_free = library.vendor == "sqlite"  # there, ids follow the highest one
    assert 5 in errors(made)
    assert 4 in errors(made)
    assert (3 in errors(made)) is not is_free
    apply(made, skip_invalid=True)
    assert stored(Message, first, "title") == "back"
    if not is_free:
        library.execute("INSERT INTO message (title) VALUES ('next')")


def test_one_query_matches_thousands_of_rows(
    sqlite_library, django_assert_max_num_queries
):
    add_items(sqlite_library, 6000)
    rows = "".join(f"A,i{number},x{number}\n" for number in range(6000))
    text = f"server,item_id,title\n{rows}"

    with django_assert_max_num_queries(20, using="moviepilot"):
        made = plan_import(MediaServerItem, text)

    assert facts(made) == {"updated": 6000}


def test_a_record_that_came_meanwhile_stops_the_import(library):
    made = plan_import(Site, "domain,name,url\na.example,a,https://a.example/\n")
    add_sites(library, 1, domain="a.example", name="other")

    with pytest.raises(SelectionMoved):
        apply(made)

    assert nothing_recorded()


def test_a_key_that_moved_meanwhile_stops_the_import(library):
    (pk,) = add_sites(library, 1, domain="a.example")
    made = plan_import(Site, "domain,pri\na.example,7\n", does=Does.UPDATE)
    library.execute("UPDATE site SET domain = 'b.example' WHERE id = ?", pk)

    with pytest.raises(SelectionMoved):
        apply(made)

    assert stored(Site, pk, "pri") == 0


# --- Errors


def test_every_error_of_every_row_is_told_at_once(library):
    ids = add_sites(library, 3)

    made = plan_import(
        Site,
        f"id,name,url,pri,is_active,note\n{ids[0]},s0,https://s0.example/,x,maybe,{{\n"
        f"{ids[1]},s1\n,new,\\N,9999999999999,,\n{ids[2]},s2,https://s2.example/,2,,\n",
    )

    assert errors(made) == {
        2: "Priority: Enter a whole number.\nActive: Write true or false.\n"
        "Note: This is not valid JSON.",
        3: "The row has another number of cells than the header.",
        4: "Address: This column always needs a value.\n"
        f"Priority: {errors(made)[4].partition('Priority: ')[2]}",
    }


def test_a_unique_column_is_kept_unique_within_the_file_and_beside_it(library):
    add_sites(library, 1, domain="s0.example")

    made = plan_import(
        Site,
        "domain,name,url\na.example,s0,https://a.example/\n"
        "b.example,b,https://b.example/\nc.example,b,https://c.example/\n",
    )

    assert set(errors(made)) == {2, 4}
    assert "Row 3 has the same name" in errors(made)[4]
    change_set = apply(made, skip_invalid=True)
    assert counts(change_set) == {"changed": 1, "failed": 2}
    assert change_set.problems[0][1].startswith("Row 2: ")


def test_what_moviepilot_cannot_read_is_refused(library):
    made = plan_import(
        Subscribe,
        'name,type,tmdbid,season,sites\na,电影,1,,"{""a"": 1}"\nb,电影,2,,"[1]"\n',
    )

    assert [*errors(made)] == [2]
    assert "Sites: At $" in errors(made)[2]


def test_a_strange_value_that_nobody_touched_stays(library):
    (pk,) = add_sites(library, 1, note='{"a":1}', lst_mod_date="yesterday")

    made = plan_import(
        Site, f'id,note,lst_mod_date,pri\n{pk},"{{""a"":1}}",yesterday,5\n'
    )

    assert facts(made) == {"updated": 1}
    apply(made)
    assert stored(Site, pk, "note") == '{"a":1}'
    assert stored(Site, pk, "pri") == 5


def test_a_time_has_the_form_that_moviepilot_compares(library):
    (pk,) = add_sites(library, 1)

    made = plan_import(Site, f"id,lst_mod_date\n{pk},2024/5/1 12:00\n")

    assert errors(made) == {2: "Added: Enter a date and time as YYYY-MM-DD HH:MM:SS."}


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Workflow, "id,context"),
        (User, "id,hashed_password"),
        (PassKey, "id,sign_count"),
        (Site, "id,nothing"),
        (Site, "pri,name"),
        (Message, "title"),
    ],
    ids=["context", "password", "counter", "unknown", "no-id", "no-key"],
)
def test_columns_that_cannot_be_imported_are_refused(sqlite_library, model, columns):
    names = columns.split(",")
    if "nothing" in names:
        with pytest.raises((InvalidValues, LookupError)):
            plan_import(model, f"{columns}\n{','.join('1' for _ in names)}\n")
        return

    match = Match.ID if "id" in names else Match.KEY
    with pytest.raises(InvalidValues):
        plan_import(model, f"{columns}\n{','.join('1' for _ in names)}\n", match=match)


def test_a_passkey_is_known_by_its_credential_which_is_not_written(library):
    user = library.insert("user", name="u", is_superuser=False)
    pk = library.insert(
        "passkey", user_id=user, credential_id="synthetic-1", public_key="synthetic-2"
    )

    made = plan_import(
        PassKey, "credential_id,name\nsynthetic-1,renamed\nsynthetic-3,x\n",
        does=Does.UPDATE,
    )  # fmt: skip

    assert facts(made) == {"updated": 1, "left_out": 1}
    apply(made)
    assert stored(PassKey, pk, "name") == "renamed"


# --- What goes with it


def test_a_renamed_user_takes_the_settings_along(library):
    pk = library.insert("user", name="old", is_superuser=False)
    setting = library.insert("userconfig", username="old", key="k", value="1")

    change_set = apply(plan_import(User, f"id,name\n{pk},new\n"))

    assert change_set.carried == 1
    assert stored(UserConfig, setting, "username") == "new"
    undo(change_set)
    assert stored(UserConfig, setting, "username") == "old"


def test_secrets_are_kept_sealed_and_shown_to_nobody(library):
    secret = "synthetic-cookie-1"
    (pk,) = add_sites(library, 1, domain="s0.example")

    made = plan_import(
        Site,
        f"domain,name,url,cookie\ns0.example,s0,https://s0.example/,{secret}\n"
        f"new.example,n,https://n.example/,{secret}2\n",
    )

    made.refresh_from_db()
    kept = json.dumps([made.operations, made.outcome]) + bytes(made.payload).hex()
    assert secret not in kept
    assert secret.encode().hex() not in kept
    change_set = apply(made)
    assert stored(Site, pk, "cookie") == secret
    texts = [
        f"{entry.before}{entry.after}{entry.label}"
        for entry in change_set.entries.all()
    ]
    assert not any(secret in text for text in texts)


def test_a_setting_is_known_by_its_key(library):
    pk = library.insert("systemconfig", key="CustomIdentifiers", value="[]")

    change_set = apply(
        plan_import(SystemConfig, 'key,value\nCustomIdentifiers,"[""a => b""]"\n')
    )

    assert change_set.changed == 1
    assert stored(SystemConfig, pk, "value") == '["a => b"]'


# --- Going on where it stopped


def test_a_stopped_import_is_gone_on_with(library, small_batches, monkeypatch):
    ids = add_messages(library, 120)
    rows = "".join(f"{pk},x{pk}\n" for pk in ids)
    new = "".join(f",n{number}\n" for number in range(60))
    made = plan_import(Message, f"id,title\n{rows}{new}")
    from core.changes import run

    done = []
    real = run.journal

    def failing(*arguments):
        if len(done) == 2:
            raise RuntimeError("the machine stops")
        done.append(1)
        return real(*arguments)

    monkeypatch.setattr(run, "journal", failing)
    with pytest.raises(RuntimeError):
        apply(made)
    monkeypatch.setattr(run, "journal", real)
    change_set = ChangeSet.objects.get()
    assert (change_set.state, change_set.changed) == (State.STOPPED, 100)

    resumed = resume(change_set)

    assert (resumed.state, resumed.changed) == (State.APPLIED, 180)
    assert library.execute("SELECT count(*) FROM message") == [(180,)]
    assert stored(Message, ids[-1], "title") == f"x{ids[-1]}"
    undo(resumed)
    assert library.execute("SELECT count(*) FROM message") == [(120,)]
    assert stored(Message, ids[-1], "title") == "m119"


def test_an_import_never_deletes(library):
    add_sites(library, 3, domain="x")
    made = plan_import(Site, "id,name\n1,renamed\n", does=Does.UPDATE)

    apply(made, skip_invalid=True)

    assert library.execute("SELECT count(*) FROM site") == [(3,)]
