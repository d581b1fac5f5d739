"""JSON Schema: which JSON MoviePilot can read, and in words why some it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match, relevance

from core.fields.jsontext import JSON_NULL, BrokenJSON, parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema import ValidationError as Misfit

MOST_MISFITS = 3
KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def check(shape: Mapping[str, Any], value: Any) -> None:
    """Raises ValidationError with a message for each of the first places that do not
    fit: `At $[2].name: this must be a text.` Values are not repeated.

    `shape` is a JSON Schema (2020-12), `value` a value of a JSONColumn.
    """
    if isinstance(value, BrokenJSON):
        value = parse_json(value)
    value = None if value is JSON_NULL else value
    if _plainly_fits(shape, value):
        return
    misfits = sorted(Draft202012Validator(shape).iter_errors(value), key=relevance)
    if misfits:
        # The most relevant come last.
        raise ValidationError(
            [_message(each) for each in misfits[: -MOST_MISFITS - 1 : -1]]
        )


def _plainly_fits(shape: Any, value: Any) -> bool:
    """Whether the value fits for certain, told in a twentieth of jsonschema's time."""
    plain = {"type", "items", "additionalProperties"}
    if not isinstance(shape, dict) or not shape.keys() <= plain:
        return False
    wanted = shape.get("type", [*KINDS])
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(type(value) in KINDS[kind] for kind in kinds):
        return False
    if isinstance(value, list):
        return all(_plainly_fits(shape.get("items", {}), each) for each in value)
    if isinstance(value, dict):
        inner = shape.get("additionalProperties", {})
        return all(_plainly_fits(inner, each) for each in value.values())
    return True


def _message(misfit: Misfit) -> str:
    """The path and what is wrong there; of alternatives the one that comes closest."""
    while misfit.context:
        misfit = best_match(iter(misfit.context))
    return _("At %(path)s: %(problem)s") % {
        "path": misfit.json_path,
        "problem": _problem(misfit),
    }


def _problem(misfit: Misfit) -> str:
    wanted: Any = misfit.validator_value
    match misfit.validator:
        case "type":
            names = _kind_names()
            kinds = [wanted] if isinstance(wanted, str) else wanted
            wanted = _(" or ").join(names[kind] for kind in kinds)
            text = _("this must be %s.")
        case "required":
            instance: Any = misfit.instance
            wanted = next(name for name in wanted if name not in instance)
            text = _("“%s” is missing.")
        case "enum":
            wanted = ", ".join(map(str, wanted))
            text = _("this must be one of: %s.")
        case "minItems":
            text = _("this list needs at least %s values.")
        case "maxItems":
            text = _("this list takes no more than %s values.")
        case "pattern":
            text = _("this text does not have the form %s.")
        case keyword:
            wanted, text = keyword, _("this does not fit (%s).")
    told: str = text % wanted
    return told


def _kind_names() -> dict[str, str]:
    return {
        "object": _("an object"),
        "array": _("a list"),
        "string": _("a text"),
        "integer": _("a whole number"),
        "number": _("a number"),
        "boolean": _("true or false"),
        "null": _("null"),
    }
