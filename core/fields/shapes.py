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


def check(shape: Mapping[str, Any], value: Any) -> None:
    """Raises ValidationError with a message for each of the first places that do not
    fit: `At $[2].name: this must be a text.` Values are not repeated.

    `shape` is a JSON Schema (2020-12), `value` a value of a JSONColumn.
    """
    if isinstance(value, BrokenJSON):
        value = parse_json(value)
    value = None if value is JSON_NULL else value
    misfits = sorted(Draft202012Validator(shape).iter_errors(value), key=relevance)
    if misfits:
        # The most relevant come last.
        raise ValidationError(
            [_message(each) for each in misfits[: -MOST_MISFITS - 1 : -1]]
        )


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
            kinds = [wanted] if isinstance(wanted, str) else wanted
            names = _kind_names()
            told = _(" or ").join(names[kind] for kind in kinds)
            return _("this must be %s.") % told
        case "required":
            missing = [name for name in wanted if name not in misfit.instance]
            return _("“%s” is missing.") % missing[0]
        case "enum" | "const":
            values = wanted if isinstance(wanted, list) else [wanted]
            return _("this must be one of: %s.") % ", ".join(map(str, values))
        case "minItems" | "maxItems":
            return _("this list does not have %d values.") % wanted
        case "minLength":
            return _("this text must not be empty.")
        case "pattern":
            return _("this text does not have the form %s.") % wanted
        case keyword:
            return _("this does not fit (%s).") % keyword


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
