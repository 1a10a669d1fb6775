import re
from dataclasses import fields

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from ingest.documents import Removal
from ingest.similarity.fingerprint import Fingerprint, fingerprint, normalise
from ingest.similarity.passages import (
    MAX_PASSAGES,
    passage_keys,
    passage_texts,
    read,
    require_few_passages,
    ruled_out,
    without_recurring,
)
from newsmill.errors import TerminalError
from newsmill.vocabulary import Ruling

APPEAL = "Please give what you can so that we may go on reporting."
PLEDGE = "Every crown you send pays for news that is free to all."
SHORT = "He declined to comment on Monday."
STORY = ["The old bridge over the river fell at noon.", "Nobody was hurt, the mayor said.", "It had stood since 1890."]


# A text of which a quarter is more than the appeals.
REPORT = [
    f"In {year} the masons of Oxmere mended pier {pier} of it by hand." for pier, year in enumerate(range(1891, 1903))
]


def keys(*sentences: str) -> set[int]:
    return {key for sentence in sentences for key in passage_keys([sentence])}


def sentences(*paragraphs: str) -> list[str]:
    return list(passage_texts(paragraphs).values())


def taken(paragraphs: list[str], *recurring: str) -> tuple[list[str], list[str]]:
    left, removed = without_recurring(paragraphs, keys(*recurring))
    assert {removal.rule for removal in removed} <= {"recurring"}
    return list(left), [removal.paragraph for removal in removed]


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("One ship came in. Two ships went out again!", ["One ship came in.", "Two ships went out again!"]),
        ("“We saw it all.” “So did all of us,” she said.", ["“We saw it all.”", "“So did all of us,” she said."]),
        ("It cost them 3.50 crowns at example.com that day.", ["It cost them 3.50 crowns at example.com that day."]),
        ("They waited … and waited until it was dark.", ["They waited … and waited until it was dark."]),
        ("Mr. Ask met Dr. Elm of the U.S. Senate there.", ["Mr. Ask met Dr. Elm of the U.S. Senate there."]),
        ("Why? Because the water rose too fast. He left.", ["Why? Because the water rose too fast. He left."]),
        ("No stop ends this line", ["No stop ends this line"]),
        ("Share this", ["Share this"]),
        (
            "新しい港は昨日開いた。「とても静かな朝だった。」と語った。",
            ["新しい港は昨日開いた。", "「とても静かな朝だった。」と語った。"],
        ),
        ("港は昨日開かれました。市長は次のように語った。", ["港は昨日開かれました。", "市長は次のように語った。"]),
        ("فتح الميناء الجديد أمس؟ لم يحضر رئيس البلدية.", ["فتح الميناء الجديد أمس؟", "لم يحضر رئيس البلدية."]),
        ("नया बंदरगाह कल खुला था। महापौर वहाँ नहीं थे।", ["नया बंदरगाह कल खुला था।", "महापौर वहाँ नहीं थे।"]),
        ("* * *", []),
        ("", []),
    ],
)
def test_paragraph_falls_into_sentences(paragraph: str, expected: list[str]) -> None:
    assert sentences(paragraph) == expected


def test_key_is_of_the_words() -> None:
    assert keys("“The bridge has fallen” — again…") == keys("the BRIDGE has fallen, again!")
    assert keys("The bridge has fallen again") != keys("The bridge has fallen anew")
    assert passage_keys(["The bridge has fallen again.", "THE BRIDGE HAS FALLEN AGAIN!"]) == passage_keys(
        ["The bridge has fallen again."]
    )


def test_keys_are_fixed_for_all_time() -> None:
    """Stored rows hold these numbers: whoever changes them has to learn everything anew."""
    assert passage_keys(STORY[:1]) == (5111234810290761081,)


def test_keys_are_distinct_and_ascending_and_texts_in_reading_order() -> None:
    assert list(passage_keys([*STORY, *STORY])) == sorted(keys(*STORY))
    assert sentences(" ".join([*STORY, *STORY])) == STORY


def test_fragments_go_with_a_sentence_and_are_not_in_its_key() -> None:
    assert keys(f"Mr. Smith. {STORY[0]} Yes.") == keys(STORY[0])
    assert sentences(f"{STORY[0]} Yes. No.") == [f"{STORY[0]} Yes. No."]
    assert sentences("Yes. No.") == ["Yes. No."]
    assert keys("Yes.") == keys("yes")


prose = st.lists(
    st.lists(
        st.sampled_from(
            [*STORY, SHORT, "“Why?”", "Mr. Ask met Dr. Elm at the town hall.", "No!", "港は昨日開かれました。"]
        ),
        min_size=1,
    ),
    min_size=1,
).filter(lambda paragraphs: all(any(len(part) > 12 or part[0] == "港" for part in part_of) for part_of in paragraphs))


@given(prose, st.integers(20, 90))
def test_keys_do_not_depend_on_how_a_text_is_broken(paragraphs: list[list[str]], width: int) -> None:
    lines = [" ".join(paragraph) for paragraph in paragraphs]
    whole = " ".join(lines)
    wrapped = re.sub(rf"(.{{{width}}}\S*) ", r"\1\n", whole)
    assert passage_keys([whole]) == passage_keys([wrapped]) == passage_keys(lines)


anything = st.text(st.sampled_from(" \n.!。｡?…”'(aAé1ß漢ガﾞ゛\u0301\u3099\u200d★½ﬁ") | st.characters(), max_size=60)


@given(st.lists(anything))
@example(["。★", "★"])
@example(["か。\u3099か", "a. \u0301b" + 40 * "\u0301"])
def test_what_is_read_at_once_is_what_is_read_one_by_one(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    reading = read(paragraphs)
    prints = fingerprint(text)
    assert reading.normal_form == normalise(text)
    for field in fields(Fingerprint):
        assert_array_equal(getattr(reading.fingerprint, field.name), getattr(prints, field.name))


@pytest.mark.parametrize(
    ("paragraphs", "left"),
    [
        pytest.param([APPEAL, *STORY], STORY, id="first"),
        pytest.param([*STORY, SHORT], STORY, id="short and last"),
        pytest.param([SHORT, *STORY], STORY, id="short and first"),
        pytest.param([STORY[0], SHORT, *STORY[1:]], STORY, id="short and second"),
        pytest.param([*STORY[:2], SHORT, STORY[2]], [*STORY[:2], SHORT, STORY[2]], id="short and in the middle"),
        pytest.param([*STORY[:2], SHORT, SHORT, STORY[2]], STORY, id="two short ones in the middle"),
        pytest.param([*STORY[:2], APPEAL, STORY[2]], STORY, id="long and in the middle"),
        pytest.param([*STORY[:2], f"{APPEAL} {SHORT}", STORY[2]], STORY, id="a paragraph of recurring sentences"),
        pytest.param([*STORY[:2], f"{APPEAL} {STORY[2]}"], STORY, id="long, before a sentence of the story"),
        pytest.param([f"{STORY[0]} {SHORT}"], [f"{STORY[0]} {SHORT}"], id="short, within a paragraph"),
        pytest.param(
            [f"{STORY[0]} {APPEAL} {STORY[1]} {PLEDGE}", *REPORT],
            [f"{STORY[0]} {STORY[1]}", *REPORT],
            id="two within a paragraph",
        ),
        pytest.param([*STORY, "* * *", SHORT], [*STORY, "* * *"], id="after a line without words"),
        pytest.param([APPEAL, PLEDGE], [APPEAL, PLEDGE], id="nothing else"),
        pytest.param(["* * *", APPEAL], ["* * *", APPEAL], id="no other words"),
        pytest.param([], [], id="nothing at all"),
        pytest.param([SHORT, STORY[0], SHORT, *STORY[1:]], STORY, id="second once the first is gone"),
    ],
)
def test_what_recurs_goes_where_chrome_stands(paragraphs: list[str], left: list[str]) -> None:
    assert taken(paragraphs, APPEAL, PLEDGE, SHORT)[0] == left


def test_removals_are_told_in_reading_order() -> None:
    paragraphs = [APPEAL, STORY[0], f"{STORY[1]} Dear reader. {PLEDGE} {STORY[2]}", *REPORT, SHORT]
    left, removed = without_recurring(paragraphs, keys(APPEAL, PLEDGE, SHORT))
    assert left == (STORY[0], f"{STORY[1]} {STORY[2]}", *REPORT)
    assert removed == tuple(Removal(text, "recurring") for text in (APPEAL, f"Dear reader. {PLEDGE}", SHORT))


def test_nothing_that_recurs_leaves_all_as_it_was() -> None:
    assert without_recurring([*STORY, "\n odd  form "], set()) == ((*STORY, "\n odd  form "), ())


def sentence(words: int, name: str) -> str:
    return f"{name.title()} {' '.join(f'{name}{at}' for at in range(words - 2))} end."


def test_what_recurs_on_end_for_long_is_a_quotation() -> None:
    article = [sentence(15, f"own{at}") for at in range(60)]
    block = [sentence(15, f"block{at}") for at in range(10)]
    one_more = sentence(15, "more")
    assert taken([*article, *block], *block)[0] == article
    assert taken([*article, *block, one_more], *block, one_more) == ([*article, *block, one_more], [])
    assert taken([APPEAL, *article, *block, one_more], APPEAL, *block, one_more)[0] == [*article, *block, one_more]


def test_recurrence_takes_a_quarter_on_end_and_two_fifths_in_all() -> None:
    article = [sentence(20, f"own{at}") for at in range(20)]
    assert taken(article, *article[:5])[0] == article[5:]
    assert taken(article, *article[:6]) == (article, [])
    assert taken(article, *article[:5], *article[17:])[0] == article[5:17]
    assert taken(article, *article[:5], *article[16:]) == (article, [])
    assert taken(article, *article[::2]) == (article, [])


def test_short_item_has_longer_chrome_but_not_half_of_it() -> None:
    item = [sentence(20, f"own{at}") for at in range(3)]
    appeal = [sentence(20, f"appeal{at}") for at in range(4)]
    assert taken([*item, *appeal[:3]], *appeal)[0] == item
    assert taken([*item, *appeal], *appeal) == ([*item, *appeal], [])
    assert taken([*item[:2], *appeal[:3]], *appeal) == ([*item[:2], *appeal[:3]], [])


def test_sentences_quoted_out_of_paragraphs_stay() -> None:
    article = [[sentence(12, f"a{at}"), sentence(12, f"b{at}")] for at in range(40)]
    paragraphs = [" ".join(both) for both in article]
    quoted = [first for first, _ in article]
    assert taken(paragraphs, *quoted[1:3])[0] == [paragraphs[0], article[1][1], article[2][1], *paragraphs[3:]]
    assert taken(paragraphs, *quoted[1:6]) == (paragraphs, [])
    assert taken(paragraphs, *quoted) == (paragraphs, [])


def test_what_a_person_called_boilerplate_goes_without_a_limit() -> None:
    article = [sentence(20, f"own{at}") for at in range(12)]
    ruled = article[1:11]
    left, removed = without_recurring(article, keys(*article), keys(*ruled))
    assert (left, [one.paragraph for one in removed]) == ((article[0], article[11]), ruled)
    assert without_recurring(article, keys(*ruled, *article[:1]), keys(*ruled))[0] == (article[11],)


ARTICLE = [sentence(14, f"word{at}") for at in range(20)]


@given(st.data())
def test_no_quoting_of_an_article_empties_it(data: st.DataObject) -> None:
    """Whatever others quote of it: a long stretch, one half, sentences here and there."""
    per_paragraph = data.draw(st.integers(1, 4))
    paragraphs = [" ".join(ARTICLE[at : at + per_paragraph]) for at in range(0, 20, per_paragraph)]
    quoted = data.draw(st.sets(st.sampled_from(ARTICLE)))
    left, _ = without_recurring(paragraphs, keys(*quoted))
    kept = sum(len(paragraph.split()) for paragraph in left) / sum(len(paragraph.split()) for paragraph in paragraphs)
    assert kept >= 0.6
    assert kept == 1 or len(quoted) < 20


def test_which_passages_a_person_has_ruled_out() -> None:
    assert ruled_out({1: Ruling.LEARNED, 2: Ruling.BOILERPLATE, 3: Ruling.ARTICLE}) == {2}


pieces = [
    APPEAL,
    PLEDGE,
    SHORT,
    *STORY,
    "Yes.",
    "“No”",
    "* * *",
    "lower case follows. ",
    "港は。x",
    '"',
    "A.b ",
    "。",
    "\n",
]


@given(
    st.lists(st.lists(st.sampled_from(pieces), max_size=5).map(" ".join) | st.text(), max_size=8),
    st.sets(st.integers(0, 40)),
)
def test_taking_out_again_changes_nothing(paragraphs: list[str], chosen: set[int]) -> None:
    held = passage_keys(paragraphs)
    recurring = {key for at, key in enumerate(held) if at in chosen}
    left, removed = without_recurring(paragraphs, recurring)
    assert without_recurring(left, recurring) == (left, ())
    assert bool(removed) == (left != tuple(paragraphs))
    assert set(passage_keys(left)) <= set(held)
    assert set(held) - set(passage_keys(left)) <= recurring
    assert bool(passage_keys(left)) == bool(held)


@given(st.lists(st.text(), max_size=6))
def test_any_text_is_read_without_an_error(paragraphs: list[str]) -> None:
    texts = passage_texts(paragraphs)
    assert set(passage_keys(paragraphs)) == set(texts)
    assert all(text and any(text in paragraph for paragraph in paragraphs) for text in texts.values())


HOSTILE = [
    ".",
    ". ",
    '"',
    '."',
    '." ',
    "“",
    ". (",
    "。",
    "。」",
    "A. ",
    "。a",
    "\n",
    ".\n",
    "a",
    "1 ",
    "\u0301",
    "\u200b.",
    "? !",
]


@pytest.mark.parametrize("part", HOSTILE)
def test_a_megabyte_of_anything_is_split(part: str) -> None:
    """In linear time: quadratic, each of these would take hours."""
    text = part * (1_000_000 // len(part))
    held = passage_keys([text])
    assert len(held) <= 2
    assert without_recurring([text], set(held)) == ((text,), ())
    story = " ".join(STORY)
    assert without_recurring([text, story], set(held) - keys(story))[0][-1] == story


def test_more_sentences_than_a_book_has_are_refused_with_the_next_step() -> None:
    paragraphs = [f"Ferry {number} left the quay." for number in range(MAX_PASSAGES)]
    require_few_passages(paragraphs)
    require_few_passages(["The same ferry left the quay."] * (2 * MAX_PASSAGES))
    with pytest.raises(TerminalError, match=r"^it has 20,001 different sentences or lines, many .*; drop its articles"):
        require_few_passages([*paragraphs, "One more ferry left the quay."])
