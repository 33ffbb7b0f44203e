"""Workbooks made to hurt: each is small, and each asks for more than a reader should give."""

import io
import struct
import zipfile
from collections.abc import Callable
from typing import Final

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MIB: Final = 1024 * 1024


def workbook(sheet: bytes, parts: dict[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook of one sheet with this XML, and more parts that replace the usual ones."""
    said = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_RELATIONS}"><sheets><sheet name="S" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        + "".join(
            f'<Relationship Id="r{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(
                [("worksheet", "sheet.xml"), ("sharedStrings", "shared.xml"), ("styles", "styles.xml")], start=1
            )
        )
        + "</Relationships>",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, text in {
            **{name: text.encode() for name, text in said.items()},
            "xl/sheet.xml": sheet,
            **(parts or {}),
        }.items():
            file.writestr(name, text)
    return packed.getvalue()


def rows(content: str) -> bytes:
    """The XML of a sheet with these rows."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{content}</sheetData></worksheet>'.encode()


FINE: Final = rows('<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>')


def _large() -> bytes:
    """Its directory says that the sheet unpacks to 600 MiB."""
    packed = bytearray(workbook(FINE))
    struct.pack_into("<I", packed, packed.rfind(b"xl/sheet.xml") - 46 + 24, 600 * _MIB)
    return bytes(packed)


def _many_parts() -> bytes:
    packed = io.BytesIO(workbook(FINE))
    with zipfile.ZipFile(packed, "a") as file:
        for number in range(12_000):
            file.writestr(f"x{number}", b"")
    return packed.getvalue()


def _lying_size() -> bytes:
    """The directory says that the sheet is small, but it unpacks to 24 MiB."""
    packed = bytearray(workbook(b" " * 24 * _MIB))
    at = packed.rfind(b"xl/sheet.xml") - 46
    struct.pack_into("<I", packed, at + 24, 1000)
    return bytes(packed)


def _twice() -> bytes:
    packed = io.BytesIO(workbook(FINE))
    with zipfile.ZipFile(packed, "a") as file:
        file.writestr("XL/SHEET.XML", FINE)
    return packed.getvalue()


def _encrypted() -> bytes:
    packed = bytearray(workbook(FINE))
    at = packed.rfind(b"xl/sheet.xml") - 46
    packed[at + 8] |= 1
    return bytes(packed)


_LAUGHS: Final = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
_OUTSIDE: Final = '<!DOCTYPE worksheet [<!ENTITY e0 SYSTEM "file:///etc/hostname">'

BOMBS: Final[dict[str, Callable[[], bytes]]] = {
    "ratio": lambda: workbook(b" " * 24 * _MIB),
    "unpacked size": _large,
    "lying size": _lying_size,
    "many parts": _many_parts,
    "a part twice": _twice,
    "password": _encrypted,
    "other compression": lambda: workbook(FINE, method=zipfile.ZIP_LZMA),
    "a billion laughs": lambda: workbook(f'<!DOCTYPE worksheet [<!ENTITY e0 "ha">{_LAUGHS}]>'.encode() + rows("&e11;")),
    "outside entity": lambda: workbook(f"{_OUTSIDE}]>".encode() + rows("&e0;")),
    "entities in shared texts": lambda: workbook(
        FINE, {"xl/shared.xml": f"{_OUTSIDE}]><sst><si><t>&e0;</t></si></sst>".encode()}
    ),
    "nesting": lambda: workbook(rows("<a>" * 200_000)),
    "an endless tag": lambda: workbook(rows(f'<row a="{"x" * 12 * _MIB}">')),
    "names without end": lambda: workbook(rows("".join(f"<n{n}/>" for n in range(300_000)))),
    "attributes without end": lambda: workbook(rows("".join(f'<x a{n}="1"/>' for n in range(300_000)))),
    "far column": lambda: workbook(rows('<row r="1"><c r="XFD1"><v>1</v></c></row>')),
    "a column beyond all": lambda: workbook(rows(f'<row r="1"><c r="{"Z" * 5000}1"><v>1</v></c></row>')),
    "a row beyond all": lambda: workbook(rows('<row r="1048577"><c><v>1</v></c></row>')),
    "empty rows": lambda: workbook(rows("<row/>" * 1_100_000)),
    "wide row": lambda: workbook(rows(f"<row>{'<c><v>1</v></c>' * 200_000}</row>")),
    "long cell": lambda: workbook(rows(f'<row><c t="str"><v>{"x" * 8 * _MIB}</v></c></row>')),
    "long shared text": lambda: workbook(
        FINE, {"xl/shared.xml": f"<sst><si><t>{'x' * 8 * _MIB}</t></si></sst>".encode()}
    ),
    "missing shared text": lambda: workbook(rows('<row><c t="s"><v>9</v></c></row>')),
    "styles": lambda: workbook(FINE, {"xl/styles.xml": b"<styleSheet><cellXfs>" + b"<xf/>" * 150_000}),
    "rows out of order": lambda: workbook(rows('<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>')),
    "no sheet": lambda: workbook(FINE, {"xl/_rels/workbook.xml.rels": b"<Relationships/>"}),
    "climbing out": lambda: workbook(
        FINE,
        {
            "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="../../../../etc/passwd"/></Relationships>'.encode()
        },
    ),
    "cut short": lambda: workbook(FINE)[:-30],
    "not XML": lambda: workbook(b"{}"),
    "other zip": lambda: workbook(FINE, {}).replace(b"workbook.xml", b"textbook.xml"),
}
