"""The start of a real process with a setting that cannot be used: one line."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from core.config import PROJECT
from core.tests.support.live import environment, manage

SECRET = "synthetic-key-1"


@pytest.mark.parametrize("command", ["serve", "check", "config"])
def test_a_value_that_does_not_convert_stops_the_start_in_one_line(tmp_path, command):
    data = str(tmp_path / "data")

    done = manage(command, MPADMIN_DATA_DIR=data, TRANSFER_THREADS="many")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "mpadmin: TRANSFER_THREADS is 'many' in the process environment — write a "
        "whole number.\n"
    )
    assert not Path(data).exists()


def test_a_secret_is_not_in_that_line(tmp_path):
    file = tmp_path / "own.env"
    file.write_text(f"SECRET_KEY_FALLBACKS='[\"{SECRET}'\nAPI_TOKEN={SECRET}\n")

    done = manage("check", MPADMIN_ENV_FILE=str(file))

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "SECRET_KEY_FALLBACKS cannot be used as it stands in own.env" in done.stderr
    assert SECRET not in done.stderr


def test_settings_are_read_without_those_of_django():
    code = "from core.config import settings; print(settings.QB_HOST)"

    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(QB_HOST="nas.example"),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "nas.example\n"


def test_djangos_settings_come_from_the_file(tmp_path):
    file = tmp_path / "own.env"
    file.write_text(
        f"MPADMIN_DATA_DIR='{tmp_path / 'kept'}'\nMPADMIN_PORT=9001\n"
        f"SECRET_KEY='{SECRET}'\nALLOWED_HOSTS=console.example\n"
    )
    code = (
        "from mpadmin import settings as s; from mpadmin import gunicorn as g; "
        "print(s.DATA_DIR, s.PORT, s.SECRET_KEY, s.ALLOWED_HOSTS, g.bind)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(MPADMIN_ENV_FILE=str(file), MPADMIN_PORT="9002"),
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [
        str(tmp_path / "kept"),
        "9002",
        SECRET,
        "['console.example']",
        "127.0.0.1:9002",
    ]
