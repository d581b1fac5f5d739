"""Every Oper takes every call that MoviePilot's Oper of that name takes.

reference.json holds the signatures of MoviePilot's Opers, of 16 July 2026.
"""

from __future__ import annotations

import ast
import inspect
import json
from inspect import Parameter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

REFERENCE: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("reference.json").read_text()
)
SOURCE = Path(settings.BASE_DIR) / "../shared/reference/opers.json"

OPERS = {
    "DownloadHistoryOper": "history.opers.DownloadHistoryOper",
    "MediaServerOper": "core.opers.library.MediaServerOper",
    "MessageOper": "core.opers.messages.MessageOper",
    "PluginDataOper": "core.opers.plugins.PluginDataOper",
    "SiteOper": "sites.opers.SiteOper",
    "SubscribeOper": "core.opers.subscriptions.SubscribeOper",
    "SystemConfigOper": "core.opers.configuration.SystemConfigOper",
    "TransferHistoryOper": "history.opers.TransferHistoryOper",
    "UserConfigOper": "core.opers.configuration.UserConfigOper",
    "UserOper": "core.opers.accounts.UserOper",
    "WorkflowOper": "core.opers.workflows.WorkflowOper",
}
METHODS = [
    (oper, method, signature)
    for oper, methods in REFERENCE.items()
    for method, signature in methods.items()
    if method != "__init__"
]
SYNC = [(oper, name) for oper, name, text in METHODS if not text.startswith("async ")]

NOTHING: Any = Parameter.empty


class Argument(NamedTuple):
    """An argument of a method of MoviePilot's."""

    name: str
    default: Any = NOTHING


class Listed(NamedTuple):
    """A method of MoviePilot's."""

    is_async: bool
    arguments: list[Argument]
    has_keywords: bool


def read(signature: str) -> Listed:
    """The method of which the reference gives the first line."""
    is_async = signature.startswith("async ")
    text = signature.removeprefix("async ")
    [method] = ast.parse(f"def {text}: ...").body
    assert isinstance(method, ast.FunctionDef)
    given = method.args
    names = [each.arg for each in given.args]
    values = [ast.literal_eval(each) for each in given.defaults]
    defaults = [NOTHING] * (len(names) - len(values)) + values
    arguments = [Argument(*pair) for pair in zip(names, defaults, strict=True)]
    # The reference knows no other kinds of arguments.
    assert [given.posonlyargs, given.kwonlyargs, given.vararg] == [[], [], None]
    return Listed(is_async, arguments[1:], given.kwarg is not None)


def arguments_of(oper: str, name: str) -> list[Parameter]:
    """The arguments of our method, without self."""
    method = getattr(import_string(OPERS[oper]), name)
    return [*inspect.signature(method).parameters.values()][1:]


def misfits(listed: Listed, ours: list[Parameter]) -> list[str]:
    """What keeps our method from taking every call that the listed one takes."""
    keywords = any(each.kind is Parameter.VAR_KEYWORD for each in ours)
    found = [] if keywords or not listed.has_keywords else ["takes no other keywords"]
    for place, argument in enumerate(listed.arguments):
        mine = ours[place] if place < len(ours) else None
        if mine is None or mine.name != argument.name:
            found.append(f"argument {place + 1} is not {argument.name}")
        elif mine.kind is not Parameter.POSITIONAL_OR_KEYWORD:
            found.append(f"{argument.name} is {mine.kind.description}")
        elif argument.default is not NOTHING and mine.default != argument.default:
            found.append(f"{argument.name} is {mine.default!r} by default")
    found += [
        f"{more.name} has to be given"
        for more in ours[len(listed.arguments) :]
        if more.default is NOTHING
        and more.kind not in (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL)
    ]
    return found


def test_every_oper_of_the_reference_is_known():
    assert [*OPERS] == sorted(REFERENCE)


@pytest.mark.skipif(not SOURCE.exists(), reason="the reference is not here")
def test_the_reference_is_complete():
    source = json.loads(SOURCE.read_text())["opers"]

    signatures = {
        oper: {name: each["signature"] for name, each in about["methods"].items()}
        for oper, about in source.items()
    }

    assert signatures == REFERENCE


@pytest.mark.parametrize("oper", OPERS)
def test_every_oper_can_be_made_without_a_session(oper):
    import_string(OPERS[oper])()


@pytest.mark.parametrize(
    ("oper", "name", "signature"), METHODS, ids=[f"{o}.{m}" for o, m, _ in METHODS]
)
def test_every_method_is_there_and_takes_the_same_calls(oper, name, signature):
    listed = read(signature)

    method = getattr(import_string(OPERS[oper]), name, None)

    assert method is not None, f"{oper} has no {name}"
    assert inspect.iscoroutinefunction(method) is listed.is_async
    assert misfits(listed, arguments_of(oper, name)) == []


@pytest.mark.parametrize(("oper", "name"), SYNC, ids=[f"{o}.{m}" for o, m in SYNC])
def test_every_method_has_a_twin_to_await(oper, name):
    twin = getattr(import_string(OPERS[oper]), f"async_{name}", None)

    assert inspect.iscoroutinefunction(twin), f"{oper} has no async_{name}"
    ours = [str(each) for each in arguments_of(oper, name)]
    assert [str(each) for each in arguments_of(oper, f"async_{name}")] == ours


def test_a_method_that_takes_less_is_found_out():
    listed = read("async list(self, page: Optional[int]=1, count=-1, **kwargs) -> Any")

    def less(page: int, *, count: int, more: int) -> None: ...

    assert listed == (True, [Argument("page", 1), Argument("count", -1)], True)
    assert misfits(listed, [*inspect.signature(less).parameters.values()]) == [
        "takes no other keywords",
        f"page is {NOTHING!r} by default",
        "count is keyword-only",
        "more has to be given",
    ]
