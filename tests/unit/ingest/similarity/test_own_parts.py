import random
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.similarity.alignment import Wording
from ingest.similarity.fingerprint import Fingerprint, fingerprint
from ingest.similarity.own_parts import OwnPart, common_of, have_own_stories
from ingest.similarity.pair_rule import compare

NEWS = [
    "Vellmar Shipping has bought two ice-breaking ferries from a yard in Grohn. They replace boats that are forty "
    "years"
    "old and cannot be mended any more, and are to sail from next autumn on.",
    "Oda Brekke becomes the head of finance at Vellmar Shipping. She has led a brewery until now and follows on Paul "
    "Rennert, who is going to teach at the school for mates in Austal.",
    "A court in Zdarka has thrown out a claim of former stokers against Vellmar Shipping. The judges found that the "
    "pensions were paid as agreed; counsel for the men wants to appeal.",
]
ABOUT = (
    "About Vellmar Shipping: the company runs ferries and tugs on nine coasts and has its seat in the old customs "
    "house. It was founded by a widow with a rowing boat and is still owned by her family. What this release says "
    "about the future rests on what is known today. Things may come otherwise, because of the weather, of strikes, of "
    "prices and of laws that nobody can foresee, and the company need not say so when they do. Nothing here is an "
    "offer of shares. Whoever wants to print a picture of a ship may do so if the name of the company stands beside "
    "it. The office for the press answers letters, calls and visits on every working day from eight in the morning."
)


def own(text: str, other: str) -> OwnPart:
    one = Wording.of(text)
    return OwnPart(one, common_of(one.fingerprint.shingles, fingerprint(other).shingles))


def places(part: OwnPart) -> list[tuple[int, int]]:
    return list(zip(part.starts.tolist(), part.lengths.tolist(), strict=True))


def test_own_words_lie_in_no_common_shingle() -> None:
    assert places(own("a b c d x y e f g h z", "a b c d e f g h")) == [(4, 2), (10, 1)]
    assert places(own("x a b y c d e", "a b z c d e")) == [(0, 4)]  # two equal words are no shingle
    assert places(own("a b c", "a b c")) == places(own("", "a b c")) == []


def test_news_above_a_long_text_about_the_company_are_stories_of_their_own() -> None:
    releases = [f"{news}\n\n{ABOUT}" for news in NEWS]
    assert [compare(Wording.of(a), Wording.of(b)) for a, b in combinations(releases, 2)] == [None] * 3
    again = "Vellmar Shipping grows\n\n" + releases[0]
    assert compare(Wording.of(releases[0]), Wording.of(again)) is not None


def test_other_footers_make_no_stories_of_their_own() -> None:
    a, b = (f"{ABOUT}\n\n{' '.join(footer.split()[:22])}" for footer in NEWS[:2])
    assert not have_own_stories(own(a, b), own(b, a))
    assert compare(Wording.of(a), Wording.of(b)) is not None


LEADS = (
    "The old ferry Hildur of Vellmar has run on the rocks before Austal with forty people on board on Sunday, and all "
    "of them were saved in time by others.",
    "All people on board the Hildur were saved on Sunday night when she left Austal and ran on rocks, police of "
    "Vellmar"
    "said about the forty on the old ferry.",
)
BODY = (
    "The Hildur had left Austal for Vellmar late, police said. People on board told of rocks that nobody saw, and of "
    "how all forty were saved by a boat of the old pilots on Sunday night before the ferry sank. "
)


def test_a_lead_that_is_worded_anew_makes_no_story_of_its_own() -> None:
    a, b = (f"{lead} {BODY} {ABOUT[-500:]}" for lead in LEADS)
    assert [own(a, b).stands_above, own(b, a).stands_above] == [True, True]
    assert not have_own_stories(own(a, b), own(b, a))


def test_one_text_for_itself_is_no_second_story() -> None:
    a, b = f"{NEWS[0]}\n\n{ABOUT}", ABOUT
    assert not have_own_stories(own(a, b), own(b, a))


texts = st.lists(st.sampled_from("abcdefgh"), max_size=80).map(" ".join)


@given(texts, texts)
def test_own_words_are_those_that_no_common_shingle_covers(one: str, other: str) -> None:
    words, part = one.split(), own(one, other)
    others = other.split()
    common = {tuple(others[at : at + 3]) for at in range(len(others) - 2)}
    covered = {at + k for at in range(len(words) - 2) for k in range(3) if tuple(words[at : at + 3]) in common}
    if len(words) > 2:
        assert [at for start, n in places(part) for at in range(start, start + n)] == sorted(
            set(range(len(words))) - covered
        )


@given(st.sets(st.integers(-99, 99)), st.sets(st.integers(-99, 99)))
def test_common_values(a: set[int], b: set[int]) -> None:
    arrays = [np.array(sorted(values), np.int64) for values in (a, b)]
    assert common_of(*arrays).tolist() == sorted(a & b)


@given(texts, texts)
def test_own_stories_are_symmetric(one: str, other: str) -> None:
    assert have_own_stories(own(one, other), own(other, one)) == have_own_stories(own(other, one), own(one, other))


def test_many_words_for_themselves_are_two_stories() -> None:
    source = random.Random(3)
    items = [" ".join("".join(source.choices("klmnop", k=5)) for _ in range(60)) for _ in range(2)]
    a, b = (f"{ABOUT} {item} {ABOUT[:200]}" for item in items)
    assert have_own_stories(own(a, b), own(b, a))
    assert isinstance(own(a, b).text, Fingerprint)
