"""A killer for each of our regular expressions: the text that a backtracking matcher takes longest to refuse.

A test checks that the list is complete: a new expression in `ingest/` needs a line here.
"""

import re
from collections.abc import Callable, Iterator
from html import escape
from importlib import import_module
from pkgutil import walk_packages

import ingest
from tests.data.hostile_bytes import PROSE

__all__ = ["KILLERS", "LIMITS", "ONE_PLACE", "PATTERNS", "killer", "patterns"]

_LINE = 440  # no expression for lines looks at a longer line
_PAGE = f"<html><body><p>{PROSE}</p>%s</body></html>"

# By module and name of the expression: the beginning, the repeated part, and the end that makes it fail. The basename
# of a module is enough, as no two modules of a room share one.
_FOR_LINES: dict[str, tuple[str, str, str]] = {
    "grammar._WARC_LINE": ("", "WARC/1.0", "!"),
    "web_record._CHARSET": ("", "charset  =  ", "!"),
    "web_records._ARC_DATE": ("", "2031030405060", "!"),
    "web_records._END_OF_HEAD": ("", "\r\n\r", "!"),
    "web_records._SCHEME": ("", "aaaaaaaaaaaaaaaa", "!"),
    "web_records._STATUS_LINE": ("", "HTTP/1.1 \t", "!"),
    "web_records._WARC_LINE": ("WARC/1.1", " \t", "!"),
    "appeals._AMOUNT": ("", "$1,00 a month$1", "!"),
    "appeals._ASKS_FOR_SUPPORT": ("", ". so please support our_ please consider ", "_"),
    "appeals._ASKS_READER": ("", "if you your please make a ", "_"),
    "appeals._ASKS_READER_ABROAD": ("", "unterstütze un mit nur 99 eur", "_"),
    "appeals._FIRST_PERSON": ("", "we_us_our", "_"),
    "appeals._LIVES_BY_READERS": ("is a nonprofit ", "news funded by readers like we rely on our ", "_"),
    "appeals._NAMES_MONEY": ("", "donatcontributa as little ", "_"),
    "appeals._NAMES_PRESS": ("", "our aaaaaaaaaaaa independent ", "_"),
    "appeals._NAMES_PRESS_ABROAD": ("", "unabhängig aaaaaaaaaaaa notre ", "_"),
    "appeals._OPENER": ("a message from ", "a message from ", "!"),
    "appeals._PRESS_AND_READERS": ("", "members_ journalis", "_"),
    "charset_guess._FAULT": ("", "lL cC", ""),
    "charset_guess._UNKNOWN": ("", "aé", ""),
    "chrome._SIGN_OFF": ("(", "additional ", "reporting_"),
    "datelines._ANY_SEPARATOR": ("", " | , · 2024", " -"),
    "datelines._AROUND_DATE": ("", "at 12:30 p.m. hour ", "!"),
    "datelines._A_DATE": ("", "30th de abcdefghij., de 19", "1"),
    "datelines._BEHIND_DATE": ("", ", by a", "!"),
    "datelines._BYLINE": ("By ", "A, A de, de A.A-A ", "!"),
    "datelines._DATE_SHAPED": ("", "30. abcdefghijkl ", "20244"),
    "datelines._E_MAIL": ("a@", "a.", "!"),
    "datelines._LABEL": ("published", " on at am", "!"),
    "datelines._NAME_ALONE": ("", "A A-A A, ", "!"),
    "datelines._NAME_AND_OFFICE": ("A A ", "aa bb ", "reporte"),
    "datelines._PLACE_AND_DATE": ("A", "a, abc 30, 2024", "!"),
    "datelines._PREFIX": ("date 2024-07-30", "T1234567890123456789", ""),
    "datelines._STRONG_SEPARATOR": ("", " | ", ""),
    "datelines._TIME": ("", ", at 12:30:30 pm ", "!"),
    "datelines._UPDATED": ("", "updated mis", "!"),
    "datelines._WEEKDAY": ("", ", monday", "!"),
    "dates._ORDINAL_DATE": ("", "2024-", "999!"),
    "dates._UNIX_MILLISECONDS": ("-", "9", "!"),
    "dates._UNIX_SECONDS": ("-", "9", ".!"),
    "dates._WEEK_DATE": ("", "2024-W", "01!"),
    "datelines._RUNS_ON": ("a", ". a' a", "."),
    "dates._COMPACT": ("20240730t1200", "00+0", "!"),
    "dates._YEAR_OR_ERA": ("", "203 ", ""),
    "dates._ISO": ("2024-07-30T12:00:00.", "1", "[Europe/"),
    "dates._JSON_DATE": ("/date(", "1", ")"),
    "dates._YEAR": ("", "2024 ", "!"),
    "written_dates._CJK_DATE": ("", "令和 2024 年 1", ""),
    "written_dates._CJK_DIGITS": ("", "十", "x"),
    "written_dates._DOT_BETWEEN": ("", "ก.", ""),
    "written_dates._TOKEN": ("", "a1. ", ""),
    "written_dates._UNSEEN": ("", "\u200b", "a"),
    "written_dates._YEAR_AT_END": ("", "mar 4 09:15:00 utc 203", ""),
    "clock_times._CLOCK": ("", "오전 10:15:30.123456", "!"),
    "clock_times._IN_BRACKETS": ("(", "a ", "!"),
    "clock_times._ZONE": ("", "(gmt+10:0", "!"),
    "decode._CYRILLIC": ("", "aé", ""),
    "decode._CHARSET": ("", "<meta charset ", "="),
    "double_encoding._ANY_MARK": ("", "–a—", ""),
    "entities._REFERENCE": ("", "&abcdefghijklmnopqrstuvwxyzabcdef", ""),
    "entities._SHOWN_TAG": ("", "&lt;abcdefghijk", ""),
    "headlines._PLACE_DATELINE": ("", "A. A-A (aa) ", "!"),
    "headlines._SAYS_WHOSE": ("source", " ", "!"),
    "credits._OTHERS": ("", "a. contributed reporting ", "!"),
    "credits._WORKED": ("", "reporting by aa, ", "!"),
    "looks._ANYWHERE_PATTERN": ("sign up for our ", "newsletter ", '"'),
    "looks._EDGE_PATTERN": ("get ", "in your to your share, x/x", '"'),
    "looks._MENU_SEPARATOR": ("", " | | Home ", " /"),
    "looks._OPENS_WINDOW": ("", ", (opens in new ", "!"),
    "looks._PART_END": ("", "a. b | ", " /"),
    "lines._SENTENCE_END": ("", '."', "a"),
    "lines._WIDE": ("", "あ", "a"),
    "json_lines._WHITE_SPACE": ("", " \t\r", "x"),
    "refusals._BASE64": ("", "a" * 70 + "\n", "!"),
    "html._BLOCK_START": ("", "<div ", ""),
    "prolog._HTML_ROOT": ("", "<!doctype ", ""),
    "html._START": ("<!doctype", " ", ""),
    "json_object._ARRAY_START": ("[", "1.e+-", " !"),
    "json_object._OBJECT_START": ("{", " ", "!"),
    "clean._AGENCY": ("", "Aa.a of and ", "!"),
    "datelines._WORD": ("", "a_1", ""),
    "length._TOKEN": ("", "字กa_ ", ""),
    "printed_values._ITEM": ("'", "\\'", ""),
    "alignment._BEYOND_ALPHABETS": ("", "é", ""),
    "passages._END": ("", '."', "a"),
    "phrase_book._BLANK": ("{", "a-", "!"),
    "unicode_repair._C1": ("", "\x85\xa0", ""),
    "unicode_repair._INVISIBLE": ("", "\u200b ", ""),
    "unicode_repair._MOJIBAKE": ("", "\xc2", "a"),
    "unicode_repair._STRAY_JOINER": ("", "\u200d", "a"),
}
_FOR_PAGES: dict[str, tuple[str, str, str]] = {
    "author_names._ACCOUNT": ("", "about the admin1", "!"),
    "author_names._AND": ("", " and", ""),
    "author_names._BY": ("", "words written by", "!"),
    "author_names._CJK": ("", "王 ", "!"),
    "author_names._CJK_OFFICE": ("", "기자 ", "!"),
    "author_names._CREDIT": ("(image credit", " : getty image", "\n"),
    "author_names._HANDLE": ("", "@", " "),
    "author_names._HOST": ("", "a.", "!"),
    "author_names._LABEL_WORD": ("", "more_read ", "_"),
    "author_names._MAIL": ("", "a.a@a.", "!"),
    "author_names._NAME_WORD": ("", "A.'’-", "!"),
    "author_names._OFFICE": ("", "aa editor at ", "!"),
    "author_names._OFFICE_BEHIND": ("a", " senior staff reporte", "!"),
    "author_names._ORGANISATION": ("", "new teams_", "!"),
    "author_names._PART": ("", " , - / ", ""),
    "author_names._URL": ("", "http://a", " "),
    "bylines._AND": ("", "and", "!"),
    "bylines._BY": ("", "words written our aa correspondent in aa", "!"),
    "bylines._DATED": ("", "last updated", "_"),
    "bylines._NAME_END": ("", "o sa written b read tim ", ""),
    "bylines._WRITTEN": ("", "\0 Written By:", "\n"),
    "declared._HOME": ("/", "index.", "!"),
    "json_ld._BEFORE": ("", "<!--/*a*/ // ", "!"),
    "json_ld._BROKEN_ESCAPE": ("", "\\u12", "!"),
    "json_ld._INNER_QUOTE": ("", '\\\\"', "!"),
    "json_ld._TOKEN": ('"', '\\" " ', "!"),
    "json_ld._VALUE_START": ("", "a", ""),
    "page_dates._ITEMPROP": ("", "dateCreate", ""),
    "page_dates._PUBLISHED": ("", "publis pos créa", ""),
    "page_dates._SEPARATOR": ("", "|·•", ""),
    "page_dates._UPDATED": ("", "upda modi mis à jou", ""),
    "page_dates._URL_DATE": ("", "/2024-07-3", "!"),
    "page_marks._AUTHOR_PAGE": ("", "/author/", "?"),
    "page_marks._WORD_END": ("", "aA__", ""),
    "article._STANDFIRST_NAME": ("", "sub-subhead-sub_", ""),
    "author_names._SEMICOLON": ("", "  ", ";"),
    "declared._OWN_HOST": ("", "127.1.1.", "1."),
    "declared._TRACKING": ("", "utm_" + "a" * 20, ""),
    "declared._UNFILLED": ("", "/undefined{$<", ""),
    "repeats._COMMENTS": ("", "99999 all reader ", "!"),
    "repeats._REPLY": ("", "svarrepl", "!"),
    "scripted._JSON_BEGINS": ("", "         aaaaaa", ""),
    "scripted._STRING": ("", "\"a\\\\'b\\\\", ""),
    "sentences._UNSPACED": ("", "é", ""),
    "titles._JOINED": ("", "本_本", "_"),
    "titles._SURE_SEPARATOR": ("", " | |", ""),
    "titles._FIRST_PART": ("", "a -: ", ""),
    "titles._LOGO": ("", "site-nam logbran", ""),
    "titles._TITLE_SEPARATOR": ("", " : :: - ", ""),
    "titles._WORD": ("", "_", "!"),
    "fields._URL": ("", "http://", "<"),
    "fields._BREAK": ("", "<p ", "a" * 600),
    "fields._MARKUP": ("", "<a ", "a" * 600),
    "json_object._TAG": ("", "<p ", "a" * 2500),
    "article._PUNCTUATION": ("", "a", ""),
    "article._SENTENCE_END": ("", ".  ", "a"),
    "article._WIDE": ("", "a", ""),
    "labels._CAPITAL": ("", "aa0-", "A"),
    "labels._MODIFIER": ("", "has.", ""),
    "labels._WORD_END": ("", "-_", "a"),
    "notices._CHOICE": ("", "accep rejec setting", ""),
    "notices._READER": ("", "you_ your_ sie_ vou ", ""),
    "notices._SHELL": ("", "javascrip ", ""),
    "notices._SUBJECTS": ("", "cooki consen privac advertis_ subscr ", ""),
    "notices._UNSPACED": ("", "a", ""),
    "page._SCRIPT": ("", "<script", ""),
    "scripted._ASSIGNED": ("", "state    =    ", ""),
    "scripted._BLOCK_TAG": ("", "<table " + "/ " * 150, ""),
    "scripted._LETTER_PAIR": ("", "a  1กกกกกกกกก", ""),
    "scripted._TAG": ("", "<" + "a" * 300, ""),
    "page._CONTROL": ("", "a", ""),
    "entities._GIANT_REFERENCE": ("", "&#9999", ""),
    "page._PAGE": ("", "<htm<bod<", ""),
    "page._TAG": ("<", "aA:", ""),
    "page._TWICE_ENCODED": ("", "\xe2\x80", "a"),
    "text._LABELLED": ("Title", " - ", "!"),
    "text._TEXT_LABEL": ("text", " ", "!"),
}
_FOR_EXPORTS: dict[str, tuple[str, str, str]] = {
    "export_facts._DATE": ("", "1. de abcdefghijkl. de 203", ""),
    "export_facts._NAME_LAST_FIRST": ("", "a, a a", "1"),
    "export_facts._RIGHTS": ("", "(c) all rights reserve", "\n"),
    "export_facts._TIME_BEHIND": ("", ", abcdefghijklmn., 12:30:30 a.m. ABC+1", "!"),
    "factiva._ACCESSION": ("", "AMBERC  ABCDEFGH20310304abcdef", "!"),
    "factiva._ALONE": ("", "TI", ""),
    "factiva._CLOCK": ("", "12:30 p.m. abcde", "!"),
    "factiva._CLOSE_VALUE": ("", "HD  ", ""),
    "factiva._CODED_VALUE": ("", "a.-/", ""),
    "factiva._COMPANY": ("", "a Limite", ""),
    "factiva._NAMES": ("", "A.a de A-a; A a and A a ", "1"),
    "factiva._WITH_VALUE": ("", "HD\t\t    ", ""),
    "factiva._WORDS": ("", "1.1, 1 abcdefghi", "!"),
    "factiva_documents._FIELD": ("", "\n \t HD", ""),
    "factiva_documents._FIELD_BEFORE_HEAD": ("", "\n \t CLM \r", ""),
    "factiva_documents._LAST_TEXT": ("", "\n AN  Document  AMBERC0020310304e7340000000 ", "!"),
    "factiva_documents._LINES": ("", "\n AN  Document  AMBERC0020310304e7340000000 \n HD \r", "!"),
    "factiva_documents._WORDS": ("", "\n 1.1 1,1 word ", "!"),
    "nexis._LABELLED": ("", "aa-a-a ", "!"),
    "nexis_documents._COVER": ("", "a -a", "!"),
    "nexis_documents._LABEL": ("", "\n \tLENGTH  Copyright (c) 203", ""),
    "nexis_documents._NUMBER": ("", "\n   1234567 of 1234567 DOCUMENTABCDE \t ", "!"),
    "nexis_uni._BELOW": ("", "Load-Date: Notes ", "\n"),
    "nexis_uni._BODY": ("", "full tex", ""),
    "nexis_uni._LABELLED": ("", "Aa-", ""),
    "nexis_uni_documents._BODY": ("", "\n\t Body \t ", "!"),
    "nexis_uni_documents._BODY_TEXT": ("", "\n\t Full Text \t ", "!"),
    "nexis_uni_documents._COVER": ("", "\nabcdefgh: " + "; Content Type:" * 30, ""),
    "nexis_uni_documents._END": ("", "\n End of Document \t \r", "!"),
    "nexis_uni_documents._FACT": ("", "\n\t Length:", ""),
    "nexis_uni_documents._LABEL": ("", "\nLength: 1.1,1 word\nSection: ", ""),
    "nexis_uni_documents._STATED": ("", "\n Documents (1234567) \t ", "!"),
    "proquest._BELOW_TEXT": ("", "Language of publicatio", ""),
    "proquest._INFO": ("", "a , ", ""),
    "proquest._LABELLED": ("", "Full text ", ""),
    "proquest._NOTHING": ("", "text not available", "!"),
    "proquest._NUMBER": ("", "Document 1234567 of ", ""),
    "proquest._RULE": ("", "_" * 39 + " ", ""),
    "proquest_documents._FIRST": ("", "_" * 120 + " \t" * 30, "!"),
    "proquest_documents._LABEL": ("", "\nFull text  ", ""),
    "proquest_documents._LINES": ("", "\n" + "_" * 120 + " \t" * 30 + "!\nDocument 1 of 1 ", "!"),
    "proquest_documents._NUMBERS": ("", "\nDocument 1234567 of 1234567 \t ", "!"),
}
_FOR_OFFICE: dict[str, tuple[str, str, str]] = {
    "binary_word._FIELD_MARKS": ("", "\x13a\x14", ""),
    "docx._MAIN_TYPE": ("", "wordprocessingml.document.mai", ""),
    "pptx._MAIN_TYPE": ("", "presentationml.slideshow.mai", ""),
    "epub._KIND": ("", "<body " + "a" * 300, ""),
    "epub._SECTION": ("", "<sectio", ""),
    "head_dates._LEAD": ("", "a, 2031 ", "."),
    "head_dates._NO_DATE": ("", "embarg copyrigh ", "_"),
    "head_dates._SAYS_DATE": ("", "a1", ""),
    "locator._UNSTORABLE": ("", "a", ""),
    "mail._COMMENT": ("", " (" + "a" * 40, ")!"),
    "mail._FORWARDED": ("", "Fwd : ", "!"),
    "mail._OFFICES": ("", "newsletter", "!"),
    "mail._ORGANISATION": ("", "the_", ""),
    "mail._PERSON": ("", "A.'-", "!"),
    "mail._VIA": ("", " via", " "),
    "mail_head._ADDRESSED": ("", "\nT", ":"),
    "mail_head._MAIL_FIELD": ("", "a-", "!"),
    "mail_head._MAIL_MARK": ("Received:", "\n", "!"),
    "mail_head._MBOX_START": ("", "From a Mon Jan 1 ", "!"),
    "mail_head._MULTIPART_RELATED": ("Content-Type:", "\n", "!"),
    "mail_head._SAVED": ("From:", "\n", "!"),
    "mime._HEAD_END": ("", "\n \t x", ""),
    "pdf_bombs._STREAM": ("", "strea", ""),
    "pdf_layout._BARE_NUMBER": ("", "- | ", "!"),
    "pdf_layout._COMPOUND": ("", "a" * 41 + "-", ""),
    "pdf_layout._NUMBER": ("", "1a", ""),
    "pdf_layout._PAGE_OF": ("", "page #", "!"),
    "pdf_layout._WORD_END": ("", "a'", "!"),
    "pdf_layout._WORD_START": ("", "a", ""),
    "open_styles._POINTS": ("999.", "9", "!"),
    "open_styles._SHARE": ("", "9", "!"),
    "properties._FILE_NAME": ("", ".do", ""),
    "properties._LABEL": ("press release :::::no. ", "9 / ", "!"),
    "properties._NO_TITLE": ("", "dea", "!"),
    "properties._PROGRAM": ("", "document ", "!"),
    "properties._SENTENCE_END": ("", ".a", ""),
    "rich_text._TOKEN": ("", "\\a" * 16 + "-", ""),
}
_FOR_DATABASES: dict[str, tuple[str, str, str]] = {
    "document_exports._ANY_MARK": ("", "Documen", ""),
    "document_exports._COUNT": ("", "\nDocuments (1234567", ""),
    "document_exports._EUROPRESSE": ("", "class='" + "a " * 60, ""),
    "document_exports._FACTIVA": ("", "<div id=article-" + "a" * 41, ""),
    "document_exports._JOB": ("", "\nJob Number : ", ""),
    "document_exports._LEXIS_PROPERTY": ("", 'name="LADoc', ""),
    "document_exports._NEXIS": ("", ">   1234567 of 1234567 DOCUMENTABCD  ", "!"),
    "document_exports._PROQUEST": ("", "<a " + "name=" * 20, ""),
    "document_exports._WORD_PARAGRAPH": ("", "</w:", ""),
    "document_exports._WORD_TAG": ("", "<a", ""),
    "europresse_pages._END": ("", "news·2031030", "\n"),
    "europresse_pages._ID": ("", "abcdefghij·2031030", ""),
    "europresse_pages._ISSUE": ("", ", no. ", "\n"),
    "europresse_pages._MARKS": ("", "europress", ""),
    "europresse_pages._NAMES": ("", "A.a de A, ", "\n"),
    "europresse_pages._PUBLICATION": ("", "<div class=" + "a " * 40, ""),
    "export_kinds._FACTIVA": ("", "\n AN  Document  AMBERC0020310304e7340000000 ", "!"),
    "export_kinds._FACTIVA_BESIDES": ("", "\n \t1.1 1,1 word ", "!"),
    "export_kinds._NEXIS": ("", "\n \t1234567 of 1234567 DOCUMENTABCD \t", "!"),
    "export_kinds._NEXIS_BESIDES": ("", "\n \tLENGTH ", ""),
    "export_kinds._NEXIS_UNI": ("", "\n \tEnd of Document \t", "!"),
    "export_kinds._NEXIS_UNI_BESIDES": ("", "\nLoad-Date: " + "a \t" * 30, "!"),
    "export_kinds._PROQUEST": ("", "\nProQuest document ID :", ""),
    "export_kinds._PROQUEST_BESIDES": ("", "\nFull text ", ""),
    "factiva_pages._ACCESSION": ("", "AMBERC ABCDEFGH20310304abcdef", "!"),
    "factiva_pages._ARTICLE": ("", "<div " + "class=article" * 20, ""),
    "factiva_pages._FACTIVA": ("", "<title>  Factiv", ""),
    "factiva_pages._HEADLINE_TAG": ("", "<div " + "id=h" * 30, ""),
    "factiva_pages._TAG": ("", "<a", ""),
    "integrum_pages._ANCHOR": ("", "<a   name='1234567'   ", ""),
    "integrum_pages._FIELD": ("", "^ИС", "\n"),
    "mailbox._FROM": ("", "\nFrom a  Mon  Jan  1 10:00" + "a" * 41, ""),
    "nexis_pages._MARKS": ("", "<a name=DOC_ID", ""),
    "nexis_pages._NUMBER": ("", ">   1234567&nbsp;of&nbsp;1234567 DOCUMENTABCD   ", "!"),
    "page_lines._ATTRIBUTE": ("", 'class  =  "' + "a" * 301, ""),
    "page_lines._CENTRED": ("", "align  :  'cente", ""),
    "page_lines._CLASS_RULE": ("", ".a-a  {" + "a" * 501, ""),
    "page_lines._TAG": ("<", "aA:", ""),
    "proquest_pages._ANCHOR": ("", "<a " + "name=DocID_" * 9, ""),
    "proquest_pages._LABEL": ("", "Full text ", ""),
    "proquest_pages._MARKS": ("", "proques", ""),
}
_FOR_TABLES: dict[str, tuple[str, str, str]] = {
    "conllu._COMMENT": ("", "# " + "a" * 60, ""),
    "conllu._NEW_PARAGRAPH": ("", "# newpa", ""),
    "conllu._WORD": ("", "1-2", ""),
    "conllu_documents._COMMENT_OR_TOKEN": ("", "1-1", ""),
    "conllu_documents._LINES": ("", "\n1-1 \t\r", "!"),
    "wire._AFFILIATION": ("", "a b", "!"),
    "wire._BODY_ENDS": ("", "\n### Notebook  * * * ", "!"),
    "wire._BYLINE": ("", "By a", "\n"),
    "wire._END_MARKS": ("", " \t<", "!"),
    "wire._HEAD": ("", "\x16\x01z", ""),
    "wire._NOTE": ("", "(Eds: ", "\n"),
    "wire._REPEATED": ("", "1ST LEAD ", "\n"),
    "wire._SENT": ("", "071341 GMT Okt 1", ""),
    "wire._SENT_ANPA": ("", "05-17-16 0620GM", ""),
    "wire._SLUG": ("", "AP-a,b", "\n"),
    "wire._SIGN_OFF": ("", "dpa bwh", "!"),
    "wire_messages._FIRST": ("", "\x16", ""),
    "wire_messages._MESSAGE": ("", "\x01zz", ""),
    "json_object._NEWSAPI_CUT": ("", "… [+123456789 chars", "!"),
    "json_stream._BETWEEN": ("", "a", ""),
    "json_stream._INSIDE": ("", '"\\', ""),
    "json_stream._STRING_END": ("", "\\a", ""),
    "json_stream._TOKEN": ("", '"\\', ""),
    "workbook._CELL": ("", "AAA1234567", "!"),
    "workbook._DATE_LETTER": ("", "0", ""),
    "workbook._ESCAPED": ("", "_x000", ""),
    "workbook._FORMAT_TEXT": ("", '["', ""),
    "workbook._RELATION_ID": ("", "{a}i", "!"),
}
_FOR_XML: dict[str, tuple[str, str, str]] = {
    "bodies._ESCAPED_TAG": ("", "&lt;p ", "a" * 500),
    "bodies._IS_HTML": (" ", " ", "<"),
    "bodies._NAME": ("", "<aaaaaaaaaaaaaaaaaaaaa", ""),
    "bodies._TAG": ("", "<p ", "a" * 2500),
    "corpora._WORD_LINE": ("", "\naaaaaaaa\taaaaaaaa", "<"),
    "corpus_document._ATTRIBUTE": ("", 'a:-   =  "bbbb', ""),
    "corpus_document._DATED_ID": ("", "AFP_ENG_1994051", "!"),
    "corpus_document._DECLARATION": (" ", "<!A <?xml ", ""),
    "corpus_document._SIX_DIGITS": ("", "99999", "!"),
    "corpus_document._TAG": ("", "<aaaa b ", ""),
    "corpus_document._TWO_DIGITS": ("", "03/23/8", "!"),
    "elements._TAG_NAME": ("<", "a:-", "!"),
    "feed_item._MAIL_AND_NAME": ("", "a@a@", " ("),
    "newsml_1._ROOT": (" ", " <?xml ?>", "<"),
    "tags._TAG_END": ("", "a", ""),
    "tags._TAG_REST": ("", "a=\"b\" c='d' ", "<"),
    "tree._NO_XML": ("", "a", ""),
    "tree._REFERENCE": ("", "&#1234567&abc&#xabcdef", ""),
    "tree._SIGN_OFF": ("", "abc/de fg-", "1"),
    "tree._SUBSET_END": ("", "]    ", "a"),
    "wiki_dumps._NAMESPACE": ("", '<namespace key="1">Talk', "<"),
    "wiki_dumps._REDIRECT": ("", "  #abcdef : ", "["),
    "wiki_markup._LINK_END": ("", "a", ""),
    "wiki_markup._TOKEN": ("", "<a " + "b " * 60, ""),
    "wiki_page._EMPTY_BRACKETS": ("", " ( , ;", "!"),
    "wiki_page._SWITCH": ("", "__TOC_", "!"),
    "word_lines._CLITIC": ("", "'sn't", "!"),
    "word_lines._TAG_LINE": ("<a", " a=b", ""),
    "xml_head._DECLARED": (" ", "<?xml ", ""),
    "xml_head._ENCODING": ("", "encoding   =   ", "!"),
    "xml_head._MARKUP": ("", "<a:a.a-", "!"),
    "xml_head._NAMESPACE": ("", " xmlns:a  =  'b", ""),
    "xml_head._SUBSET_END": ("", "]    ", "a"),
    "xml_head._TAG_REST": ("", "a=\"b\" c='d' ", "<"),
}
KILLERS = _FOR_LINES | _FOR_PAGES | _FOR_EXPORTS | _FOR_OFFICE | _FOR_DATABASES | _FOR_TABLES | _FOR_XML
"""The killers of expressions for lines of text; web pages, their fields and values; exports; mails; tables; and XML."""

# A document of each kind of export, to which killers are added.
_EXPORTS = {
    "nexis": "      1 of 1 DOCUMENTS\n\n\n      A Paper\n\n      March 4, 2031\n\nA headline\n\nLENGTH: 4 words\n\n%s",
    "nexis_uni": "A headline\nA Paper\nMarch 4, 2031\nSection: NEWS\nLength: 412 words\n%s\nBody\n\nText.\n\n"
    "Load-Date: March 4, 2031\n\nEnd of Document\n",
    "factiva": "HD\nA headline\n\nWC\n412 words\n\nPD\n4 March 2031\n\nSN\nA Paper\n\nLP\n%s\n\nTD\nText.\n",
    "proquest": "_"
    * 60
    + "\n\nA headline\n\nAuthor: Doe, Jane\n\nPublication info: A Paper ; Amberford 04 Mar 2031.\n\n"
    "Links: x\n\nFull text: %s\n\nSubject: Docks\n\nDatabase: A\n\n",
    "export_facts": "      1 of 1 DOCUMENTS\n\n\n      A Paper\n\n%s\n\nA headline\n\nLENGTH: 412 words\n\nText.\n",
}

# These are quadratic, and the code gives them no more than this many characters.
LIMITS = {"datelines._RUNS_ON": 400, "labels._MODIFIER": 300, "pdf_layout._WORD_END": 60}

ONE_PLACE = frozenset(
    {
        "json_stream._STRING_END",
        "mail._PERSON",
        "pdf_layout._BARE_NUMBER",
        "printed_values._ITEM",
        "properties._NO_TITLE",
        "rich_text._TOKEN",
        "tags._TAG_REST",
        "xml_head._TAG_REST",
    }
)
"""These would be quadratic if they were searched for. The code asks of one place whether they match there."""


def killer(name: str, length: int) -> str:
    """Returns the killer of that name, of about so many characters."""
    first, unit, last = KILLERS[name]
    return first + unit * max(1, (length - len(first) - len(last)) // len(unit)) + last


def patterns() -> Iterator[tuple[str, tuple[re.Pattern[str] | re.Pattern[bytes], ...]]]:
    """Yields the expressions in the modules of `ingest`, by module and name."""
    for module in walk_packages(ingest.__path__, "ingest."):
        names = vars(import_module(module.name))
        for name, value in names.items():
            found = value if isinstance(value, tuple) else (value,)
            own = name.startswith("_") or name in names.get("__all__", ())
            if own and found and all(isinstance(one, re.Pattern) for one in found):
                yield f"{module.name.rpartition('.')[2]}.{name}", found


def _lines(name: str, template: str) -> Callable[[int], bytes]:
    """Returns a maker of the killer as distinct lines of the greatest length that is checked, and as one long line."""

    def make(size: int) -> bytes:
        lines = [f"{n} {killer(name, _LINE - 8)}\n" for n in range(max(1, size // 2 // _LINE))]
        lines += [f"{killer(name, length)} {n}\n" for n, length in enumerate(range(20, _LINE, 9))]
        return (template % ("".join(lines) + killer(name, size // 2))).encode("utf-8", "replace")

    return make


def _page(name: str) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        text = killer(name, 190)
        unit = (
            f"<p class='author date {text}'>{text}</p><time datetime='{text}'>{text}</time><a href='{text}'>{text}</a>"
        )
        head = f"<html><head><title>{text * 5}</title><meta name=author content='{text}'></head><body><p>{PROSE}"
        return (head + unit * max(1, size // len(unit))).encode("utf-8", "replace")

    return make


def _mail(name: str) -> Callable[[int], bytes]:
    """Returns a maker of a mail that has the killer in its fields and as its text."""

    def make(size: int) -> bytes:
        text = killer(name, 2 * _LINE).replace("\n", "\n ")
        head = f"Subject: {text}\nFrom: {text} <desk@amber.example>\nDate: {text}\nMIME-Version: 1.0\n\n{PROSE}\n\n"
        return (head + killer(name, size)).encode("utf-8", "replace")

    return make


def _database(name: str) -> Callable[[int], bytes]:
    """Returns a maker of a page of Nexis and Europresse that has the killer as text and within a tag."""

    def make(size: int) -> bytes:
        text = killer(name, size // 3)
        return (
            "<html><p>1 of 1 DOCUMENTS</p><span class='DocPublicationName'>A Paper</span><span class='DocHeader'>"
            f"4 March 2031</span><p>LENGTH: 4 words</p><p>{PROSE}</p><p>{text}</p><div class='{text}'>{text}"
        ).encode("utf-8", "replace")

    return make


def _record(name: str) -> Callable[[int], bytes]:
    """Returns a maker of a feed that has the killer as the text and the author of an item, and within a tag."""

    def make(size: int) -> bytes:
        text, short = escape(killer(name, size // 2)), escape(killer(name, _LINE))
        return (
            f"<?xml version='1.0'?><rss><channel><title>{short}</title><item><title>{short}</title>"
            f"<author>{short}</author><x a='{short}'/><description>{PROSE} {text}</description></item></channel></rss>"
        ).encode("utf-8", "replace")

    return make


PATTERNS: dict[str, Callable[[int], bytes]] = {
    **{f"pattern_{name.replace('.', '_').lower()}.txt": _lines(name, PROSE + "\n%s") for name in _FOR_LINES},
    **{
        f"pattern_{name.replace('.', '_').lower()}.txt": _lines(
            name, _EXPORTS[name.partition(".")[0].removesuffix("_documents")]
        )
        for name in _FOR_EXPORTS
    },
    **{f"pattern_{name.replace('.', '_').lower()}.html": _page(name) for name in _FOR_PAGES},
    **{f"pattern_{name.replace('.', '_').lower()}.eml": _mail(name) for name in _FOR_OFFICE},
    **{f"pattern_{name.replace('.', '_').lower()}.htm": _database(name) for name in _FOR_DATABASES},
    **{f"pattern_{name.replace('.', '_').lower()}.rss": _record(name) for name in _FOR_XML},
}
"""Makers of files full of killers, by file name. Each takes the approximate size in bytes."""
