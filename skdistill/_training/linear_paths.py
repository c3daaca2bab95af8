"""The fit of the linear path beside a bag: linear support vector machines over the bag's own features.

Each class has its own machine, which separates it from all other classes. What makes it better than a
bag alone, most of all on long text with few classes, is its penalty: Adam makes the vector of a
feature seen twice as long as that of one seen a thousand times; a squared norm does not. Each feature
is scaled beforehand by a mixture of two numbers:

* its inverse document frequency, which says how rare it is;
* its naive-Bayes log-count ratio, which says how much it speaks for the class (Wang and Manning 2012,
  Baselines and Bigrams: Simple, Good Sentiment and Topic Classification, section 2.1). The more rows
  a class has, the more reliable are its ratios, and the more they count.

With D_k the number of rows of class k that have a feature, D_k' that of the other rows, n rows and n_k of
class k::

    ratio = log((D_k + 1) / sum(D_k + 1)) - log((D_k' + 1) / sum(D_k' + 1))
    idf   = 1 + log((1 + n) / (1 + D_k + D_k'))
    share = 1 / (1 + min(n_k, n - n_k) / 500)
    scale = share * unit(idf) + (1 - share) * unit(abs(ratio))

where the sums run over the features, and unit divides so that scaled rows have a mean squared norm of 1.

Pooled word vectors (``embeddings``) are further columns, with scale 1 (``word_columns``).
"""

import warnings
from dataclasses import replace

import numpy as np
import scipy.sparse

from ..networks import TextBag
from ..runtime import TokenSequences
from ..runtime.linear_path import LinearPath
from ..runtime.ops import sigmoid, softmax
from ..runtime.sequences import CHUNK, document_bounds, offsets_of, spans
from .buffers import is_on_disk, release, released_chunks, take_spans
from .features import pooling_matrix
from .svm import fit_svm
from .word_columns import MOST_COLUMNS, learn_word_columns

#: The weight of a path that ``linear_weight="auto"`` switches on.
WEIGHT = 6.0
# The number of rows of a class at which idf and ratio have the same weight.
_ROWS_TO_TRUST_RATIOS = 500
# Features of all documents times machines: with more, each machine is fitted on a sample of the rows. Without
# it long documents of many classes would take longer than the networks do; it is about half a minute.
_MOST_WORK = 1_000_000_000
# Features of the rows of a path where the features are on disk: 120,000 texts of 40 words have as many. The machines
# hold them in memory, 8 bytes each and as much again meanwhile.
_MOST_ON_DISK = 50_000_000
# Features of the rows whose matrix is made or summed up at a time, and probabilities of teachers that become labels.
_AT_A_TIME = 4_000_000
# Machines whose scales are computed at a time.
_MACHINES = 64


def fit_paths(plan, readers, rows, seed, fitted):
    """Fit the linear paths of the bags of a plan.

    Parameters
    ----------
    plan : Plan
    readers : dict of str to FeatureReader, TokenReader or PaddedReader
        By role: what each network reads.
    rows : Rows
        The training rows.
    seed : numpy.random.SeedSequence
        Decides which rows are in a sample.
    fitted : dict
        Paths that were fitted to the same rows and their labels; it is added to.

    Returns
    -------
    paths : dict of str to LinearPath
        By role, for bags whose path has a weight. Empty if a teacher labels unlabelled rows, or
        if a class has no labelled row and there is no earlier path.
    """
    weights = path_weights(plan.networks, plan.n_classes, rows)
    paths = _fit_paths(plan, readers, rows, weights, seed, fitted) if weights else {}
    for role in sorted(plan.path_vectors.keys() - paths.keys()):
        warnings.warn(
            f"The embeddings of {role} are not used: it has no linear path, because unlabelled rows have soft targets "
            "or a class has no labelled row.",
            UserWarning,
            stacklevel=2,
        )
    return paths


def _fit_paths(plan, readers, rows, weights, seed, fitted):
    """Return the paths by role: fitted, or kept from the earlier fit where a class has no row."""
    used = np.flatnonzero(rows.is_labelled & (rows.weights > 0))
    labels = _labels(rows, used, plan)
    # The scores of a class without a row would speak against it: then a warm start keeps its path.
    has_all = labels.ndim == 2 or len(np.unique(labels)) == plan.n_classes
    paths = {}
    for role, weight in weights.items():
        reader, words = readers[role], plan.path_vectors.get(role)
        earlier = getattr(plan.initial.get(role), "path", None)
        key = id(reader.rows), id(words)  # bags with the same features share them, and their path
        if has_all and key not in fitted:
            fitted[key] = _fit(plan, reader, words, rows, used, labels, seed)
        unscaled = fitted[key] if has_all else earlier
        if unscaled is not None:
            paths[role] = replace(unscaled, weight=weight, divisor=_divisor(weight, plan))
    return paths


def _divisor(weight, plan):
    """Return the divisor that calibrates the sum of a bag and a path of this weight.

    The fewer the classes, the larger it is: 4.6 for two classes and 1.7 for 77. The rule was fitted to the
    log loss on held-out training rows of eight data sets, which is flat around its least value.
    """
    n_classes = 2 if plan.out_activation == "sigmoid" else plan.n_classes  # a label is present or absent
    return 1 + weight * (0.1 + 1 / n_classes)


def path_weights(networks, n_classes, rows):
    """Return the weights of the linear paths by role, without those of 0.

    There are none if a teacher labels unlabelled rows. A path fitted to the few labels would then lower the
    accuracy of a bag that the teacher has taught, by up to ten points on TREC-6 and one on SST-2; so would a
    path fitted to the teacher's most probable classes.
    """
    if rows.teacher_logits is not None and not rows.is_labelled.all():
        return {}
    weights = {role: _weight(network, n_classes) for role, network in networks.items()}
    return {role: weight for role, weight in weights.items() if weight}


def _weight(network, n_classes):
    """Return the weight of a network's path, 0 for none."""
    if not isinstance(network, TextBag):
        return 0.0
    if network.linear_weight == "auto":
        # With more classes than units, a path makes the tables larger: on ICD-10 by a quarter for a bag of 16
        # units, whose accuracy it raises by 1.3 points. But the user chose the units.
        return WEIGHT if n_classes <= network.units or network.embeddings is not None else 0.0
    return float(network.linear_weight)


def _labels(rows, used, plan):
    """Return what the labelled rows ``used`` learn.

    These are their labels or, with a teacher, the most probable classes of their targets.
    """
    if rows.teacher_logits is None:
        return rows.labels[used]
    step = max(1, _AT_A_TIME // plan.n_classes)
    parts = (used[start : start + step] for start in range(0, max(len(used), 1), step))
    return np.concatenate([_taught_labels(rows.labels[part], rows.teacher_logits[part], plan) for part in parts])


def _taught_labels(labels, logits, plan):
    """Return the most probable classes of the targets of rows with labels and teacher logits."""
    weight, is_multilabel = plan.teacher_weight, labels.ndim == 2
    taught = (sigmoid if is_multilabel else softmax)(logits)
    given = labels if is_multilabel else np.eye(plan.n_classes)[labels]
    targets = np.where(np.isnan(taught), given, (1 - weight) * given + weight * taught)
    return (targets > 0.5).astype(int) if is_multilabel else targets.argmax(axis=1)


def _fit(plan, reader, words, rows, used, labels, seed):
    """Return a path of weight 1, fitted to the rows with the numbers ``used``, or a sample, and their labels."""
    n_classes, is_multilabel = plan.n_classes, labels.ndim == 2
    machines = [1] if n_classes == 2 and not is_multilabel else range(n_classes)
    n_columns = 0 if words is None else min(words.vectors.shape[1], MOST_COLUMNS)
    work = (reader.lengths[used].sum() + len(used) * n_columns) * len(machines)
    most = min(_MOST_WORK, _MOST_ON_DISK * len(machines)) if is_on_disk(reader.rows) else _MOST_WORK
    if work > most:
        size = max(1, int(len(used) * most / work))
        sample = np.sort(np.random.default_rng(seed).choice(len(used), size, replace=False))
        used, labels = used[sample], labels[sample]
    weights = rows.weights[used].astype(np.float32)
    members = labels if is_multilabel else labels[:, None] == np.asarray(machines)
    X, vectors = _features_of(reader, used), None
    scales = _Scales(X, members, weights)
    if words is not None:
        sequences = _take(rows.sequences, used)
        vectors = learn_word_columns(words, plan.spellings, sequences, weights)
    if vectors is not None:
        X = scipy.sparse.hstack([X, scipy.sparse.csr_array(vectors.pool(sequences))], format="csr")
    coefficients, intercepts = _fit_machines(X, members, weights, scales)
    if is_multilabel:
        # The score of a label against its absence: a sigmoid is the softmax of (0, z), and of two
        # classes with the scores -z and z the difference is 2 z.
        coefficients, intercepts = 2 * coefficients, 2 * intercepts
    elif n_classes == 2:
        coefficients, intercepts = np.hstack([-coefficients, coefficients]), np.append(-intercepts, intercepts)
    if vectors is not None:
        coefficients, of_columns = np.split(coefficients, [reader.n_rows])
        vectors = vectors.with_columns(vectors.columns @ of_columns)
    return LinearPath(coefficients, intercepts, weight=1.0, divisor=1.0, vectors=vectors)


def _fit_machines(X, members, weights, scales):
    """Return the coefficients and the intercepts of the machines; columns behind the features have the scale 1."""
    n_machines = members.shape[1]
    coefficients = np.zeros((X.shape[1], n_machines), np.float32)
    intercepts = np.zeros(n_machines, np.float32)
    for column in range(n_machines):
        y = np.where(members[:, column], np.float32(1), np.float32(-1))
        of_features = scales.of_machine(column)
        ones = np.ones(X.shape[1] - len(of_features), np.float32)
        coefficients[:, column], intercepts[column] = fit_svm(X, y, weights, np.append(of_features, ones))
    return coefficients, intercepts


def _features_of(reader, used):
    """Return the matrix of the features of some documents; the others, perhaps a stream on disk, are not read."""
    starts = (np.cumsum(reader.lengths) - reader.lengths)[used]
    lengths = reader.lengths[used]
    offsets = offsets_of(lengths)
    # As long as without repeated features: what is not written takes no memory.
    data, indices = np.empty(offsets[-1], np.float32), np.empty(offsets[-1], _index_type(offsets[-1]))
    sizes, n = [], 0
    for start, stop in document_bounds(offsets, len(used), _AT_A_TIME):
        part = slice(start, stop)
        rows = take_spans(reader.rows, starts[part], lengths[part])
        X = pooling_matrix(rows, reader.counts[used[part]], reader.n_rows).tocsc()
        # Sorted by columns and back by rows: repeated features of a document are then one entry.
        X.sum_duplicates()
        X = X.tocsr()
        data[n : n + X.nnz], indices[n : n + X.nnz] = X.data, X.indices
        sizes.append(np.diff(X.indptr))
        n += X.nnz
        release(reader.counts)
    indptr = offsets_of(np.concatenate(sizes)).astype(indices.dtype)
    return scipy.sparse.csr_array((data[:n], indices[:n], indptr), shape=(len(used), reader.n_rows))


def _index_type(largest):
    """Return the type of a matrix' indices: 32 bits, if they suffice, halve what is read of them."""
    return np.int32 if largest <= np.iinfo(np.int32).max else np.int64


def _take(sequences, used, size=CHUNK):
    """Return some documents, chunk by chunk: the others may be a stream on disk."""
    parts, first = [], 0
    for part in released_chunks(sequences, size):
        if first > used[-1]:
            break
        inside = used[(used >= first) & (used < first + len(part))] - first
        parts.append(part.take(inside))
        first += len(part)
    return TokenSequences.concatenate(parts)


def _column_sums(X, weights):
    """Return, for each column, the sum of the weights of the rows that have it, and that of its squares times these.

    Part by part: a product of the matrix and the weights would copy all numbers of the matrix.
    """
    counts, squares = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for start, stop in document_bounds(X.indptr, X.shape[0], _AT_A_TIME):
        part = slice(X.indptr[start], X.indptr[stop])
        of_entries = np.repeat(weights[start:stop], np.diff(X.indptr[start : stop + 1]))
        np.add.at(counts, X.indices[part], of_entries)
        np.add.at(squares, X.indices[part], X.data[part] ** 2 * of_entries)
    return counts, squares


def _sums_of_members(X, members, weights):
    """Return the sum of the weights of the members of each machine that have each column, as a sparse matrix."""
    found = []
    for first in range(0, members.shape[1], _MACHINES):
        block = members[:, first : first + _MACHINES]
        sums = np.zeros((X.shape[1], block.shape[1]))
        for start, stop in document_bounds(X.indptr, X.shape[0], _AT_A_TIME):
            rows, machines = np.nonzero(block[start:stop])
            rows += start
            lengths = X.indptr[rows + 1] - X.indptr[rows]
            columns = X.indices[spans(X.indptr[rows], lengths)].astype(np.int64)
            places = columns * block.shape[1] + np.repeat(machines, lengths)
            np.add.at(sums.reshape(-1), places, np.repeat(weights[rows], lengths))
        found.append(scipy.sparse.csc_array(sums))
    return scipy.sparse.hstack(found, format="csc")


class _Scales:
    """The scales of the features for each machine, see above.

    Parameters
    ----------
    X : csr_array of shape (n_rows, n_features)
        Without repeated entries.
    members : ndarray of shape (n_rows, n_machines), bool or int
    weights : ndarray of shape (n_rows,)
        Weights of the rows.
    """

    def __init__(self, X, members, weights):
        self.n_rows = weights.sum(dtype=np.float64)
        weights = weights.astype(np.float64)
        self.sizes = members.T @ weights
        self.counts, squares = _column_sums(X, weights)
        self.moments = squares / self.n_rows
        self.of_members = _sums_of_members(X, members, weights)
        self.idf = self._unit(1 + np.log((1 + self.n_rows) / (1 + self.counts)))

    def of_machine(self, column):
        """Return the scales of a machine, of shape (n_features,), float32; 0 for features of no row."""
        inside = self.of_members[:, [column]].toarray()[:, 0] + 1
        outside = self.counts - inside + 2
        ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        size = self.sizes[column]
        share = 1 / (1 + min(size, self.n_rows - size) / _ROWS_TO_TRUST_RATIOS)
        scales = share * self.idf + (1 - share) * self._unit(np.abs(ratio))
        return np.where(self.counts > 0, scales, 0).astype(np.float32)

    def _unit(self, scales):
        norm = np.sqrt(self.moments @ scales**2)
        return scales / norm if norm > 0 else scales
