"""Documents of office programs for tests, made of their parts: what a test needs of each, and nothing besides."""

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from struct import pack
from typing import NamedTuple

__all__ = [
    "Shown", "compound", "doc", "docx", "epub", "odp", "odt", "pdf", "ppt", "ppt_text", "pptx", "record", "zipped",
]  # fmt: skip

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">{}</cp:coreProperties>'
)
_STYLES = (
    f'<w:styles xmlns:w="{_W}"><w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="V1"><w:name w:val="toc 1"/></w:style></w:styles>'
)


def zipped(parts: Mapping[str, str | bytes], *, stored: Sequence[str] = ("mimetype",)) -> bytes:
    """Returns an archive with these parts in their order."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return file.getvalue()


def docx(body: str, *, core: str = "", **parts: str) -> bytes:
    """Returns a Word document with this body; "w:" is its namespace. `parts` are named without folder and ending."""
    return zipped(
        {
            "[Content_Types].xml": _TYPES,
            "docProps/core.xml": _CORE.format(core),
            "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
            "word/styles.xml": _STYLES,
            **{f"word/{name}.xml": f'<w:{name} xmlns:w="{_W}">{text}</w:{name}>' for name, text in parts.items()},
        }
    )


_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def odt(
    body: str,
    *,
    styles: str = "",
    meta: str = "",
    kind: str = "application/vnd.oasis.opendocument.text",
    last: bool = False,
    manifest: str = "",
    common: str = "",
) -> bytes:
    """Returns a text in OpenDocument; with `last` its type stands at the end, as some programs have it.

    `styles` are those of the text alone, `common` those with names.
    """
    content = (
        f'<office:document-content xmlns:office="{_ODF}:office:1.0" xmlns:text="{_ODF}:text:1.0"'
        f' xmlns:style="{_ODF}:style:1.0" xmlns:table="{_ODF}:table:1.0" xmlns:draw="{_ODF}:drawing:1.0"'
        f' xmlns:fo="{_ODF}:xsl-fo-compatible:1.0">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    about = (
        f'<office:document-meta xmlns:office="{_ODF}:office:1.0" xmlns:meta="{_ODF}:meta:1.0"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>{meta}</office:meta></office:document-meta>'
    )
    named = (
        f'<office:document-styles xmlns:office="{_ODF}:office:1.0" xmlns:style="{_ODF}:style:1.0"'
        f' xmlns:text="{_ODF}:text:1.0" xmlns:fo="{_ODF}:xsl-fo-compatible:1.0"><office:styles>{common}</office:styles>'
        "</office:document-styles>"
    )
    parts = {"styles.xml": named} if common else {}
    rest = {
        **parts,
        "content.xml": content,
        "meta.xml": about,
        "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
    }
    return zipped({**rest, "mimetype": kind} if last else {"mimetype": kind, **rest})


def odp(pages: str, *, kind: str = "application/vnd.oasis.opendocument.presentation", meta: str = "") -> bytes:
    """Returns a presentation in OpenDocument with these pages."""
    content = (
        f'<office:document-content xmlns:office="{_ODF}:office:1.0" xmlns:text="{_ODF}:text:1.0"'
        f' xmlns:draw="{_ODF}:drawing:1.0" xmlns:presentation="{_ODF}:presentation:1.0">'
        f"<office:body><office:presentation>{pages}</office:presentation></office:body></office:document-content>"
    )
    about = (
        f'<office:document-meta xmlns:office="{_ODF}:office:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<office:meta>{meta}</office:meta></office:document-meta>"
    )
    return zipped({"mimetype": kind, "content.xml": content, "meta.xml": about})


_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def pptx(*slides: str, core: str = "", order: Sequence[int] = (), folder: str = "ppt") -> bytes:
    """Returns a PowerPoint presentation of these slides; "p:" and "a:" are namespaces in them.

    `order` are the numbers of the slides as they are shown, from 1 on; without it, they are shown as they are given.
    """
    spaces = f'xmlns:p="{_P}" xmlns:a="{_A}" xmlns:r="{_R}"'
    shown = "".join(f'<p:sldId id="{256 + at}" r:id="rId{at}"/>' for at in order or range(1, len(slides) + 1))
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{_R}/slide" Target="slides/slide{at}.xml"/>'
        for at in range(1, len(slides) + 1)
    )
    types = (
        '<Types><Override PartName="/ppt/presentation.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"/></Types>'
    )
    main = f'<Relationship Type="{_R}/officeDocument" Target="{folder}/presentation.xml"/>'
    return zipped(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": f"<Relationships>{main}</Relationships>",
            "docProps/core.xml": _CORE.format(core),
            f"{folder}/presentation.xml": f"<p:presentation {spaces}><p:sldIdLst>{shown}</p:sldIdLst></p:presentation>",
            f"{folder}/_rels/presentation.xml.rels": f"<Relationships>{relations}</Relationships>",
            **{
                f"{folder}/slides/slide{at}.xml": slide.replace("<p:sld", f"<p:sld {spaces}", 1)
                for at, slide in enumerate(slides, 1)
            },
        }
    )


def epub(chapters: Mapping[str, str], *, metadata: str = "", guide: str = "", **parts: str) -> bytes:
    """Returns a book of these pages in their order; a page named "nav" holds its contents. `parts` are of META-INF."""
    items = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"'
        f"{' properties=' + chr(34) + 'nav' + chr(34) if name == 'nav' else ''}/>"
        for name in chapters
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
        f"{metadata}</metadata><manifest>{items}</manifest><spine>{spine}</spine><guide>{guide}</guide></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            **{f"META-INF/{name}.xml": text for name, text in parts.items()},
            "OPS/book.opf": package,
            **{f"OPS/{name}.xhtml": page for name, page in chapters.items()},
        }
    )


class Shown(NamedTuple):
    """A line on a page of a PDF: its left end and its foot, in points from the lower left corner."""

    left: float
    foot: float
    text: str
    size: float = 10
    bold: bool = False


def pdf(*pages: Sequence[Shown], info: str = "", packed: bool = False) -> bytes:
    """Returns a PDF with these lines on its pages, written by hand after ISO 32000-1; `packed` by deflate."""
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        stream = "\n".join(
            f"BT /F{1 + line.bold} {line.size} Tf {line.left} {line.foot} Td ({_escaped(line.text)}) Tj ET"
            for line in lines
        )
        content = stream.encode("cp1252")
        content = zlib.compress(content) if packed else content
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>",
            f"<< /Length {len(content)}{' /Filter /FlateDecode' if packed else ''} >>\nstream\n"
            f"{content.decode('latin-1')}\nendstream",
        ]
    data, places = b"%PDF-1.4\n", []
    for number, text in enumerate([*objects, f"<< {info} >>"], 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = (
        f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R /Info {len(places)} 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    )
    return data + f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


_SECTOR = 512
_END, _FREE, _FAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def doc(
    *pieces: str | bytes,
    notes: int = 0,
    title: str = "",
    flags: int = 0x0200,
    version: int = 0xC1,
    streams: bool = True,
) -> bytes:
    """Returns a Word document of before 2007 with these pieces of text: in Latin letters as bytes, else in UTF-16.

    The last `notes` characters are footnotes.
    """
    head = bytearray(0x800)
    text, places, offsets = b"", [0], b""
    for piece in pieces:
        at = len(head) + len(text)
        data = piece if isinstance(piece, bytes) else piece.encode("utf-16-le")
        places.append(places[-1] + (len(piece) if isinstance(piece, bytes) else len(data) // 2))
        offsets += pack("<HIH", 0, at * 2 | 0x40000000 if isinstance(piece, bytes) else at, 0)
        text += data
    table = b"\1" + pack("<H", 3) + b"abc"
    table += b"\2" + pack("<I", 4 * len(places) + len(offsets)) + pack(f"<{len(places)}I", *places) + offsets
    head[0:4] = pack("<HH", 0xA5EC, version)
    head[10:12] = pack("<H", flags)
    head[0x4C:0x54] = pack("<II", places[-1] - min(notes, places[-1]), notes)
    head[0x1A2:0x1AA] = pack("<II", 0, len(table))
    value = pack("<II", 30, len(title) + 1) + title.encode("cp1252") + b"\0"
    summary = bytes(44) + pack("<I", 48) + pack("<IIIIII", 0, 2, 1, 24, 2, 32) + pack("<II", 2, 1252) + value
    return compound(
        {"WordDocument": bytes(head) + text, "1Table": table, "\5SummaryInformation": summary} if streams else {}
    )


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Returns a compound file whose streams are all in sectors of full size."""
    sectors: list[bytes] = []
    chains: list[int] = []
    entries = [_entry("Root Entry", 5, _END, 0)]
    for name, content in streams.items():
        data = content.ljust(4096, b"\0")
        count = -(-len(data) // _SECTOR)
        entries.append(_entry(name, 2, len(sectors), len(data)))
        chains += [*range(len(sectors) + 1, len(sectors) + count), _END]
        sectors += [data[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(data), _SECTOR)]
    directory = len(sectors)
    entries += [bytes(128)] * (-len(entries) % 4)
    chains += [*range(directory + 1, directory + len(entries) // 4), _END]
    sectors += [b"".join(entries[at : at + 4]) for at in range(0, len(entries), 4)]
    fats = 1
    while (len(chains) + fats) * 4 > fats * _SECTOR:
        fats += 1
    first = len(sectors)
    chains += [_FAT_SECTOR] * fats
    chains += [_FREE] * (fats * _SECTOR // 4 - len(chains))
    sectors += [pack("<128I", *chains[at : at + 128]) for at in range(0, len(chains), 128)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(6)
    header += pack("<IIIIIIIII", 0, fats, directory, 0, 4096, _END, 0, _END, 0)
    header += pack("<109I", *[*range(first, first + fats), *[_FREE] * 109][:109])
    return header + b"".join(sectors)


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return text.ljust(64, b"\0") + pack("<HB", len(text), kind) + bytes(49) + pack("<III", start, size, 0)


def record(kind: int, content: bytes, *, container: bool = False, instance: int = 0) -> bytes:
    """Returns a record of an old presentation."""
    return pack("<HHI", instance << 4 | (0xF if container else 0), kind, len(content)) + content


def ppt_text(text: str | bytes, kind: int = 1) -> bytes:
    """Returns a text of a slide: of Latin letters as bytes, else in UTF-16; kind 0 is its title."""
    data = record(4008, text) if isinstance(text, bytes) else record(4000, text.encode("utf-16-le"))
    return record(3999, pack("<I", kind)) + data


def ppt(
    *slides: tuple[bytes, bytes],
    before: bytes = b"",
    token: int = 0xE391C05F,
    edit: int = -1,
    places: Sequence[int] = (),
) -> bytes:
    """Returns a presentation of before 2007; of each slide what its outline has, and what its boxes have.

    `before` is what an earlier state left in the file. `edit` is where the last one should be, and `places` where the
    slides should be, if they are not there.
    """
    listed, found, stream = b"", list[int](), before
    for number, (outline, boxes) in enumerate(slides, 2):
        drawing = boxes
        for kind in (0xF00D, 0xF004, 0xF003, 0xF002, 1036, 1006):
            drawing = record(kind, drawing, container=True)
        found.append(len(stream))
        stream += drawing
        listed += record(1011, pack("<IIIII", number, 0, 0, 0, 0)) + outline
    masters = record(4080, record(1011, bytes(20)) + ppt_text("A master's text"), container=True, instance=1)
    document = len(stream)
    stream += record(1000, masters + record(4080, listed, container=True), container=True)
    directory = len(stream)
    found = [document, *(places or found)]
    parts = [found[at : at + 4000] for at in range(0, len(found), 4000)]  # a count has twelve bits
    stream += record(
        6002,
        b"".join(pack(f"<I{len(part)}I", len(part) << 20 | 1 + 4000 * at, *part) for at, part in enumerate(parts)),
    )
    last = len(stream)
    stream += record(4085, pack("<IIIIIII", 0, 0, last, directory, 1, 0, 0))
    user = record(4086, pack("<III", 20, token, last if edit < 0 else edit))
    return compound({"PowerPoint Document": stream, "Current User": user})
