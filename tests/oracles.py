"""What the linear paths of bags are fitted to, computed without them."""

import numpy as np

from skdistill._training.features import pooling_matrix, read_features
from skdistill.text.tokens import Tokens


def pooled(classifier, texts):
    """The pooled features of some texts, as the main network reads them."""
    tokens = Tokens(classifier.tokenizer_, classifier._n_tokens)
    vocabulary = classifier._networks["main"].vocabulary
    return pooling_matrix(*read_features(vocabulary, tokens.sequences(list(texts))), vocabulary.n_rows)


def scales_by_hand(X, of_class, weights):
    """The scales of the features for one class, from the definition."""
    has = X.toarray() > 0
    inside, outside = (weights * of_class) @ has, (weights * ~of_class) @ has
    ratio = np.log((inside + 1) / (inside + 1).sum()) - np.log((outside + 1) / (outside + 1).sum())
    n, n_class = weights.sum(), weights[of_class].sum()
    idf = 1 + np.log((1 + n) / (1 + inside + outside))
    share = 1 / (1 + min(n_class, n - n_class) / 500)

    def unit(scales):
        return scales / np.sqrt(weights @ (X.toarray() ** 2 @ scales**2) / n)

    return np.where(has.any(axis=0), share * unit(idf) + (1 - share) * unit(np.abs(ratio)), 0)
