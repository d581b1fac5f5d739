"""Tables out of files: which format a file has, its columns and its rows.

    table = read(stream, name="sites.csv", is_sealed=True)
    table.packed.head.names, table.packed.rows()

However large or broken a file is, reading it takes little memory: the limits stand in
core.exchange.limits. The file itself is kept nowhere; the rows are packed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.exchange import limits
from core.exchange.faults import WIDTH
from core.exchange.limits import check_columns, refuse
from core.exchange.packed import PackedTable, Packer, TooMuch
from core.exchange.reading_documents import json_array, json_lines, yaml_list
from core.exchange.reading_text import csv_rows, open_text, sniff
from core.exchange.reading_xlsx import xlsx_rows

if TYPE_CHECKING:
    from core.exchange.packed import Row

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
YAML_START = re.compile(r"\s*(?:---|- |-\n|%YAML|#)")
SEPARATOR = re.compile(r"sep=(.)\r?\n")


class Format(models.TextChoices):
    """What a file is written in."""

    CSV = "csv", "CSV"
    TSV = "tsv", "TSV"
    XLSX = "xlsx", "XLSX"
    JSON = "json", "JSON"
    JSON_LINES = "jsonl", gettext_lazy("JSON Lines")
    YAML = "yaml", "YAML"


SUFFIXES = {
    **{each.value: each for each in Format},
    "txt": Format.CSV,
    "tab": Format.TSV,
    "ndjson": Format.JSON_LINES,
    "yml": Format.YAML,
    "xlsm": Format.XLSX,
}
DOCUMENTS: dict[Format, Callable[[TextIO], Iterator[Row]]] = {
    Format.JSON: json_array,
    Format.JSON_LINES: json_lines,
    Format.YAML: yaml_list,
}


@dataclass(frozen=True)
class ReadTable:
    """What was read, and how."""

    packed: PackedTable
    format: Format
    encoding: str = ""
    delimiter: str = ""


def read(
    stream: BinaryIO,
    *,
    name: str = "",
    is_sealed: bool,
    format_: str = "",
    encoding: str = "",
    delimiter: str = "",
) -> ReadTable:
    """Read a table; what is not given is guessed from the name and the content.

    `is_sealed` says whether it may hold secrets. Raises Unreadable.
    """
    _check_size(stream, limits.MOST_BYTES)
    packer = Packer(is_sealed, limits.MOST_KEPT, limits.MOST_TEXT)
    found = Format(format_) if format_ else _binary_format(stream)
    try:
        if found == Format.XLSX:
            return ReadTable(_pack_table(xlsx_rows(stream), packer, pads=True), found)
        text, encoding = open_text(stream, encoding)
        try:
            found = found or _text_format(text, name)
            return _read_text(text, packer, found, encoding, delimiter)
        finally:
            text.detach()  # or it would close the stream
    except TooMuch:
        refuse(_("The table holds too much. Import it in several parts."))


def _check_size(stream: BinaryIO, most: int) -> None:
    size = stream.seek(0, 2)
    stream.seek(0)
    if size > most:
        refuse(
            _("The file has %(size)s MB; up to %(most)s MB are read.")
            % {
                "size": f"{size / limits.MEGABYTE:,.0f}",
                "most": most // limits.MEGABYTE,
            }
        )
    if not size:
        refuse(_("The file is empty."))


def _binary_format(stream: BinaryIO) -> Format | None:
    start = stream.read(4)
    if start == OLD_EXCEL:
        refuse(_("This is a workbook of an old Excel. Save it as XLSX or CSV."))
    return Format.XLSX if start == ZIP else None


def _text_format(text: TextIO, name: str) -> Format:
    """What the name says, else what the text looks like."""
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    named = SUFFIXES.get(suffix)
    if named == Format.XLSX:
        refuse(_("This is no XLSX workbook, whatever its name says."))
    start = text.read(2**16).lstrip()
    text.seek(0)
    if start[:1] == "{" and named in (None, Format.JSON):
        first, _end, rest = start.partition("\n")
        has_lines = first.rstrip().endswith("}") and rest.lstrip()[:1] == "{"
        return Format.JSON_LINES if has_lines else Format.JSON
    if named:
        return named
    if start[:1] == "[":
        return Format.JSON
    return Format.YAML if YAML_START.match(start) else Format.CSV


def _read_text(
    text: TextIO, packer: Packer, format_: Format, encoding: str, delimiter: str
) -> ReadTable:
    if format_ in DOCUMENTS:
        if format_ == Format.YAML:
            _check_size(text.buffer, limits.MOST_YAML)
            text.seek(0)
        packed = _pack_documents(DOCUMENTS[format_](text), packer)
        return ReadTable(packed, format_, encoding)
    if not delimiter:
        delimiter = "\t" if format_ == Format.TSV else _delimiter(text)
    packed = _pack_table(csv_rows(text, delimiter), packer)
    return ReadTable(packed, format_, encoding, delimiter)


def _delimiter(text: TextIO) -> str:
    """What the first line names, as Excel writes it, else what looks like one."""
    named = SEPARATOR.match(text.read(8))
    text.seek(0)
    if not named:
        return sniff(text)
    text.readline()
    return named[1]


def _pack_table(
    rows: Iterator[Row], packer: Packer, *, pads: bool = False
) -> PackedTable:
    """The first row has the names; `pads` fills rows up to their number."""
    names = _names(next(rows, (0, []))[1])
    width = len(names)
    for number, row in rows:
        cells: Any = row
        if pads and len(cells) < width:
            cells = [*cells, *[""] * (width - len(cells))]
        while len(cells) > width and cells[-1] == "":
            cells.pop()
        if len(cells) == width:
            _check_cells(number, cells)
        _add(packer, number, cells if len(cells) == width else WIDTH)
    return _whole(packer, names, is_document=False)


def _names(row: list[Any]) -> list[str]:
    names = [name.strip() if isinstance(name, str) else "" for name in row]
    while names and not names[-1]:
        names.pop()
    check_columns(len(names))
    if not names:
        refuse(_("The first row has to name the columns."))
    return names


def _pack_documents(rows: Iterator[Row], packer: Packer) -> PackedTable:
    names: dict[str, None] = {}
    for number, record in rows:
        if isinstance(record, dict):
            names |= dict.fromkeys(record)
            check_columns(len(names))
            _check_cells(number, [*record.values()])
        _add(packer, number, record)
    return _whole(packer, [*names], is_document=True)


def _check_cells(number: int, cells: list[Any]) -> None:
    for cell in cells:
        if isinstance(cell, str) and len(cell) > limits.MOST_CELL:
            limits.too_long_cell(number)


def _add(packer: Packer, number: int, cells: Any) -> None:
    packer.add(number, cells)
    if packer.count > limits.MOST_ROWS:
        refuse(
            _("The table has more than %s rows. Import it in several parts.")
            % f"{limits.MOST_ROWS:,}"
        )


def _whole(packer: Packer, names: list[str], *, is_document: bool) -> PackedTable:
    if not packer.count:
        refuse(
            _("There is no row beneath the names of the columns.")
            if names
            else _("There is no record in it.")
        )
    return packer.packed(names, is_document=is_document)
