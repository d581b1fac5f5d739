"""What a form showed, carried by the form itself: signed, and without any value.

For each column two digests: one of the stored value, so that a save can tell
whether it moved meanwhile, and one of the text in the input, so that it can tell
what the operator edited. Comparing with the present row would take every move by
MoviePilot for an edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from core.admin.inputs import as_posted

if TYPE_CHECKING:
    from core.models.base import Record

SALT = "core.admin.shown"


class StaleForm(Exception):
    """The form is of another record, or was not made here."""


def text_digest(text: str) -> str:
    """A digest of the text in an input, as a browser sends it back."""
    return salted_hmac(SALT, as_posted(text)).hexdigest()[:20]


@dataclass
class Shown:
    """The digests of one form."""

    stored: dict[str, str] = field(default_factory=dict)
    """Column → fingerprint of its value, see core.changes.fingerprint."""
    texts: dict[str, str] = field(default_factory=dict)
    """Column → digest of its input's text."""
    nulls: set[str] = field(default_factory=set)
    """Columns whose NULL box was ticked."""

    @classmethod
    def parse(cls, signed: str, record: Record) -> Shown:
        """The digests a form of this record was sent with. Raises StaleForm."""
        try:
            label, stored, texts, nulls = signing.loads(signed, salt=SALT)
        except (signing.BadSignature, ValueError):
            raise StaleForm from None
        if label != _label(record):
            raise StaleForm
        return cls(stored, texts, set(nulls))

    def sign(self, record: Record) -> str:
        """The text for the form's hidden input."""
        content = [_label(record), self.stored, self.texts, sorted(self.nulls)]
        return signing.dumps(content, salt=SALT, compress=True)

    def is_same_text(self, name: str, posted: str) -> bool:
        """Whether the operator left the input as it was."""
        return constant_time_compare(self.texts.get(name, ""), text_digest(posted))

    def take(self, name: str, other: Shown) -> None:
        """Replace what was shown of one column by what is shown now."""
        self.stored[name] = other.stored.get(name, "")
        self.texts[name] = other.texts.get(name, "")
        self.nulls.discard(name)
        self.nulls |= other.nulls & {name}


def _label(record: Record) -> str:
    return f"{record._meta.label_lower}:{record.pk}"
