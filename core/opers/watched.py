"""What core.reload compares to see whether a table's choices have changed."""

from __future__ import annotations

import hashlib

from django.apps import apps

from core.opers.base import oper_of

USUAL = ("name", "key", "title", "is_active")


def table_digest(label: str) -> bytes:
    """A digest of the records of a small table, given by its label: `sites.Site`.

    Of their ids and the columns the Oper names in `watched_columns`, else of those that
    tell records apart for people. One query, which reads the whole table.
    """
    oper = oper_of(apps.get_model(label))
    names = {field.attname for field in oper.model._meta.fields}
    columns = getattr(oper, "watched_columns", None) or [n for n in USUAL if n in names]
    rows = oper.get_queryset().order_by("pk").values_list("pk", *columns)
    digest = hashlib.blake2b(digest_size=16)
    for row in rows.iterator():
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
    return digest.digest()
