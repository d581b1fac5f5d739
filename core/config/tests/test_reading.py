"""Which source wins, and what an instance lets nobody do."""

import copy
import pickle
import traceback
from pathlib import Path

import pytest

from core.config import HIDDEN, SettingsError, read

SECRET = "synthetic-token-1"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder for .moviepilot.env."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def attached(tmp_path: Path) -> Path:
    """A folder for app.env."""
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


def write(file: Path, *lines: str) -> None:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


# --- Order


def test_the_first_source_that_has_a_name_wins(project, attached):
    write(
        attached / "app.env", "LLM_MODEL=third", "OCR_HOST=third", "FANART_LANG=third"
    )
    write(project / ".moviepilot.env", "LLM_MODEL=second", "OCR_HOST=second")
    environment = {"MOVIEPILOT_CONFIG_DIR": str(attached), "LLM_MODEL": "first"}

    _, settings, _ = read(environment, folder=project)

    found = {
        name: (getattr(settings, name), settings.source_of(name))
        for name in ("LLM_MODEL", "OCR_HOST", "FANART_LANG", "TMDB_LOCALE")
    }
    assert found == {
        "LLM_MODEL": ("first", "process environment"),
        "OCR_HOST": ("second", ".moviepilot.env"),
        "FANART_LANG": ("third", "app.env"),
        "TMDB_LOCALE": ("zh", "default"),
    }


def test_an_empty_value_wins_for_moviepilot_as_it_does_there(attached):
    write(attached / "app.env", "LLM_BASE_URL='https://model.example'", "TZ='UTC'")
    environment = {
        "MOVIEPILOT_CONFIG_DIR": str(attached),
        "LLM_BASE_URL": "",
        "TZ": "",
    }

    _, settings, _ = read(environment)

    assert settings.LLM_BASE_URL is None
    assert settings.TZ == ""


def test_an_empty_value_of_the_consoles_own_is_the_default(project):
    write(project / ".moviepilot.env", "REDIS_HOST=cache.example", "MPADMIN_PORT=9000")

    console, _, _ = read({"REDIS_HOST": "", "ALLOWED_HOSTS": ""}, folder=project)

    assert (console.REDIS_HOST, console.MPADMIN_PORT) == ("", 9000)
    assert console.ALLOWED_HOSTS == ["localhost", "127.0.0.1", "[::1]"]


def test_app_env_is_not_read_unless_its_folder_is_attached(attached, monkeypatch):
    write(attached / "app.env", "LLM_MODEL=third")
    monkeypatch.chdir(attached)

    _, settings, _ = read({"CONFIG_DIR": str(attached)})

    assert settings.LLM_MODEL == "deepseek-chat"


def test_moviepilots_file_does_not_set_what_the_console_calls_the_same(attached):
    write(
        attached / "app.env",
        f"SECRET_KEY={SECRET}",
        "DEBUG=true",
        'ALLOWED_HOSTS=["*"]',
        "MPADMIN_PORT=1",
        "DATABASE_URL=sqlite:////elsewhere.db",
    )

    console, settings, texts = read({"MOVIEPILOT_CONFIG_DIR": str(attached)})

    assert (console.SECRET_KEY, console.DEBUG) == ("", False)
    assert "*" not in console.ALLOWED_HOSTS
    assert (console.MPADMIN_PORT, console.DATABASE_URL) == (8000, "")
    assert (settings.SECRET_KEY, settings.DEBUG) == (SECRET, True)
    assert not {"SECRET_KEY", "DEBUG", "DATABASE_URL"} & {*texts}


def test_the_folder_may_be_named_in_the_consoles_file(project, attached):
    write(attached / "app.env", "LLM_MODEL=third")
    write(project / ".moviepilot.env", f"MOVIEPILOT_CONFIG_DIR='{attached}'")

    _, settings, _ = read({}, folder=project)

    assert settings.LLM_MODEL == "third"


def test_another_file_can_be_named_and_must_be_there(project, tmp_path):
    write(project / ".moviepilot.env", "LLM_MODEL=project")
    write(tmp_path / "other.env", "LLM_MODEL=other")

    _, settings, _ = read(
        {"MPADMIN_ENV_FILE": str(tmp_path / "other.env")}, folder=project
    )

    assert settings.LLM_MODEL == "other"
    assert settings.source_of("LLM_MODEL") == "other.env"
    with pytest.raises(SettingsError, match=r"There is no file .*nowhere\.env"):
        read({"MPADMIN_ENV_FILE": str(tmp_path / "nowhere.env")})


def test_texts_are_those_of_the_process_over_the_file(project):
    write(project / ".moviepilot.env", "REDIS_URL=redis://file", "REDIS_DB=3")

    _, _, texts = read({"REDIS_URL": "redis://process"}, folder=project)

    assert texts == {"REDIS_URL": "redis://process", "REDIS_DB": "3"}


# --- Values


def test_values_have_the_declared_types(project):
    write(
        project / ".moviepilot.env",
        "TRANSFER_THREADS='4'",
        "WRITE_TIMEOUT=1.5",
        "DOH_ENABLE=on",
        """RMT_SUBEXT='[".srt", ".ass"]'""",
        "ANIME_GENREIDS=16,10762",
        "QB_PORT=8080",
        "export QB_HOST=nas.example # a remark",
        "DB_POSTGRESQL_PORT=''",
    )

    _, settings, _ = read({}, folder=project)

    assert settings.TRANSFER_THREADS == 4
    assert settings.WRITE_TIMEOUT == 1.5
    assert settings.DOH_ENABLE is True
    assert settings.RMT_SUBEXT == [".srt", ".ass"]
    assert settings.ANIME_GENREIDS == [16, 10762]
    assert (settings.QB_HOST, settings.QB_PORT) == ("nas.example", 8080)
    assert settings.DB_POSTGRESQL_PORT == ""


def test_a_dollar_is_a_character_of_a_password():
    _, settings, _ = read({"DB_POSTGRESQL_PASSWORD": "$HOME", "HOME": "/somewhere"})

    assert settings.DB_POSTGRESQL_PASSWORD == "$HOME"


def test_a_name_nobody_declared_is_no_attribute():
    _, settings, _ = read({"SOMETHING_ELSE": "1"})

    with pytest.raises(AttributeError):
        _ = settings.SOMETHING_ELSE


# --- What does not convert


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("PORT=http", "PORT is 'http' in {} — write a whole number."),
        ("DOH_ENABLE=perhaps", "DOH_ENABLE is 'perhaps' in {} — write true or false."),
        ("WRITE_TIMEOUT=soon", "WRITE_TIMEOUT is 'soon' in {} — write a number such"),
    ],
)
def test_a_value_that_does_not_convert_is_named_with_its_place(
    project, attached, line, said
):
    name, value = line.split("=")
    write(project / ".moviepilot.env", line)
    write(attached / "app.env", line)
    places = {
        "the process environment": ({name: value}, None),
        ".moviepilot.env": ({}, project),
        "app.env": ({"MOVIEPILOT_CONFIG_DIR": str(attached)}, None),
    }

    for place, (environment, folder) in places.items():
        with pytest.raises(SettingsError) as caught:
            read(environment, folder=folder)
        assert str(caught.value).startswith(said.format(place))


def test_a_secret_that_does_not_convert_is_not_repeated():
    with pytest.raises(SettingsError) as caught:
        read({"SECRET_KEY_FALLBACKS": f'["{SECRET}'})

    shown = "".join(traceback.format_exception(caught.value))
    assert "SECRET_KEY_FALLBACKS cannot be used as it stands in the process" in shown
    assert SECRET not in shown
    assert "\n" not in str(caught.value)


def test_a_long_or_broken_value_makes_no_second_line():
    with pytest.raises(SettingsError) as caught:
        read({"PORT": "1\n2" + "x" * 1000})

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 150


def test_a_file_that_is_no_text_is_refused(project):
    (project / ".moviepilot.env").write_bytes(b"TZ='\xff\xfe'")

    with pytest.raises(SettingsError, match=r"\.moviepilot\.env cannot be read"):
        read({}, folder=project)


# --- Fixed, and silent about secrets


def secretive():
    """Settings that hold a secret."""
    return read({"API_TOKEN": SECRET, "PROXY_HOST": SECRET, "REDIS_URL": SECRET})


def test_nothing_can_be_assigned_or_deleted():
    for settings in secretive()[:2]:
        for name in ("API_TOKEN", "DEBUG", "SOMETHING_ELSE", "_found"):
            with pytest.raises(AttributeError, match="cannot be changed while"):
                setattr(settings, name, "x")
            with pytest.raises(AttributeError, match="cannot be changed while"):
                delattr(settings, name)
    assert secretive().settings.API_TOKEN == SECRET


def test_a_setting_cannot_be_forced_by_way_of_object():
    settings = secretive().settings

    with pytest.raises(AttributeError):
        object.__setattr__(settings, "API_TOKEN", "x")


def test_a_list_that_was_handed_out_changes_nothing():
    settings = secretive().settings

    settings.RMT_SUBEXT.append(".sub")

    assert ".sub" not in settings.RMT_SUBEXT
    assert ".sub" not in read({}).settings.RMT_SUBEXT


def test_neither_text_nor_attributes_nor_a_pickle_show_a_secret():
    for settings in secretive()[:2]:
        shown = f"{settings!r} {settings} {vars(settings)} {settings.as_dict()}"
        assert SECRET not in shown
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="not pickled"):
                attempt(settings)


def test_as_dict_hides_secrets_unless_asked():
    settings = secretive().settings

    hidden, shown = settings.as_dict(), settings.as_dict(show_secrets=True)

    assert list(hidden) == sorted(hidden)
    assert hidden["API_TOKEN"] == hidden["PROXY_HOST"] == HIDDEN
    assert shown["API_TOKEN"] == shown["PROXY_HOST"] == SECRET
    # A default is hidden too: that it is one need not be seen.
    assert hidden["DB_POSTGRESQL_PASSWORD"] == HIDDEN
    assert hidden["GITHUB_TOKEN"] is None
    assert hidden["PIP_PROXY"] == ""
    assert read({}).console.as_dict()["SECRET_KEY_FALLBACKS"] == []


def test_secrets_are_the_secret_texts_that_were_set():
    console, settings, _ = read(
        {
            "API_TOKEN": "synthetic-1",
            "GITHUB_TOKEN": "",
            "LLM_MODEL": "no-secret",
            "LLM_BASE_URL": "https://me:synthetic-2@model.example",
            "SECRET_KEY_FALLBACKS": "synthetic-3,synthetic-4",
        }
    )

    assert settings.secrets() == ("synthetic-1", "https://me:synthetic-2@model.example")
    assert console.secrets() == ("synthetic-3", "synthetic-4")
