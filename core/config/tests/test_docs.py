"""docs/configuration.md says what is declared, and nothing else reads variables."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from core.config import PROJECT, ConfigModel, ConsoleModel

TEXT = (PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]+)` \| (.*?) \|", re.MULTILINE)
MAY_READ = {"manage.py", "core/config/__init__.py", "mpadmin/wsgi.py"}


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def written(setting) -> str:
    """A default as the tables have it."""
    if setting.otherwise:
        return setting.otherwise
    default = setting.default
    if isinstance(default, bool):
        default = str(default).lower()
    if isinstance(default, list):
        default = ",".join(default)
    return "–" if default == "" else f"`{default}`"


def test_the_tables_have_the_consoles_variables_with_their_defaults():
    rows = dict(ROW.findall(section("MoviePilot's database") + section("The console")))
    own = {name: rows[name] for name in rows if name not in ConfigModel.declared()}
    shared = {*ConfigModel.declared()} & {*ConsoleModel.declared()}
    own |= {name: rows[name] for name in shared}

    declared = ConsoleModel.declared()
    assert own == {name: written(each) for name, each in declared.items()}


def test_the_table_of_moviepilots_names_has_their_defaults():
    rows = dict(ROW.findall(section("MoviePilot's database")))
    declared = ConfigModel.declared()

    shown = {name: text.split(";")[0] for name, text in rows.items()}
    common = {name: shown[name] for name in shown if name in declared}
    assert len(common) == 7
    assert common == {name: written(declared[name]) for name in common}


def test_the_number_of_names_and_the_example_are_true(capsys):
    call_command("config", "describe", "TRANSFER_THREADS")

    told = section("MoviePilot's settings")
    assert f"the {len(ConfigModel.declared())} names" in told
    for line in capsys.readouterr().out.splitlines():
        assert f"    {line}\n" in told


@pytest.mark.parametrize("folder", ["core", "history", "sites", "mpadmin"])
def test_nothing_else_reads_the_environment(folder):
    readers = {
        str(path.relative_to(PROJECT))
        for path in Path(PROJECT / folder).rglob("*.py")
        if "tests" not in path.parts
        and re.search(r"\bos\.(environ|getenv)|environ\.Env\(\)", path.read_text())
    }

    assert readers <= MAY_READ | {"core/config/model.py"}


def test_the_file_with_secrets_is_not_kept_by_git():
    ignored = (PROJECT / ".gitignore").read_text().splitlines()

    assert ".moviepilot.env" in ignored
