"""What an operator says of a remap: two prefixes, the rule for case, the places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.changes.operations import UNSTORABLE
from core.changes.remap import Remap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from core.changes import Plan

CASES: dict[str, bool | None] = {"": None, "exact": False, "ignore": True}
"""What the form calls the rules for case, and what a Remap does."""


@dataclass
class RemapForm:
    """The form as it was posted, or as it begins."""

    old: str = ""
    new: str = ""
    case: str = ""
    reason: str = ""
    places: Sequence[str] = ()
    errors: list[str] = field(default_factory=list)
    field_errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: QueryDict, usable: Sequence[str]) -> RemapForm:
        """What was posted, of the places those that may be used."""
        posted = {*data.getlist("place")}
        case = data.get("case", "")
        return cls(
            old=data.get("old", ""),
            new=data.get("new", ""),
            case=case if case in CASES else "",
            reason=data.get("reason", "").strip(),
            places=[name for name in usable if name in posted],
        )

    @classmethod
    def of(cls, made: Plan, usable: Sequence[str]) -> RemapForm:
        """What a plan was made of, to be changed."""
        kept = Remap.of(made)
        case = next(name for name, rule in CASES.items() if rule == kept.ignore_case)
        places = [name for name in usable if name in kept.places]
        return cls(kept.old, kept.new, case, made.reason, places)

    def cases(self) -> list[tuple[str, str, bool]]:
        """(value, label, chosen) of the rules for case."""
        labels = {
            "": _("By the form of the old prefix: Windows ignores it"),
            "exact": _("Case counts"),
            "ignore": _("Case does not count"),
        }
        return [(name, label, name == self.case) for name, label in labels.items()]

    def remap(self) -> Remap | None:
        """The action; None where the form tells what is wrong."""
        for name, text in ("old", self.old), ("new", self.new):
            if not text.strip():
                self.field_errors[name] = _("Give a path.")
            elif UNSTORABLE.search(text):
                self.field_errors[name] = _("A path cannot hold this character.")
        if not self.places:
            self.errors.append(_("Turn on at least one place."))
        if self.field_errors or self.errors:
            self.errors = self.errors or [_("Nothing is planned yet: see below.")]
            return None
        try:
            return Remap(self.old, self.new, self.places, CASES[self.case])
        except ValueError:
            self.field_errors["new"] = _(
                "This is the old prefix: nothing would change."
            )
            self.errors.append(_("Nothing is planned yet: see below."))
        return None
