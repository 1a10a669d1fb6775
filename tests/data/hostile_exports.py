"""Hostile exports of databases: endless numbers and labels, documents of one line, counts that nothing bears out."""

from collections.abc import Callable

from tests.data.hostile_bytes import PROSE, fill

__all__ = ["EXPORTS"]

_NEXIS_HEAD = "      A Paper\n\n      March 4, 2031\n\nA headline\n\nLENGTH: 412 words\n\n"
_UNI_HEAD = "A headline\nA Paper\nMarch 4, 2031\nCopyright 2031 Amber\nSection: NEWS\nLength: 412 words\nBody\n\n"
_FACTIVA_HEAD = "HD\nA headline\n\nWC\n412 words\n\nPD\n4 March 2031\n\nSN\nA Paper\n\nLP\nA text.\n\n"
_LAYOUT_HEAD = "A headline\n\nBy Jane Doe\n412 words\n4 March 2031\nA Paper\nAMBERC\nEnglish\nCopyright 2031 A.\n\n"
_ACCESSION = "Document AMBERC0020310304e73400001\n"
_PROQUEST_HEAD = (
    "\n\nA headline\n\nAuthor: Doe, Jane\n\nPublication info: A Paper ; Amberford 04 Mar 2031.\n\nLinks: x\n\n"
)
_RULE = "_" * 60


def _nexis(unit: str, first: str = "   1 of 1 DOCUMENTS\n\n\n" + _NEXIS_HEAD) -> Callable[[int], bytes]:
    return lambda size: first.encode() + fill(unit, size)


def _uni(unit: str, first: str = _UNI_HEAD, last: str = "\nEnd of Document\n") -> Callable[[int], bytes]:
    return lambda size: first.encode() + fill(unit, size) + last.encode()


def _factiva(unit: str, first: str = _FACTIVA_HEAD, last: str = "\n") -> Callable[[int], bytes]:
    return lambda size: first.encode() + fill(unit, size) + last.encode()


def _proquest(unit: str, first: str = _RULE + _PROQUEST_HEAD + "Full text: ") -> Callable[[int], bytes]:
    return lambda size: first.encode() + fill(unit, size) + f"\n\nSubject: A\n\nDatabase: A\n\n{_RULE}\n".encode()


def _counted(line: str, body: str) -> Callable[[int], bytes]:
    """Makes documents whose numbers are in order."""

    def make(size: int) -> bytes:
        total = max(1, size // (len(line) + len(body) + 4))
        return "".join(line.format(number, total) + body for number in range(1, total + 1)).encode()

    return make


def _utf16(make: Callable[[int], bytes]) -> Callable[[int], bytes]:
    return lambda size: make(size // 2).decode().encode("utf-16")


EXPORTS: dict[str, Callable[[int], bytes]] = {
    "nexis_numbers_alone.txt": _nexis("1 of 9 DOCUMENTS\n"),
    "nexis_numbers_in_order.txt": _counted("   {} of {} DOCUMENTS\n", "\nLENGTH: 4 words\n\nA text of four words.\n"),
    "nexis_numbers_of_blanks.txt": _counted("   {} of {} DOCUMENTS\n", " \n\f\n"),
    "nexis_numbers_giant.txt": _nexis("   1000000000 of 9999999999 DOCUMENTS\n\n"),
    "nexis_number_of_many_digits.txt": _nexis("9", "   1 of 1 DOCUMENTS\n\nLENGTH: 4 words\n\n   1 of "),
    "nexis_total_giant.txt": _nexis(PROSE + "\n", "   1 of 9999999 DOCUMENTS\n\n\n" + _NEXIS_HEAD),
    "nexis_one_line.txt": _nexis(PROSE + " "),
    "nexis_one_word.txt": _nexis("a"),
    "nexis_spaces.txt": _nexis(" "),
    "nexis_labels.txt": _nexis("BYLINE: Jane Doe\n\nLOAD-DATE: March 4, 2031\n\n"),
    "nexis_labels_in_one_block.txt": _nexis("SECTION: NEWS\nBODY: a\n"),
    "nexis_label_endless.txt": _nexis("AB-CD "),
    "nexis_rights.txt": _nexis("Copyright 2031 Amber\n\n", "   1 of 1 DOCUMENTS\n\nLENGTH: 4 words\n\nA text.\n\n"),
    "nexis_dates.txt": _nexis("      March 4, 2031 Tuesday 9:33 AM GMT\n\n", "   1 of 1 DOCUMENTS\n\nLENGTH: 4\n\n"),
    "nexis_utf16.txt": _utf16(_nexis("1 of 9 DOCUMENTS\n\nA text.\n")),
    "nexis_uni_ends.txt": _uni("End of Document\n"),
    "nexis_uni_bodies.txt": _uni("Body\n\nText.\n\nEnd of Document\n"),
    "nexis_uni_one_line.txt": _uni(PROSE + " "),
    "nexis_uni_labels.txt": _uni("\nLoad-Date: March 4, 2031\nLength: 9 words\n"),
    "nexis_uni_cover.txt": _uni(
        "1. A title\nClient/Matter: -None-\nSearch Terms: quay\n", "Job Number: 1\nDocuments (9999999)\n", _UNI_HEAD
    ),
    "nexis_uni_covers.txt": _uni("Documents (9)\n", _UNI_HEAD),
    "nexis_uni_cover_line.txt": _uni("; Content Type:", "Documents (1)\nNarrowed by: ", "\n" + _UNI_HEAD),
    "nexis_uni_head.txt": _uni("A headline\nMarch 4, 2031\n", "", _UNI_HEAD + "End of Document\n"),
    "nexis_uni_utf16.txt": _utf16(_uni("Body\n\nText.\n\nEnd of Document\n")),
    "factiva_codes.txt": _factiva("HD\n"),
    "factiva_codes_of_index.txt": _factiva("CO\n\nNS\n\nRE\n\nIPD\n\nAN\n"),
    "factiva_codes_before_head.txt": _factiva("SE\nCLM\n" * 60 + "HD\nA\n"),
    "factiva_codes_with_values.txt": _factiva(
        "HD  A headline\nSE  News\n", "HD  A\nWC  4 words\nPD  4 March 2031\nLP  A.\n"
    ),
    "factiva_accessions.txt": _factiva(_ACCESSION),
    "factiva_accessions_at_the_end.txt": _factiva("AMBERC AMBERC0020310304e73400001\n\n", _LAYOUT_HEAD, _ACCESSION),
    "factiva_one_line.txt": _factiva(PROSE + " "),
    "factiva_layout_one_line.txt": _factiva(PROSE + " ", _LAYOUT_HEAD, "\n" + _ACCESSION),
    "factiva_layout_many.txt": _factiva(_LAYOUT_HEAD + PROSE + "\n\n" + _ACCESSION),
    "factiva_layout_byline.txt": _factiva(
        "Jane A.-A; ", "A headline\n\n", "\n" + _LAYOUT_HEAD[12:] + PROSE + "\n\n" + _ACCESSION
    ),
    "factiva_utf16.txt": _utf16(_factiva("HD\nA\n\nTD\nA text.\n\n" + _ACCESSION)),
    "proquest_rules.txt": _proquest("\n" + _RULE),
    "proquest_heads.txt": _proquest("\n" + _RULE + _PROQUEST_HEAD),
    "proquest_labels.txt": _proquest("\nTitle: A\n\nSubject: A\n"),
    "proquest_labels_above.txt": _proquest("Author: Doe, Jane; ", _RULE + _PROQUEST_HEAD),
    "proquest_full_texts.txt": _proquest("\nFull text: A text.\n"),
    "proquest_numbers.txt": _proquest(
        "Document 1 of 9\n", "Document 1 of 9\n\nFull text: A\n\nDatabase: A\n\nLinks: x\n\n"
    ),
    "proquest_one_line.txt": _proquest(PROSE + " "),
    "proquest_underscores.txt": _proquest("_"),
    "proquest_utf16.txt": _utf16(_proquest("\n" + _RULE + _PROQUEST_HEAD)),
}
"""Makers of hostile exports by file name. Each takes the approximate size in bytes."""
