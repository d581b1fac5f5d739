"""What is declared of MoviePilot's settings and of the console's own."""

import json
from pathlib import Path

import pytest

from core.config import ConfigModel, ConsoleModel, is_secret_name
from core.config.casts import convert

HERE = Path(__file__).parent
FACTS = json.loads((HERE / "settings.json").read_text())
REFERENCE = HERE.parents[3] / "shared" / "reference" / "settings.json"
TYPES = {
    "Optional[str]": "str | None",
    "Optional[bool]": "bool | None",
    "Optional[int]": "int | None",
    "list": "list[str]",
    "List[int]": "list[int]",
}
# Names of the document's own example, which MoviePilot v2 no longer reads.
OF_THE_DOCUMENT = {"QB_HOST", "QB_PORT"}


def expected(fact):
    """A fact as it must be declared: a default that is made at each start is None."""
    kind, default = TYPES.get(fact["type"], fact["type"]), fact["default"]
    if isinstance(default, str) and default.startswith("<"):
        kind, default = f"{kind} | None", None
    return {**fact, "type": kind, "default": default}


def declared(setting):
    return {
        "name": setting.name,
        "type": setting.type_name,
        "default": setting.default,
        "secret": setting.is_secret,
    }


def test_every_name_of_moviepilot_is_declared():
    names = {fact["name"] for fact in FACTS}

    assert len(names) == 206
    assert set(ConfigModel.declared()) == names | OF_THE_DOCUMENT


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["name"])
def test_a_name_is_declared_with_its_type_default_and_secrecy(fact):
    setting = ConfigModel.declared()[fact["name"]]

    assert declared(setting) == expected(fact)


def test_a_default_made_at_each_start_is_described():
    made = [f["name"] for f in FACTS if str(f["default"]).startswith("<")]

    assert made
    for name in made:
        described = ConfigModel.declared()[name].description
        assert "random" in described or "built in" in described, name


@pytest.mark.parametrize("model", [ConfigModel, ConsoleModel])
def test_every_name_has_a_line_of_description_and_a_default_of_its_type(model):
    for setting in model.declared().values():
        text = setting.description
        assert text, setting.name
        assert "\n" not in text
        assert text.strip(". ") == text, setting.name
        assert len(text) <= 72, setting.name
        if setting.default is not None:
            kind = type(setting.default)
            assert setting.type_name.startswith(kind.__name__), setting.name


@pytest.mark.parametrize("model", [ConfigModel, ConsoleModel])
def test_a_default_written_out_is_read_as_itself(model):
    for setting in model.declared().values():
        if setting.default is None:
            assert convert("", setting.kind) is None
            continue
        given = setting.default
        text = json.dumps(given) if isinstance(given, list) else str(given)
        if text or "None" not in setting.type_name:
            assert convert(text, setting.kind) == given, setting.name


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("API_TOKEN", True),
        ("SECRET_KEY", True),
        ("DB_POSTGRESQL_PASSWORD", True),
        ("RESOURCE_SECRET_KEY", True),
        ("SUPERUSER_PASSWORD", True),
        ("SOMEBODYS_NEW_TOKEN", True),
        ("SOMEBODYS_PASSWORD", True),
        ("SOMEBODYS_SECRET", True),
        ("SOMEBODYS_API_KEY", True),
        ("LLM_MAX_CONTEXT_TOKENS", False),
        ("somebodys_token", False),
        ("TOKEN", False),
    ],
)
def test_a_name_alone_may_make_a_secret(name, secret):
    assert is_secret_name(name) is secret


def test_addresses_that_may_hold_a_password_are_secret():
    console = ConsoleModel.declared()

    for name in ("DATABASE_URL", "MOVIEPILOT_DATABASE_URL", "REDIS_URL"):
        assert console[name].is_secret
    assert ConfigModel.declared()["CACHE_BACKEND_URL"].is_secret


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference is not here")
def test_the_facts_are_those_of_the_reference():
    known = [
        {
            "name": each["name"],
            "type": each["type"],
            "default": each["default"],
            "secret": each["sensitive"] or each["masked_by_cli"],
        }
        for each in json.loads(REFERENCE.read_text())["settings"]
    ]

    assert known == FACTS
