"""Which code may ask MoviePilot's tables what: see core/tests/support/layers.py."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from core.models.base import Record
from core.tests.support.layers import BUILDING, MAY_BUILD, BuiltElsewhere, sources
from sites.models import Site

MANAGERS = {"_default_manager", "_base_manager"}


def product_code():
    """All our code that is neither Oper, migration nor test."""
    return sources(re.compile(f"/migrations/|{MAY_BUILD.pattern}"))


def test_nothing_but_an_oper_gets_at_a_manager_by_the_back_door():
    found = [
        f"{name}:{node.lineno}"
        for name, tree in product_code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS
    ]

    assert found == []


def test_nothing_but_an_oper_builds_on_a_table_by_its_name():
    records = {model.__name__ for model in Record.__subclasses__()} | {
        model.__name__
        for each in Record.__subclasses__()
        for model in each.__subclasses__()
    }

    found = [
        f"{name}:{node.lineno}: {chain}"
        for name, tree in product_code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in BUILDING
        for chain in [ast.unparse(node)]
        if re.match(rf"({'|'.join(records)})(Oper\(\)|\.objects)\b", chain)
    ]

    assert found == []


def test_the_watch_sees_a_query_that_is_built_elsewhere(sqlite_library):
    namespace = {"Site": Site}
    file = str(Path(settings.BASE_DIR, "core", "admin", "made_up.py"))
    code = compile("found = lambda: Site.objects.filter(pk=1)", file, "exec")
    exec(code, namespace)  # noqa: S102 - code of a file that is no Oper

    with pytest.raises(BuiltElsewhere, match=r"made_up\.py calls Site filter"):
        namespace["found"]()

    assert Site.objects.active().count() == 0
