import subprocess
import sys
import time
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.similarity import fingerprint as module
from ingest.similarity.fingerprint import (
    SKETCH_SIZE,
    Fingerprint,
    distinct,
    fingerprint,
    first_in_order,
    hash_lines,
    normalise,
    shingles_in_order,
    sketch_order,
    text_hash,
    text_id,
)

SENTENCE = "The harbour of Vellmar was closed on 3 May, its warden said."


def lists(prints: Fingerprint) -> tuple[list[int], ...]:
    return tuple(array.tolist() for array in (prints.words, prints.shingles, prints.sketch, prints.numbers))


def same_words(*texts: str) -> bool:
    return len({tuple(fingerprint(text).words.tolist()) for text in texts}) == 1


def count_words(text: str) -> int:
    return len(fingerprint(text).words)


def numbered_words(count: int, first: int = 0) -> str:
    return " ".join(f"word{number}" for number in range(first, first + count))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“It’s over” — she said…", "it s over she said"),
        ('"It\'s over" - she said...', "it s over she said"),
        ("  Straße\u00a0 STRASSE\r\n\tﬁnal ", "strasse strasse final"),
        ("co\u00adopera\u200btion", "cooperation"),
        ("snake_case *bold* #tag", "snake case bold tag"),
        ("ℌÅ ①", "hå 1"),
        ("हिन्दी किताब।", "हिन्दी किताब"),
        ("!?  ★", "!? ★"),
        ("", ""),
        ("\ud800", "\ud800"),
    ],
)
def test_normal_form_folds_case_and_compatible_forms(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_hash_is_of_the_wording() -> None:
    assert text_hash("“Quoted” — twice") == text_hash('"quoted" - TWICE') != text_hash("quoted thrice")
    assert text_hash(SENTENCE).hex() == "fe27e7c7def2298961a2d8f6bd966a3f"


def test_hash_tells_numbers_and_symbol_only_texts_apart() -> None:
    assert len({text_hash(text) for text in ("1.5", "15", "★", "☆", "")}) == 5


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("… — !", 0),
        ("don't stop_now", 4),
        ("3.5 kilometres", 3),
        ("新しい港", 4),
        ("港2024年", 3),
        ("ท่าเรือ 12", 6),  # a vowel or tone mark above or below stays with its consonant
        ("ที่12", 2),
        ("हिन्दी किताब", 2),
        ("cafe\u0301s", 1),
        ("\u0301", 1),
    ],
)
def test_words_are_counted_in_any_script(text: str, count: int) -> None:
    assert count_words(text) == count


def test_words_do_not_depend_on_form_or_place() -> None:
    assert same_words("CAFÉS, “now”", "cafe\u0301s now", "  cafés\n\nnow!")
    assert not same_words("cafes now", "cafés now")
    assert fingerprint("left right").words[1] == fingerprint("far, far to the right").words[-1]


def test_numbers_are_the_words_that_begin_with_a_digit() -> None:
    prints = fingerprint("At 05:42 the 19th of 3 ships, F16, left; ١٢ came.")
    assert prints.numbers.tolist() == fingerprint("05 42 19th 3 ١٢").words.tolist()


def test_shingles_are_the_distinct_runs_of_three_words() -> None:
    prints = fingerprint("a b c a b c d")
    assert len(prints.shingles) == len({"abc", "bca", "cab", "bcd"})
    assert len(shingles_in_order(prints.words)) == 5
    assert fingerprint("a b").shingles.tolist() != fingerprint("b a").shingles.tolist()
    assert [len(fingerprint(text).shingles) for text in ("", "a", "a b", "a b c")] == [0, 1, 1, 1]
    assert not set(fingerprint("a b c").shingles) & set(fingerprint("c b a").shingles)


def test_hashes_are_fixed_for_all_time() -> None:
    """Stored rows hold these numbers: whoever changes them has to compute every fingerprint anew."""
    prints = fingerprint(SENTENCE)
    assert prints.words[:2].tolist() == [-6977723744496144028, 7517347680381766038]
    assert prints.shingles[:2].tolist() == [-8393051137295743704, -7435760050517710062]
    assert fingerprint(numbered_words(200)).sketch[:2].tolist() == [-9047699799983410791, -8454668021765901304]


def test_another_process_computes_the_same_hashes() -> None:
    code = f"from ingest.similarity.fingerprint import fingerprint; print(fingerprint({SENTENCE!r}).sketch.tolist())"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == str(fingerprint(SENTENCE).sketch.tolist())


def test_sketch_is_a_sample_without_bias() -> None:
    sketches = [fingerprint(numbered_words(300, 300 * at)).sketch for at in range(100)]
    assert {len(sketch) for sketch in sketches} == {SKETCH_SIZE}
    top_bits = np.concatenate(sketches) >> 60  # 16 classes, 400 expected in each, standard deviation 19
    assert np.abs(np.bincount(top_bits + 8, minlength=16) - 400).max() < 95


def test_sketches_share_as_much_as_the_texts() -> None:
    shared = [
        len(
            np.intersect1d(
                fingerprint(numbered_words(400, 1000 * at)).sketch,
                fingerprint(numbered_words(400, 1000 * at + 100)).sketch,
            )
        )
        for at in range(50)
    ]
    # 300 of 400 shingles in common, of 500 in both: of the 64 first of either, about 3/4.
    assert 42 < np.mean(shared) < 54


def test_distinct_words_never_collide() -> None:
    # Below a million characters, where a text is one block: a word across a border counts as two.
    words = [f"{prefix}{number}" for prefix in ("", "a", "ab", "ключ") for number in range(30_000)]
    assert len(np.unique(fingerprint(" ".join(words)).words)) == len(words)


def test_long_texts_are_hashed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    text = numbered_words(50) + " ünd 港 12 " + numbered_words(30)
    whole, normal = lists(fingerprint(text)), normalise(text)
    monkeypatch.setattr(module, "BLOCK_CHARS", text.index("ünd"))
    assert (lists(fingerprint(text)), normalise(text)) == (whole, normal)
    monkeypatch.setattr(module, "BLOCK_CHARS", text.index("ünd") + 1)
    assert (len(fingerprint(text).words), normalise(text)) == (len(whole[0]) + 1, normal)


def test_a_run_of_combining_marks_takes_linear_time() -> None:
    begin = time.process_time()
    prints = fingerprint("a" + "\u0301\u0316" * 100_000 + " b")
    assert time.process_time() - begin < 2  # 8 s and more without the limit
    assert len(prints.words) == 2
    assert normalise("a" + "\u0316" * 40) == "a" + "\u0316" * 30


@given(st.text())
def test_arrays_hold_what_they_promise(text: str) -> None:
    prints = fingerprint(text)
    words, shingles, sketch, numbers = lists(prints)
    assert shingles == sorted(set(shingles))
    assert sketch == sorted(set(sketch) & set(shingles))
    assert len(sketch) == min(SKETCH_SIZE, len(shingles))
    assert len(shingles) <= max(len(words) - 2, min(len(words), 1))
    assert set(numbers) <= set(words)
    assert {array.dtype for array in (prints.words, prints.shingles, prints.sketch, prints.numbers)} == {
        np.dtype("int64")
    }


@given(st.text())
def test_equal_wording_is_equal_in_all_respects(text: str) -> None:
    # Not of any text: outside normal form, a mark may meet another base once the symbols between them are gone.
    text = unicodedata.normalize("NFKC", text)
    assert normalise(f" {text} !") == normalise(text) or not fingerprint(text).words.size
    assert normalise(normalise(text)) == normalise(text)
    assert text_hash(normalise(text)) == text_hash(text)


@given(st.text("ab7 .-é汉\u0301\u200b☃", max_size=40), st.integers(1, 7))
def test_normal_form_does_not_depend_on_how_a_text_is_cut(text: str, block_chars: int) -> None:
    text = unicodedata.normalize("NFKC", text.replace("\u0301", "x"))
    whole = normalise(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_CHARS", block_chars)
        assert normalise(text) == whole


def test_signs_that_spell_out_long_or_pile_up_marks_stay_short() -> None:
    assert len(normalise("\ufdfa" * 1000)) == 4000
    assert normalise("か" + ("\u0301" * 20 + "\uff9e") * 10_000) == "が" + "\u0301" * 29


def test_id_of_a_text_is_the_beginning_of_its_hash() -> None:
    assert text_id(bytes.fromhex("fe27e7c7def2298961a2d8f6bd966a3f")) == -0x01D81838210DD677
    assert text_id(bytes([0] * 7 + [5] + [9] * 8)) == 5


def test_lines_have_the_hash_and_length_of_their_words() -> None:
    lines = hash_lines("The harbour\n\n — \n“the HARBOUR!”\n新しい港 2024\n")
    assert lines.at.tolist() == [0, 3, 4]
    assert lines.keys[0] == lines.keys[1] != lines.keys[2]
    assert lines.half_words.tolist() == [4, 4, 6]
    assert [array.tolist() for array in (hash_lines("\n").at, hash_lines("").keys)] == [[], []]


@given(st.lists(st.text("abß7.é汉ア\u0301\u200b☃ ", max_size=20), max_size=8), st.integers(1, 9))
def test_lines_are_told_apart_by_their_words_wherever_they_stand(texts: list[str], block_chars: int) -> None:
    lines = hash_lines("\n".join(texts))
    alone = {at: hash_lines(text) for at, text in enumerate(texts) if len(hash_lines(text).at)}
    assert lines.at.tolist() == list(alone)
    assert lines.keys.tolist() == [one.keys[0] for one in alone.values()]
    assert lines.half_words.tolist() == [one.half_words[0] for one in alone.values()]
    by_words = {tuple(fingerprint(text).words.tolist()) for text in texts} - {()}
    assert len(set(lines.keys.tolist())) == len(by_words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_CHARS", block_chars)
        assert set(hash_lines("\n".join(texts)).at.tolist()) == set(alone)


@given(st.lists(st.integers(-9, 9)), st.integers(0, 12))
def test_first_in_order_are_first_among_the_distinct(values: list[int], size: int) -> None:
    once = distinct(np.array(values, np.int64))
    assert once.tolist() == sorted(set(values))
    in_order = once[np.argsort(sketch_order(once))].tolist()
    assert first_in_order(once, size).tolist() == sorted(in_order[:size])
