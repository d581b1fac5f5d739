"""Files made to exhaust who reads them. Run as a program it reads one and prints what
came of it, and the most memory it took in MB:

    python -m core.exchange.tests.bombs zip-bomb
"""

from __future__ import annotations

import os
import struct
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MB = 2**20
A = b"a" * MB
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{PACKAGE}content-types">
      <Default Extension="rels" ContentType="{PACKAGE}relationships+xml"/>
      <Override PartName="/xl/workbook.xml" ContentType="{TYPES}sheet.main+xml"/>
      <Override PartName="/xl/worksheets/sheet1.xml"
        ContentType="{TYPES}worksheet+xml"/>
      <Override PartName="/xl/sharedStrings.xml"
        ContentType="{TYPES}sharedStrings+xml"/></Types>""",
    "xl/workbook.xml": f"""<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">
      <sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{PACKAGE}relationships">
      <Relationship Id="r1" Type="{OFFICE}/worksheet"
        Target="worksheets/sheet1.xml"/>
      <Relationship Id="r2" Type="{OFFICE}/sharedStrings"
        Target="sharedStrings.xml"/></Relationships>""",
}
HEADER = b'<row><c t="inlineStr"><is><t>name</t></is></c></row>'
CELL, CELL_END = b'<row><c t="inlineStr"><is><t>', b"</t></is></c></row>"


def workbook(
    file: IO[bytes],
    sheet: Iterable[bytes],
    strings: Iterable[bytes] = (),
    start: bytes = b"",
) -> None:
    """A workbook whose sheet and shared strings are made of these pieces."""
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, f'<?xml version="1.0"?>{text}')
        head = f'<sst xmlns="{MAIN}">'.encode()
        write_part(archive, "xl/sharedStrings.xml", [head, *strings, b"</sst>"])
        head = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
        tail = b"</sheetData></worksheet>"
        write_part(
            archive, "xl/worksheets/sheet1.xml", [start, head, HEADER, *sheet, tail]
        )


def write_part(archive: ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    with archive.open(name, "w", force_zip64=True) as part:
        for piece in pieces:
            part.write(piece)


def lying(file: IO[bytes]) -> None:
    """A bomb whose directory says that the sheet has 1,000 bytes."""
    workbook(file, [CELL, *[A] * 300, CELL_END])
    file.seek(0)
    data = bytearray(file.read())
    struct.pack_into("<I", data, data.rfind(b"PK\x01\x02") + 24, 1000)
    file.seek(0)
    file.write(data)


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]>' % b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
SMILES = b"\n".join(
    [
        b"- &a0 [x]",
        *(
            b"- &a%d [%s]" % (n, b",".join([b"*a%d" % (n - 1)] * 9))
            for n in range(1, 12)
        ),
    ]
)
PIECES: dict[str, Callable[[], Iterable[bytes]]] = {
    "cell.csv": lambda: [b"name\n", *[A] * 1024],
    "long.csv": lambda: [b"name\n", *[A] * 60],
    "columns.csv": lambda: [b"a", *[b",a" * 500_000] * 16],
    "quoted-columns.csv": lambda: [b"a\n", *[b'"\n",' * 200_000] * 20],
    "wide-characters.csv": lambda: [b"a\n", *["😀".encode() * 1000] * 2000],
    "array.json": lambda: [b'[{"a":[', *[b"[]," * 300_000] * 15, b"1]}]"],
    "keys.json": lambda: [b"[{", *(b'"%d":1,' % n for n in range(3_000_000))],
    "line.jsonl": lambda: [b'{"a":[', *[b"[]," * 300_000] * 8, b"1]}"],
    "deep.json": lambda: [b'[{"a":', b"[" * 10**6],
    "aliases.yaml": lambda: [SMILES],
    "flow.yaml": lambda: [b"- [", *[b"1," * 100_000] * 10],
}
BOOKS: dict[str, Callable[[IO[bytes]], None]] = {
    "bomb.xlsx": lambda f: workbook(f, [CELL, *[A] * 1024, CELL_END]),
    "lying.xlsx": lying,
    "cell.xlsx": lambda f: workbook(f, [CELL, *[A] * 15, CELL_END]),
    "row.xlsx": lambda f: workbook(f, [b"<row>", *[b"<c/>" * 250_000] * 40]),
    "rows.xlsx": lambda f: workbook(f, [b"<row/>" * 100_000] * 100),
    "strings.xlsx": lambda f: workbook(f, [], [b"<si><t/></si>" * 100_000] * 40),
    "entities.xlsx": lambda f: workbook(
        f, [CELL, b"&j;", CELL_END], start=b'<?xml version="1.0"?>' + LAUGHS
    ),
}


def make(name: str, file: IO[bytes]) -> None:
    """Write the bomb of this name."""
    if name in BOOKS:
        BOOKS[name](file)
    else:
        file.writelines(PIECES[name]())


def peak() -> int:
    """The most memory this process has had, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(x.split()[1]) // 1024 for x in lines if x.startswith("VmHWM"))


def main(name: str) -> None:
    """Read it, and tell."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.tests.support.settings")
    django.setup()
    from core.exchange.limits import Unreadable
    from core.exchange.reading import read

    with tempfile.TemporaryFile() as file:
        make(name, file)
        try:
            read(file, name=name, is_sealed=False)
        except Unreadable as problem:
            print(peak(), problem)  # noqa: T201
        else:
            print(peak(), "read")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
