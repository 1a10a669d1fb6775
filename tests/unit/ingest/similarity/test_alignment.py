import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.similarity.alignment import ALIGNED_WORDS, Differences, Wording, differences, one_form
from ingest.similarity.fingerprint import BLOCK_CHARS

Values = list[tuple[str, ...]]

FORMS: dict[str, tuple[str, Values]] = {
    "obituary": (
        "{0} {1}, of {2}, died at home on {3}, with the family around the bed. Born in {4} to {5} and {6}, {0} {1} was "
        "a {7} for most of a long life and liked nothing better than the allotment behind the station. {0} {1} leaves "
        "{8} grandchildren. The service is on {9} in the chapel of {2}, and flowers go to the ward for children.",
        [
            ("Oda", "Brekke", "Lomsund", "Monday", "Vikna", "Signe", "Aksel", "seamstress", "4", "Friday"),
            ("Paul", "Rennert", "Austal", "Sunday", "Grohn", "Hedwig", "Otto", "bookbinder", "11", "Tuesday"),
            ("Clea", "Moravec", "Zdarka", "Wednesday", "Prelov", "Irma", "Josef", "surveyor", "7", "Monday"),
        ],
    ),
    "court, lower case": (
        "a judge in {0} sent {1}, {2}, to prison for {3} years on {4} for setting fire to a {5}. the court heard that "
        "the accused had been seen at the gate with a can of petrol, and that nobody else had a key to the yard. "
        "counsel for {1} said that an appeal would be lodged with the court in {6} before the end of the month.",
        [
            ("lomsund", "brekke", "34", "three", "monday", "barn", "vikna"),
            ("austal", "rennert", "51", "six", "thursday", "mill", "grohn"),
        ],
    ),
    "German, two members": (
        "In {0} wird die Straße nach {1} vom {2}. an für {3} Wochen gesperrt. Grund sind Arbeiten am Kanal, die sich "
        "wegen des Wetters verschoben haben. Der Verkehr wird über {4} umgeleitet, Busse halten am {5}. Anwohner "
        "kommen bis zu ihren Häusern, sagte {6} vom Bauamt.",
        [
            ("Lomsund", "Vikna", "3", "zwei", "Halde", "Friedhof", "Brekke"),
            ("Austal", "Grohn", "17", "fünf", "Moorbach", "Rathaus", "Rennert"),
        ],
    ),
    "Chinese": (
        "{0}市气象台今天上午发布消息，预计{1}日夜间到{2}日白天，全市有{3}，最高气温{4}度，最低气温{5}度。"
        "气象台提醒市民注意交通安全，{6}区的居民出门时带好雨具，老人和儿童减少外出。",
        [("临桥", "3", "4", "小雨转阴", "17", "9", "南山"), ("高塘", "21", "22", "大雪", "2", "11", "石港")],
    ),
    "Japanese": (
        "{0}で{1}日午後、{2}が主催する催しが開かれ、{3}人が参加した。会場では地元の子どもたちが練習の成果を披露し、"
        "大きな拍手が送られた。主催者は来年も続けたいと話している。参加した{4}さんは{5}から来たという。",
        [("北浦町", "4", "商工会", "120", "大森", "三崎"), ("南原市", "19", "図書館", "45", "小林", "横手")],
    ),
    "Thai": (
        "ตำรวจ{0}จับกุม{1}ได้พร้อมของกลาง{2}รายการเมื่อวันที่ {3} ที่ผ่านมา หลังได้รับแจ้งจากชาวบ้าน "
        "ผู้ต้องหาให้การรับสารภาพว่าลงมือทำเพียงคนเดียว"
        " เจ้าหน้าที่จึงนำตัวส่งพนักงานสอบสวน{4}เพื่อดำเนินคดีตามกฎหมายต่อไป",
        [("บางนา", "สมหมาย", "3", "4", "พระโขนง"), ("หาดใหญ่", "วิเชียร", "11", "27", "สงขลา")],
    ),
    "a flash": (
        "Breaking: {0} in {1} evacuated after a smell of gas, firefighters on site",
        [("School", "Lomsund"), ("School", "Austal"), ("Theatre", "Vikna")],
    ),
    "numbers": (
        "The lake stood at {0} metres on the gauge at the weir in the morning, {1} centimetres more than a day before. "
        "The office for water expects {2} by noon and asks owners of boats to look after their ropes.",
        [("1,204", "31", "1,215"), ("1,304", "37", "1,325")],
    ),
}


def reports(name: str) -> list[str]:
    form, values = FORMS[name]
    return [form.format(*one) for one in values]


def misread(text: str, every: int) -> str:
    """One letter of so many is another, as in a copy from OCR."""
    swapped = {"e": "c", "o": "0", "l": "1", "n": "u", "t": "f", "a": "o", "i": "l", "s": "5"}
    return "".join(swapped.get(c, c) if at % every == 0 else c for at, c in enumerate(text))


@pytest.mark.parametrize("name", FORMS)
def test_reports_of_a_form_are_of_one_form(name: str) -> None:
    wordings = [Wording.of(report) for report in reports(name)]
    assert [one_form(a, b) for a, b in combinations(wordings, 2)] == [True] * (len(wordings) * (len(wordings) - 1) // 2)


@pytest.mark.parametrize("name", FORMS)
def test_a_report_with_a_line_above_and_below_is_the_same_report(name: str) -> None:
    for report in reports(name):
        framed = f"From our own correspondent in the north\n\n{report}\n\nMore of it follows in the evening edition"
        assert not one_form(Wording.of(report), Wording.of(framed))


@pytest.mark.parametrize("name", ["obituary", "court, lower case"])
def test_cut_reports_of_a_form_are_of_one_form(name: str) -> None:
    one, other = (Wording.of(report) for report in reports(name)[:2])
    cut = Wording.of(reports(name)[1][:250])
    assert [one_form(one, cut), one_form(other, cut)] == [True, False]


@pytest.mark.parametrize("every", [60, 30, 16])
@pytest.mark.parametrize("name", ["obituary", "court, lower case", "German, two members"])
def test_misread_copy_is_the_same_report(name: str, every: int) -> None:
    for report in reports(name):
        assert not one_form(Wording.of(report), Wording.of(misread(report, every)))


def test_misread_report_is_still_another() -> None:
    one, other = reports("obituary")[:2]
    assert one_form(Wording.of(one), Wording.of(misread(other, 90)))


def test_long_frame_does_not_hide_a_form() -> None:
    """A quarter's figures over three times as many words about the company."""
    form = (
        "{0} Power earned {1} million in the {2} quarter, {3} million more than a year before. Its head, {4}, spoke of "
        "good demand in {5} and of higher costs. "
    )
    about = (
        "The company makes and sells power in four countries and belongs to a foundation for the upkeep of "
        "lighthouses. What it says about the time to come rests on what it knows today and may turn out to be wrong "
        "for reasons that lie outside its power, among them the weather, the price of coal and the decisions of "
        "courts. It owes nobody a correction, unless the law says so. Questions are answered by the "
        "office for the press on working days."
    )
    values = [("Lomsund", "31", "first", "4", "Brekke", "Vikna"), ("Austal", "18", "third", "7", "Rennert", "Grohn")]
    one, other = (Wording.of(form.format(*of_report) + about) for of_report in values)
    assert one_form(one, other)


REPORT = (
    "The harbour of Lomsund will have a new pier before the winter, the council decided on Monday after a long debate. "
    "The old one was broken by ice two years ago and has been closed since then, so that the ferry goes from the quay "
    "of the cannery. Fishermen had asked for stone, but the council chose wood because it costs half as much. The "
    "mayor, Oda Brekke, said that the money would come from the sale of the school. Work begins in May, and a firm "
    "from Vikna is to have the order. The harbour master expects that fifty boats will lie at the pier in the summer. "
    "Two members of the council voted against the plan, which they called hasty, and want to ask the county for an "
    "opinion."
)


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param(REPORT.replace("Monday", "Tuesday").replace("fifty", "sixty"), id="corrected"),
        pytest.param(
            REPORT.replace("after a long debate", "late at night, and nobody was surprised by it").replace(
                "The mayor, Oda Brekke, said that the money would come from", "Money is to come, says the mayor, out of"
            ),
            id="two sentences rewritten",
        ),
        pytest.param(REPORT[:330], id="cut short"),
        pytest.param("Pier to be built at last\n\n" + REPORT + " Nobody from the firm could be reached.", id="amended"),
        pytest.param(
            REPORT.replace("Monday", "Monday evening")
            .replace("Fishermen", "Fishermen of the town")
            .replace("a long debate", "debate")
            .replace("will lie", "lie")
            .replace("hasty", "rash")
            .replace("chose", "took"),
            id="edited here and there",
        ),
    ],
)
def test_edited_copies_are_of_no_form(edited: str) -> None:
    assert not one_form(Wording.of(REPORT), Wording.of(edited))


def test_differences_are_counted() -> None:
    frame = "aa bb cc {} dd ee ff {} gg hh ii jj kk ll {}"
    one, other = (Wording.of(frame.format(*values)) for values in (("x", "7 y", "end"), ("u v", "8 z", "tail")))
    # 12 words shared; the values are u v / x, 7 y / 8 z, and at the end another word
    assert differences(one, other) == Differences(values=3, shared=24, tied=1.0, substituted=1.0)
    assert differences(one, one) is None


@pytest.mark.parametrize(
    ("one", "other", "is_value"),
    [
        ("Brekke", "Rennert", True),
        ("1204", "1304", True),
        ("harbour", "harbonr", False),
        ("colour", "color", False),
        ("of", "ot", False),
        ("a", "b", True),
        ("news paper", "newspaper", False),
        ("Oda Brekke", "Oda Rennert", True),
    ],
)
def test_misspelled_words_are_no_values(one: str, other: str, is_value: bool) -> None:
    frame = "they came to the {} at noon when it rained"
    assert one_form(Wording.of(frame.format(one)), Wording.of(frame.format(other))) is is_value


@pytest.mark.parametrize("end", ["x" * 50_000, ""])
def test_only_the_beginning_of_a_giant_word_is_compared(end: str) -> None:
    word = "".join(random.Random(2).choices("abcdefghij", k=600))
    frame = "they came to the {} at noon when it rained"
    assert not one_form(Wording.of(frame.format(word + end)), Wording.of(frame.format(word + "q" * 50 + end)))
    assert one_form(Wording.of(frame.format(word + end)), Wording.of(frame.format(word[::-1] + end)))


def test_only_the_beginning_of_long_texts_is_aligned() -> None:
    source = random.Random(1)
    words = ["".join(source.choices("abcdefghij", k=6)) for _ in range(ALIGNED_WORDS)]
    others = [word if at % 8 else f"x{word[::-1]}" for at, word in enumerate(words)]
    assert one_form(Wording.of(" ".join(words)), Wording.of(" ".join(others)))
    assert not one_form(Wording.of(" ".join(words + words)), Wording.of(" ".join(words + others)))


def test_words_of_megabytes_and_no_words_are_compared() -> None:
    large = Wording.of(("x" * (BLOCK_CHARS // 2) + " ") * 5 + "港" * 9)
    texts = [large, Wording.of(("x" * (BLOCK_CHARS // 2) + " ") * 4 + "y 港"), Wording.of(""), Wording.of("* * *")]
    assert [one_form(a, b) for a, b in combinations(texts, 2)] == [one_form(b, a) for a, b in combinations(texts, 2)]


vocabularies = st.lists(
    st.sampled_from(["aa", "bb", "cc", "dd", "ee", "harbour", "harbonr", "7", "81", "港", "口", "ที่", "\u0301"]),
    max_size=60,
).map(" ".join)


@given(vocabularies, vocabularies)
def test_one_form_is_symmetric(one: str, other: str) -> None:
    a, b = Wording.of(one), Wording.of(other)
    assert differences(a, b) == differences(b, a)


@given(vocabularies, vocabularies)
def test_a_text_is_no_form_of_itself_nor_of_what_contains_it(one: str, more: str) -> None:
    assert not one_form(Wording.of(one), Wording.of(one))
    assert Wording.of(one).normal_form == Wording.of_normal_form(Wording.of(one).normal_form).normal_form
