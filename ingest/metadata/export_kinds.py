"""Which database's text some lines are: the marks by which its documents can be told from each other."""

import re
from typing import Final, NamedTuple

__all__ = ["TextExport", "text_export"]


class TextExport(NamedTuple):
    """A text with documents of a database: the media type of such a text, its name, and how many it shows at least."""

    media_type: str
    name: str
    documents: int


# Of each database, the line that a document has once, and one that has to be there besides.
_NEXIS_UNI = re.compile(
    r"^[ \t]*(?:End of Document|Ende des Dokuments|Fin du document|Fin del documento)[ \t]*$", re.MULTILINE
)
_NEXIS_UNI_BESIDES = re.compile(
    r"^[ \t]*(?:Body|Full Text|Length: ?\d[^\n]{0,40}|Load-Date: ?[^\n]{0,60})[ \t]*$", re.MULTILINE
)
_NEXIS = re.compile(
    r"^[ \t]*(?:\d{1,7} (?:of|von|sur|de|di|van|av|af) \d{1,7} DO[CK]UMENT[A-Z]{0,4}"
    r"|Do[ck]ument[eo]? \d{1,7} (?:of|von|sur|de|di|van|av|af) \d{1,7})[ \t]*$",
    re.MULTILINE,
)
_NEXIS_BESIDES = re.compile(
    r"^[ \t]*(?:LENGTH|LOAD-DATE|BYLINE|SECTION|LÄNGE|RUBRIK|AUTOR|LONGUEUR|RUBRIQUE) ?:", re.MULTILINE
)
_FACTIVA = re.compile(
    r"^[ \t]*(?:AN[ \t]+)?(?:Document|Dokument|Documento|Документ|文件|文書|文档)[ \t]+"
    r"[A-Za-z0-9]{8}(?:18|19|20|21)\d{6}[A-Za-z0-9]{7,11}[ \t]*$",
    re.MULTILINE,
)
_FACTIVA_BESIDES = re.compile(
    r"^[ \t]*(?:HD\b|\d[\d.,' ]{0,8} ?(?:words?|Wörter|mots?|palabras?|parole|palavras?)[ \t]*$)", re.MULTILINE
)
_PROQUEST = re.compile(r"^ProQuest document ID ?: ?\d", re.MULTILINE)
_PROQUEST_BESIDES = re.compile(r"^(?:Full text|Abstract|Links|Publication info|Publication title) ?:", re.MULTILINE)
_KINDS: Final = (
    ("application/x-nexis-uni", "Nexis Uni", _NEXIS_UNI, _NEXIS_UNI_BESIDES),
    ("application/x-nexis", "Nexis", _NEXIS, _NEXIS_BESIDES),
    ("application/x-factiva", "Factiva", _FACTIVA, _FACTIVA_BESIDES),
    ("application/x-proquest", "ProQuest", _PROQUEST, _PROQUEST_BESIDES),
)


def text_export(text: str) -> TextExport | None:
    """Returns which database's documents a text is made of, or None. `text` may be the beginning of one."""
    for media_type, name, once, besides in _KINDS:
        documents = len(once.findall(text))
        if documents and besides.search(text):
            return TextExport(media_type, name, documents)
    return None
