"""TransferSet: what a copy is, that it comes again, and what is refused."""

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils._param_validation import InvalidParameterError

from skdistill import TextStream, TransferSet
from skdistill._input.unlabeled import CHUNK, check_pool
from skdistill.text.augmentation import copies_for_fit

pytestmark = pytest.mark.core

TEXTS = [" ".join(f"{letter}{i}" for i in range(12)) for letter in "abcdefgh"]


def only(**parameters):
    """A set of which one rule alone is at work."""
    return TransferSet(**{"p_mask": 0, "p_ngram": 0, "p_recombine": 0, "random_state": 0} | parameters)


def is_run(words, document):
    starts = range(len(document) - len(words) + 1)
    return any(document[start : start + len(words)] == words for start in starts)


def is_subsequence(words, document):
    rest = iter(document)
    return all(word in rest for word in words)


# What a copy is.


def test_a_short_run_is_a_run_of_its_document_of_each_length_up_to_the_longest():
    copies = [copy.split() for copy in only(p_ngram=1, max_ngram=4).generate(TEXTS)]
    assert {len(copy) for copy in copies} == {1, 2, 3, 4}
    documents = {text[0]: text.split() for text in TEXTS}
    assert all(is_run(copy, documents[copy[0][0]]) for copy in copies)


def test_each_length_and_place_of_a_short_run_is_as_likely():
    long = " ".join(map(str, range(10_000)))
    lengths = [len(copy.split()) for copy in only(p_ngram=1, n_copies=4000).generate([long])]
    np.testing.assert_allclose(np.bincount(lengths)[1:] / len(lengths), 0.2, atol=0.03)
    starts = [int(copy.split()[0]) for copy in only(p_ngram=1, n_copies=4000).generate([long])]
    np.testing.assert_allclose(np.quantile(starts, [0.25, 0.5, 0.75]), [2500, 5000, 7500], atol=350)


def test_a_recombined_copy_is_a_run_of_its_document_and_a_run_of_one_document():
    documents = {text[0]: text.split() for text in TEXTS}
    partners = set()
    for position, copy in enumerate(only(p_recombine=1, n_copies=10).generate(TEXTS)):
        words = copy.split()
        own = documents[words[0][0]]
        other = documents[words[-1][0]]
        splits = range(1, len(words))
        assert any(is_run(words[:at], own) and is_run(words[at:], other) for at in splits), position
        partners.add((words[0][0], words[-1][0]))
    assert len(partners) > 30


def test_masked_tokens_are_left_out():
    copies = list(only(p_mask=0.3).generate(TEXTS))
    documents = {text[0]: text.split() for text in TEXTS}
    assert all(is_subsequence(copy.split(), documents[copy[0]]) for copy in copies)
    assert np.mean([len(copy.split()) for copy in copies]) == pytest.approx(12 * 0.7, rel=0.1)


def test_a_mask_token_stands_where_a_token_was():
    copies = [copy.split() for copy in only(p_mask=0.3, mask_token="[MASK]").generate([TEXTS[0]])]
    original = TEXTS[0].split()
    assert all(len(copy) == len(original) for copy in copies)
    assert all(word in ("[MASK]", old) for copy in copies for word, old in zip(copy, original))
    assert np.mean([copy.count("[MASK]") for copy in copies]) == pytest.approx(12 * 0.3, rel=0.3)


def test_the_rules_are_as_frequent_as_they_should_be():
    texts = [" ".join(f"{letter}{i}" for i in range(1000)) for letter in "ab"]
    made = TransferSet(n_copies=3000, p_ngram=0.3, p_recombine=0.2, random_state=0)
    copies = list(made.generate(texts))
    assert np.mean([len(copy.split()) <= 5 for copy in copies]) == pytest.approx(0.3, abs=0.02)
    # Half of the time a document meets itself.
    assert np.mean(["a" in copy and "b" in copy for copy in copies]) == pytest.approx(0.1, abs=0.02)


def test_words_keep_their_spelling():
    copies = list(only(p_mask=0.3).generate(["Größe  ZÄHLT,\tdon't  you think?"]))
    assert {word for copy in copies for word in copy.split()} == {"Größe", "ZÄHLT,", "don't", "you", "think?"}


def test_characters_are_joined_without_spaces():
    text = "今天天气很好，我们去公园散步"
    copies = list(only(p_ngram=1, analyzer="char").generate([text]))
    assert all(copy in text for copy in copies)
    assert {len(copy) for copy in copies} == {1, 2, 3, 4, 5}


def test_white_space_between_characters_stays():
    copies = list(only(p_ngram=1, max_ngram=9, n_copies=50, analyzer="char").generate([" 好 ok go\n再见 "]))
    assert all(copy == copy.strip() and copy in "好 ok go\n再见" for copy in copies)
    assert any("k g" in copy for copy in copies)


def test_tokens_of_a_callable_are_joined_by_spaces():
    made = only(p_ngram=1, n_copies=60)
    copies = list(made.generate(["New York,Rome,Old Oslo"], analyzer=lambda text: iter(text.split(","))))
    cities = {"New York", "Rome", "Old Oslo"}
    assert cities <= set(copies) <= cities | {"New York Rome", "Rome Old Oslo"}


def test_an_own_analyzer_goes_before_that_of_the_classifier():
    text = "今天 天气"
    by_character = list(only(p_ngram=1, analyzer="char").generate([text], analyzer="word"))
    assert by_character == list(only(p_ngram=1).generate([text], analyzer="char"))
    assert by_character != list(only(p_ngram=1).generate([text]))


# Which copies there are.


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.sampled_from(["a", "B", "c c", " ", ""]), max_size=6).map(" ".join), min_size=1, max_size=5),
    st.sampled_from(["word", "char", str.split]),
    st.sampled_from([None, "[M]"]),
    st.integers(0, 100),
)
def test_no_copy_is_empty_or_comes_twice_or_is_its_document(texts, analyzer, mask_token, seed):
    made = TransferSet(n_copies=7, p_mask=0.4, mask_token=mask_token, random_state=seed)
    assert all(copy and copy == copy.strip() for copy in made.generate(texts, analyzer))
    copies = list(made.generate(texts[:1], analyzer))
    assert len(copies) == len(set(copies)) <= 7
    assert " ".join(texts[0].split()) not in [" ".join(copy.split()) for copy in copies] or analyzer == "char"


def test_empty_documents_have_no_copies_and_one_token_is_enough_for_some():
    assert list(TransferSet(random_state=0).generate(["", " \n"])) == []
    copies = list(TransferSet(n_copies=200, p_recombine=0.5, random_state=0).generate(["alone", "", "by itself"]))
    assert any(copy.startswith("alone ") for copy in copies)
    assert "" not in copies


def test_a_long_document_has_as_many_copies_as_asked():
    assert len(list(TransferSet(n_copies=30, p_ngram=0, random_state=0).generate([" ".join(TEXTS)]))) == 30


# The same copies again.


def test_a_seed_fixes_the_copies():
    first, second, third = (list(TransferSet(random_state=seed).generate(TEXTS)) for seed in (1, 1, 2))
    assert first == second != third


@pytest.mark.parametrize("random_state", [None, 0, np.random.RandomState(0)])
def test_a_fit_reads_the_same_copies_each_time(random_state):
    made = copies_for_fit(TransferSet(random_state=random_state), TEXTS, "word")
    assert list(made) == list(made) == list(pickle.loads(pickle.dumps(made)))


def test_without_a_seed_copies_differ_unless_the_fit_brings_one():
    made = TransferSet()
    assert list(made.generate(TEXTS)) != list(made.generate(TEXTS))
    seeded = [list(copies_for_fit(made, TEXTS, "word", seed=np.random.SeedSequence(3))) for _ in range(2)]
    assert seeded[0] == seeded[1]


def test_the_own_seed_goes_before_that_of_the_fit():
    made = TransferSet(random_state=0)
    assert list(copies_for_fit(made, TEXTS, seed=1)) == list(copies_for_fit(made, TEXTS, seed=2))


def test_global_generators_are_left_alone():
    before = np.random.get_state()[1].copy()
    list(TransferSet().generate(TEXTS))
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_later_changes_of_the_parameters_do_not_reach_a_fit():
    made = TransferSet(random_state=0)
    copies = copies_for_fit(made, TEXTS)
    before = list(copies)
    made.set_params(n_copies=1, p_mask=0.9)
    assert list(copies) == before


# Where the documents come from.


def test_a_file_is_copied_like_a_list(tmp_path):
    path = tmp_path / "texts.txt"
    texts = [f"document {i} of many" for i in range(CHUNK + 10)]
    path.write_text("\n".join(texts))
    made = TransferSet(n_copies=1, random_state=0)
    assert list(made.generate(TextStream(path))) == list(made.generate(texts))


def test_documents_are_copied_as_they_are_read():
    endless = type("Endless", (), {"__iter__": lambda self: (f"document {i} of many" for i in itertools.count())})()
    copies = TransferSet(random_state=0).generate(endless)
    assert len(list(itertools.islice(copies, 100))) == 100


def test_a_fit_copies_its_own_documents_unless_given_others():
    own = set(" ".join(copies_for_fit(TransferSet(random_state=0), TEXTS[:1])).split())
    other = set(" ".join(copies_for_fit(TransferSet(texts=TEXTS[1:2], random_state=0), TEXTS[:1])).split())
    assert own == set(TEXTS[0].split())
    assert other == set(TEXTS[1].split())


def test_copies_are_a_pool_that_is_read_as_it_goes():
    made = copies_for_fit(TransferSet(random_state=0), TEXTS, "word")
    pool = check_pool(made, texts=True)
    assert pool.is_stream
    assert list(itertools.chain.from_iterable(pool.chunks(10))) == list(made)


def test_cloning_keeps_the_parameters():
    made = TransferSet(n_copies=3, texts=TextStream("a.txt"), p_mask=0.2)
    assert repr(clone(made)) == repr(made) == "TransferSet(n_copies=3, p_mask=0.2, texts=TextStream('a.txt'))"


# What is refused.


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_copies": 0},
        {"n_copies": 1.5},
        {"p_mask": 1},
        {"p_mask": -0.1},
        {"p_ngram": 1.1},
        {"p_recombine": "often"},
        {"max_ngram": 0},
        {"mask_token": 0},
        {"analyzer": "words"},
        {"random_state": "none"},
    ],
)
def test_parameters_out_of_range_are_reported_before_anything_is_read(parameters):
    (name,) = parameters
    made = TransferSet(**parameters)
    with pytest.raises(InvalidParameterError, match=f"The '{name}' parameter of TransferSet must be"):
        made.generate(TEXTS)
    with pytest.raises(InvalidParameterError, match=f"The '{name}' parameter of TransferSet must be"):
        copies_for_fit(made, TEXTS)


def test_probabilities_that_exclude_each_other_add_up_to_1_at_most():
    with pytest.raises(ValueError, match=r"p_ngram and p_recombine must be at most 1 together. Got 1\.2"):
        TransferSet(p_ngram=0.6, p_recombine=0.6).generate(TEXTS)


def test_some_rule_must_be_at_work():
    with pytest.raises(ValueError, match="One of p_mask, p_ngram and p_recombine must be above 0"):
        only().generate(TEXTS)


def test_texts_are_checked_under_their_name():
    with pytest.raises(ValueError, match="Row 1 of texts of TransferSet is missing"):
        copies_for_fit(TransferSet(texts=["a", None]), TEXTS)
    with pytest.raises(TypeError, match=r"texts must be .*read once only; pass list\(texts\)"):
        TransferSet().generate(iter(TEXTS))
