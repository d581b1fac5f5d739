"""`manage.py config`: settings and system configuration on the command line."""

import io
import json
import os
import pwd
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from core.changes import ChangeSet, undo
from core.config import ConfigModel, ConsoleModel
from core.models import AuditEvent, SystemConfig
from core.systemconfig.keys import SystemConfigKey
from core.tests.support.live import command, environment, manage

SECRET = "synthetic-token-1"
DOWNLOADERS = [
    {
        "name": "qb",
        "type": "qbittorrent",
        "config": {"host": "http://nas.example", "password": SECRET, "apikey": ""},
    }
]


def config(*arguments: str, given: str | None = None) -> list[str]:
    """The lines that the command prints."""
    output, standard_input = io.StringIO(), sys.stdin
    try:
        sys.stdin = io.StringIO(given or "")
        call_command("config", *arguments, stdout=output)
    finally:
        sys.stdin = standard_input
    return output.getvalue().splitlines()


def refused(*arguments: str) -> str:
    """The one line of the error."""
    with pytest.raises(CommandError) as caught:
        config(*arguments)
    assert caught.value.returncode == 1
    assert "\n" not in str(caught.value)
    return str(caught.value)


def store(library, key: str, value: object) -> int:
    return library.insert("systemconfig", key=key, value=json.dumps(value))


def stored(library) -> dict[str, object]:
    rows = library.execute('SELECT "key", value FROM systemconfig')
    return {key: json.loads(v) if isinstance(v, str) else v for key, v in rows}


def in_process(library, console, *arguments: str, **variables: str):
    """The command in a process of its own, on the test's databases."""
    return manage(
        "config",
        *arguments,
        DATABASE_URL=f"sqlite:///{console}",
        MOVIEPILOT_DATABASE_URL=library.address,
        **variables,
    )


# --- list


def test_list_has_settings_first_then_configuration_each_sorted(library):
    store(library, "RssSites", [3])
    store(library, "IndexerSites", [1, 2])
    store(library, "AAA", None)

    lines = config("list")

    names = [line.partition("=")[0] for line in lines]
    settings = sorted({*ConfigModel.declared(), *ConsoleModel.declared()})
    assert names == [*settings, "AAA", "IndexerSites", "RssSites"]
    assert "TRANSFER_THREADS=1" in lines
    assert "ADVANCED_MODE=true" in lines
    assert "WRITE_TIMEOUT=3.0" in lines
    assert 'RMT_SUBEXT=[".srt", ".ass", ".ssa", ".sup"]' in lines
    assert lines[-3:] == ["AAA=null", "IndexerSites=[1, 2]", "RssSites=[3]"]


def test_a_value_never_breaks_its_line(library):
    store(library, "UserCustomCSS", "a {\n}\x1b[2J\u202e")

    (line,) = [each for each in config("list") if each.startswith("UserCustomCSS")]

    assert line == r'UserCustomCSS="a {\n}\u001b[2J\u202e"'


def test_an_odd_key_never_breaks_its_line(library):
    store(library, "odd\nkey", [True])

    assert config("list")[-1] == r'"odd\nkey"=[true]'
    assert r'"odd\nkey"' in config("keys")
    assert config("describe", "odd\nkey")[0].startswith(r'"odd\nkey": found')
    assert config("set", "odd\nkey", "2")[0].startswith(r'"odd\nkey" was written')


def test_secret_parts_of_configuration_are_masked_and_the_rest_is_not(library):
    store(library, "Downloaders", DOWNLOADERS)
    store(library, "plugin.Sample", {"enabled": True, "note": SECRET, "empty": ""})
    store(library, "SomePluginsOwn", [SECRET, 7, None])
    login = f"http://me:{SECRET}@nas.example"
    store(library, "MediaServers", [{"name": "m", "type": "t", "config": {"h": login}}])

    lines = config("list")

    assert SECRET not in "\n".join(lines)
    shown = dict(line.split("=", 1) for line in lines)
    assert json.loads(shown["Downloaders"])[0]["config"] == {
        "host": "http://nas.example",
        "password": "******",
        "apikey": "",
    }
    assert json.loads(shown["plugin.Sample"]) == {
        "enabled": True,
        "note": "******",
        "empty": "",
    }
    assert json.loads(shown["SomePluginsOwn"]) == ["******", "******", None]
    assert json.loads(shown["MediaServers"])[0]["config"] == {"h": "******"}


def test_settings_of_a_process_are_masked_by_name_and_by_what_they_hold(
    sqlite_library, console
):
    names = sorted(
        name
        for name, each in {**ConsoleModel.declared(), **ConfigModel.declared()}.items()
        if each.is_secret and not name.endswith("_URL") and "FALLBACKS" not in name
    )
    variables = {name: f"{SECRET}-{name}" for name in names}
    variables["LLM_BASE_URL"] = f"https://me:{SECRET}@model.example"
    variables["CUSTOMIZE_WALLPAPER_API_URL"] = f"https://w.example/?apikey={SECRET}"
    variables["CACHE_BACKEND_URL"] = f"redis://:{SECRET}@cache.example"
    variables["SECRET_KEY_FALLBACKS"] = f"{SECRET}-old"

    done = in_process(sqlite_library, console, "list", **variables)

    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert all(f"{name}=******" in lines for name in variables)
    # An empty one is shown: there is nothing to hide.
    assert "PIP_PROXY=******" in lines
    assert "REDIS_URL=" in lines


def test_empty_secrets_are_not_masked(library):
    lines = config("list")

    assert "GITHUB_TOKEN=null" in lines
    assert "PIP_PROXY=" in lines
    assert "SECRET_KEY_FALLBACKS=[]" in lines


# --- get


def test_get_prints_the_value_alone(library):
    store(library, "IndexerSites", [1, 2])

    assert config("get", "TRANSFER_THREADS") == ["1"]
    assert config("get", "IndexerSites") == ["[1, 2]"]
    assert config("get", "RssSites") == ["null"]
    assert config("get", "MPADMIN_PORT") == ["8000"]


def test_get_masks_too(library):
    store(library, "Downloaders", DOWNLOADERS)

    assert config("get", "DB_POSTGRESQL_PASSWORD") == ["******"]
    assert SECRET not in config("get", "Downloaders")[0]


def test_a_setting_is_shown_without_any_database(console, tmp_path):
    done = manage(
        "config",
        "get",
        "TMDB_LOCALE",
        MPADMIN_DATA_DIR=str(tmp_path / "nothing"),
        TMDB_LOCALE="en",
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "en\n", "")


@pytest.mark.parametrize("action", ["get", "describe"])
def test_an_unknown_name_is_refused_with_the_nearest(library, action):
    store(library, "WatchDiaryLastSync", 1)

    assert "did you mean TRANSFER_THREADS?" in refused(action, "TRANSFER_THREAD")
    assert "IndexerSites" in refused(action, "indexersites")
    assert "WatchDiaryLastSync" in refused(action, "WatchDiaryLast")
    assert "see config keys" in refused(action, "zzzzzzzz")


def test_an_unknown_name_ends_a_process_in_one_line(sqlite_library, console):
    done = in_process(sqlite_library, console, "get", "TRANSFER_THREAD")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "CommandError: There is no 'TRANSFER_THREAD' — did you mean TRANSFER_THREADS?\n"
    )


# --- keys and describe


def test_keys_are_names_without_values(library):
    store(library, "plugin.Sample", {"token": SECRET})
    store(library, "IndexerSites", [1])

    keys = config("keys")

    declared = {*ConfigModel.declared(), *ConsoleModel.declared()}
    assert {*keys} == declared | {*SystemConfigKey.values, "plugin.Sample"}
    assert config("keys", "DB_POSTGRESQL_P") == [
        "DB_POSTGRESQL_PASSWORD",
        "DB_POSTGRESQL_POOL_SIZE",
        "DB_POSTGRESQL_PORT",
    ]
    assert config("keys", "plugin.") == ["plugin.Sample"]
    assert config("keys", "nothing") == []


def test_describe_tells_what_is_known_of_a_setting(library):
    lines = config("describe", "DB_POSTGRESQL_PASSWORD")

    told = dict(line.split(maxsplit=1) for line in lines[1:])
    assert lines[0] == "DB_POSTGRESQL_PASSWORD: Password of that user."
    assert told["type"] == "str"
    assert told["default"] == "moviepilot"
    assert told["secret"] == "yes"
    assert told["value"] == "******"
    assert told["found"].split() == ["in", "default"]


def test_describe_tells_both_meanings_of_a_name(library):
    lines = "\n".join(config("describe", "ALLOWED_HOSTS"))

    assert "MoviePilot's" in lines
    assert "the console's own" in lines


@pytest.mark.parametrize("name", sorted(ConsoleModel.declared()))
def test_describe_knows_every_name_of_the_console(library, name):
    assert config("describe", name)[0].startswith(f"{name}: ")


@pytest.mark.parametrize("key", SystemConfigKey.values)
def test_describe_knows_every_key(sqlite_library, key):
    first, *rest = config("describe", key)

    assert first.startswith(f"{key}: ")
    assert [line.split()[0] for line in rest] == ["label", "shape", "secret", "value"]


def test_describe_masks(library):
    store(library, "Downloaders", DOWNLOADERS)
    store(library, "SomePluginsOwn", SECRET)

    told = [*config("describe", "Downloaders"), *config("describe", "SomePluginsOwn")]

    assert SECRET not in "\n".join(told)
    assert "nothing is known of it" in "\n".join(told)


# --- Revealing


def test_a_reveal_is_recorded_before_anything_is_shown(library):
    store(library, "Downloaders", DOWNLOADERS)

    class Watching(io.StringIO):
        recorded: int | None = None

        def write(self, text: str) -> int:
            if SECRET in text:
                self.recorded = AuditEvent.objects.count()
            return super().write(text)

    output = Watching()
    call_command("config", "get", "Downloaders", "--show-secrets", stdout=output)

    assert output.recorded == 1
    event = AuditEvent.objects.get()
    assert (event.kind, event.subject) == ("reveal", "Downloaders")
    assert (event.operator, event.operator_name) == (None, "system")
    assert event.detail == {
        "command": "manage.py config get --show-secrets",
        "os_user": pwd.getpwuid(os.getuid()).pw_name,
        "names": ["Downloaders"],
    }


def test_a_list_with_secrets_is_recorded_with_their_names(library):
    store(library, "Downloaders", DOWNLOADERS)
    store(library, "IndexerSites", [1])

    lines = config("list", "--show-secrets")

    assert SECRET in "\n".join(lines)
    event = AuditEvent.objects.get()
    assert event.subject == "configuration"
    assert {"Downloaders", "DB_POSTGRESQL_PASSWORD"} <= {*event.detail["names"]}
    assert "IndexerSites" not in event.detail["names"]
    assert SECRET not in json.dumps(event.detail)


def test_what_shows_no_secret_is_not_recorded(library):
    store(library, "Downloaders", DOWNLOADERS)

    config("list")
    config("get", "Downloaders")
    config("get", "TRANSFER_THREADS", "--show-secrets")

    assert not AuditEvent.objects.exists()


def test_nothing_is_revealed_where_it_cannot_be_recorded(library):
    store(library, "Downloaders", DOWNLOADERS)
    with connections["default"].cursor() as cursor:
        cursor.execute("DROP TABLE core_auditevent")

    said = refused("get", "Downloaders", "--show-secrets")

    assert SECRET not in said
    assert "no such table" in said


# --- set


def test_set_writes_through_the_door_and_can_be_undone(library):
    pk = store(library, "IndexerSites", [1, 2])
    store(library, "RssSites", [9])
    before = library.dump()

    lines = config("set", "IndexerSites", "[3]")

    change_set = ChangeSet.objects.get()
    assert stored(library) == {"IndexerSites": [3], "RssSites": [9]}
    assert change_set.record_ids() == [pk]
    assert change_set.operator_name == "system"
    assert f"change #{change_set.pk}." in lines[0]
    assert f"/core/changeset/{change_set.pk}/" in lines[1]
    assert "Restart MoviePilot" in lines[2]

    undo(change_set)
    assert library.dump() == before


def test_set_makes_what_is_missing_and_deletes_what_is_emptied(library):
    made = config("set", "RssUrls", '["https://feed.example/rss"]')
    assert stored(library) == {"RssUrls": ["https://feed.example/rss"]}

    emptied = config("set", "RssUrls", "[]")
    assert stored(library) == {}

    assert "RssUrls was written" in made[0]
    assert "RssUrls was deleted" in emptied[0]
    assert ChangeSet.objects.count() == 2


def test_set_of_the_same_value_writes_nothing(library):
    store(library, "IndexerSites", [1])

    assert config("set", "IndexerSites", " [1] ") == [
        "IndexerSites holds that already; nothing was written."
    ]
    assert not ChangeSet.objects.exists()


def test_set_reads_standard_input(library):
    config("set", "Downloaders", "-", given=json.dumps(DOWNLOADERS))

    assert stored(library) == {"Downloaders": DOWNLOADERS}


def test_set_writes_settings_of_plugins_and_keys_that_were_found(library):
    store(library, "SomePluginsOwn", 1)

    config("set", "plugin.Sample", '{"token": "x"}')
    lines = config("set", "SomePluginsOwn", "2")

    assert stored(library) == {"plugin.Sample": {"token": "x"}, "SomePluginsOwn": 2}
    assert f"change #{ChangeSet.objects.latest('pk').pk}." in lines[0]


def test_set_keeps_the_value_out_of_what_it_says_and_encrypted_in_the_log(library):
    lines = config("set", "Downloaders", json.dumps(DOWNLOADERS))

    assert SECRET not in "\n".join(lines)
    entry = ChangeSet.objects.get().entries.get()
    assert SECRET not in f"{entry.before} {entry.after}"


def test_a_masked_value_does_not_overwrite_the_secret(library):
    store(library, "Downloaders", DOWNLOADERS)

    (masked,) = config("get", "Downloaders")
    said = refused("set", "Downloaders", masked)

    assert "write the secret itself" in said
    assert stored(library) == {"Downloaders": DOWNLOADERS}


def test_what_get_prints_with_secrets_can_be_set_again(library):
    store(library, "Downloaders", DOWNLOADERS)

    (shown,) = config("get", "Downloaders", "--show-secrets")
    config("set", "Downloaders", shown.replace(SECRET, "synthetic-token-2"))

    assert (
        stored(library)["Downloaders"][0]["config"]["password"] == "synthetic-token-2"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("TRANSFER_THREADS", "2"), "TRANSFER_THREADS is a setting"),
        (("MPADMIN_PORT", "1"), ".moviepilot.env"),
        (("IndexerSite", "[1]"), "did you mean IndexerSites?"),
        (("nobodys.key", "1"), "There is no 'nobodys.key'"),
        (("IndexerSites", f'[1, "{SECRET}"]'), "At $[1]: this must be a whole number."),
        (("Downloaders", f'[{{"name": "{SECRET}"}}]'), "At $[0]: “type” is missing."),
        (("IndexerSites", f'["{SECRET}'), "no JSON (line 1, column 2)"),
        (("IndexerSites", "[NaN]"), "no JSON that MoviePilot can read"),
        (("IndexerSites", "[" * 100_000), "no JSON that MoviePilot can read"),
        (("IndexerSites", ""), "no JSON (line 1, column 1)"),
    ],
)
def test_what_cannot_be_set_is_refused_in_one_line(library, arguments, said):
    store(library, "RssSites", [9])
    before = library.dump()

    refusal = refused("set", *arguments)

    assert said in refusal
    assert SECRET not in refusal
    assert library.dump() == before
    assert not ChangeSet.objects.exists()
    assert not SystemConfig.objects.filter(key="IndexerSites").exists()


def test_standard_input_that_is_no_text_is_refused(sqlite_library, console):
    done = subprocess.run(
        command("config", "set", "RssUrls", "-"),
        env=environment(
            DATABASE_URL=f"sqlite:///{console}",
            MOVIEPILOT_DATABASE_URL=sqlite_library.address,
        ),
        input=b'["\xff"]',
        capture_output=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"CommandError" in done.stderr


def test_where_no_database_answers_settings_are_told_and_the_rest_in_one_line(
    console, tmp_path
):
    done = manage("config", "list", MPADMIN_DATA_DIR=str(tmp_path / "nothing"))

    assert done.returncode == 1
    assert "TRANSFER_THREADS=1\n" in done.stdout
    assert done.stderr.startswith("CommandError: The database does not answer")
    assert done.stderr.count("\n") == 1
