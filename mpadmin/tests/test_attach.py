"""Which database the settings lead to."""

from pathlib import Path

import pytest

from mpadmin import attach


def folder(tmp_path: Path, *lines: str) -> dict[str, str]:
    """The environment that names a configuration folder with this app.env."""
    (tmp_path / "app.env").write_text("\n".join(lines), encoding="utf-8")
    return {"MOVIEPILOT_CONFIG_DIR": str(tmp_path)}


def test_without_a_setting_the_sample_is_opened(tmp_path):
    found = attach.find({}, tmp_path)

    assert not found.is_foreign
    assert found.database["NAME"] == f"file://{tmp_path}/user.db?mode=rw"
    assert found.zone == "Asia/Shanghai"


def test_a_configuration_folder_means_its_file_by_default(tmp_path):
    found = attach.find({"MOVIEPILOT_CONFIG_DIR": str(tmp_path)}, Path("/nowhere"))

    assert found.is_foreign
    assert found.database["NAME"] == f"file://{tmp_path}/user.db?mode=rw"


def test_characters_that_mean_something_in_an_address_are_escaped(tmp_path):
    found = attach.find({"MOVIEPILOT_CONFIG_DIR": str(tmp_path)}, Path("/nowhere"))
    odd = attach.sqlite(tmp_path / "a?b#c %20", found.zone)

    assert odd["NAME"] == f"file://{tmp_path}/a%3Fb%23c%20%2520?mode=rw"


def test_app_env_is_read_as_moviepilot_writes_it(tmp_path):
    environment = folder(
        tmp_path,
        "# database",
        "DB_TYPE='PostgreSQL'",
        "DB_POSTGRESQL_HOST='db.example'",
        r"DB_POSTGRESQL_PASSWORD='it\'s \\ #1 \"quoted\"'",
        "export DB_POSTGRESQL_USERNAME=plain # a remark",
        "TZ='Europe/Berlin'",
        "UNRELATED='ignored'",
    )

    found = attach.find(environment, Path("/nowhere"))

    assert found.zone == "Europe/Berlin"
    assert found.database["HOST"] == "db.example"
    assert found.database["PORT"] == "5432"
    assert found.database["NAME"] == "moviepilot"
    assert found.database["USER"] == "plain"
    assert found.database["PASSWORD"] == 'it\'s \\ #1 \\"quoted\\"'


def test_the_process_environment_wins_over_app_env_even_when_empty(tmp_path):
    environment = folder(
        tmp_path, "DB_TYPE='postgresql'", "DB_POSTGRESQL_PORT='5433'", "TZ='Asia/Tokyo'"
    )

    found = attach.find(
        {**environment, "DB_POSTGRESQL_PORT": "", "TZ": "UTC"}, Path("/nowhere")
    )

    assert found.database["PORT"] == ""
    assert found.zone == "UTC"


def test_the_consoles_own_file_wins_over_app_env(tmp_path):
    environment = folder(tmp_path, "DB_TYPE='sqlite'", "TZ='Asia/Tokyo'")
    own = tmp_path / "own.env"
    own.write_text("DB_TYPE=postgresql\nDB_POSTGRESQL_HOST=db.example\n")

    found = attach.find({**environment, "MPADMIN_ENV_FILE": str(own)}, Path("/nowhere"))

    assert found.database["HOST"] == "db.example"
    assert found.zone == "Asia/Tokyo"


def test_the_folder_may_be_named_in_the_consoles_own_file(tmp_path):
    own = tmp_path / "own.env"
    own.write_text(f"MOVIEPILOT_CONFIG_DIR='{tmp_path}'\n")

    found = attach.find({"MPADMIN_ENV_FILE": str(own)}, Path("/nowhere"))

    assert found.is_foreign
    assert found.database["NAME"] == f"file://{tmp_path}/user.db?mode=rw"


def test_an_empty_variable_unsets_what_the_file_says(tmp_path):
    own = tmp_path / "own.env"
    own.write_text(f"MOVIEPILOT_CONFIG_DIR='{tmp_path}/nowhere'\n")

    found = attach.find(
        {"MPADMIN_ENV_FILE": str(own), "MOVIEPILOT_CONFIG_DIR": ""}, tmp_path
    )

    assert not found.is_foreign


def test_a_socket_folder_is_a_host(tmp_path):
    environment = folder(
        tmp_path,
        "DB_TYPE='postgresql'",
        "DB_POSTGRESQL_HOST='/run/postgresql'",
        "DB_POSTGRESQL_PORT=''",
    )

    found = attach.find(environment, Path("/nowhere"))

    assert found.database["HOST"] == "/run/postgresql"
    assert found.database["PORT"] == ""


def test_database_names_of_the_environment_mean_nothing_without_the_folder(tmp_path):
    found = attach.find({"DB_TYPE": "postgresql", "TZ": "UTC"}, tmp_path)

    assert not found.is_foreign
    assert found.zone == "Asia/Shanghai"


def test_an_address_attaches_a_server(tmp_path):
    address = "postgres://someone:p%40ss%2F%23@db.example:5433/films"

    found = attach.find({"MOVIEPILOT_DATABASE_URL": address}, tmp_path)

    login = {key: found.database[key] for key in ("NAME", "USER", "PASSWORD", "HOST")}
    assert login == {
        "NAME": "films",
        "USER": "someone",
        "PASSWORD": "p@ss/#",
        "HOST": "db.example",
    }
    assert found.database["PORT"] == 5433


def test_an_address_attaches_a_file(tmp_path):
    address = f"sqlite:///{tmp_path}/other.db"

    found = attach.find({"MOVIEPILOT_DATABASE_URL": address}, Path("/nowhere"))

    assert found.is_foreign
    assert found.database["NAME"] == f"file://{tmp_path}/other.db?mode=rw"


@pytest.mark.parametrize(
    "address",
    [
        "mysql://someone:synthetic-Pass-2@db.example/films",
        "postgres://someone:synthetic-Pass-2@db.example:port/films",
        "postgres://someone:synthetic-Pass-2@db.example",
        "sqlite://synthetic-Pass-2/user.db",
        "synthetic-Pass-2",
    ],
)
def test_an_address_that_cannot_be_read_is_not_repeated(tmp_path, address):
    with pytest.raises(attach.AttachError) as caught:
        attach.find({"MOVIEPILOT_DATABASE_URL": address}, tmp_path)

    assert "synthetic-Pass-2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_database_of_another_type_is_refused(tmp_path):
    with pytest.raises(attach.AttachError, match="'mysql'"):
        attach.find(folder(tmp_path, "DB_TYPE=mysql"), Path("/nowhere"))


def test_an_app_env_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "app.env").write_bytes(b"TZ='\xff\xfe'")

    with pytest.raises(attach.AttachError, match="cannot be read"):
        attach.find({"MOVIEPILOT_CONFIG_DIR": str(tmp_path)}, Path("/nowhere"))


def test_both_databases_refuse_writes_of_their_own_accord(tmp_path):
    file = attach.sqlite(tmp_path / "user.db", "UTC")
    server = attach.postgresql({"NAME": "films"}, "UTC")

    assert "query_only=ON" in file["OPTIONS"]["init_command"]
    assert server["OPTIONS"]["options"] == "-c default_transaction_read_only=on"


@pytest.mark.parametrize("number", [-1, 0, 65536])
def test_a_port_out_of_range_is_refused(number):
    with pytest.raises(attach.SettingsError, match=f"MPADMIN_PORT is {number} — write"):
        attach.port(number)
