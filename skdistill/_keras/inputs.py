"""How the touched rows of a table become what a network reads, and back, inside the compiled step.

Bags read pooled features, networks that read in order their tokens, custom networks padded ids.

Shapes
------
With B the documents of a batch, E their entries (features or tokens), V the distinct table
rows among these, W the columns of the table and G the groups of features::

    block   (V, W)   the touched rows, each once
    places  (E,)     where each entry is in the block

``forward`` returns what a network reads and its layout, that is where it is in the
documents; ``backward`` takes the gradient by what was read and returns the one by the block.
"""

from typing import NamedTuple

import tensorflow as tf

_INTEGERS = tf.TensorSpec([None], tf.int32)


class FeatureArrays(NamedTuple):
    """The features of documents, one document after the other.

    Attributes
    ----------
    rows : int32 array of shape (E,)
        The table row of each feature.
    segments : int32 array of shape (E,)
        (document in its batch) * G + group.
    scales : float32 array of shape (B, G)
        What the sum of each group is multiplied by.
    """

    rows: object
    segments: object
    scales: object


class TokenArrays(NamedTuple):
    """The tokens of documents, one document after the other.

    Attributes
    ----------
    rows : int32 array of shape (E,)
        The table row of each token.
    lengths : int32 array of shape (B, 1)
        Tokens of each document.
    """

    rows: object
    lengths: object


class FeatureInput(NamedTuple):
    """Sums of each group of features, scaled and added.

    Attributes
    ----------
    n_groups : int
    """

    n_groups: int

    @property
    def signature(self):
        """The ``FeatureArrays`` of a call."""
        return FeatureArrays(_INTEGERS, _INTEGERS, tf.TensorSpec([None, self.n_groups], tf.float32))

    def batch(self, arrays, entries, bounds):
        """Return the arrays of a batch, with the scales as a column of shape (B * G, 1)."""
        scales = tf.reshape(tf.slice(arrays.scales, bounds.begin, bounds.size), [-1, 1])
        return FeatureArrays(tf.slice(arrays.rows, *entries), tf.slice(arrays.segments, *entries), scales)

    def forward(self, block, places, batch):
        """Return pooled vectors of shape (B, W); they need no layout.

        pooled[d] = sum over the groups g of scale[d, g] * (sum of the block's rows of d in g);
        see the conventions of ``runtime.bag``.
        """
        sums = tf.raw_ops.SparseSegmentSumWithNumSegments(
            # The graph optimizer would sum the whole table's rows without gathering them, and
            # then copy the table for each update (SimplifyEmbeddingLookup): Snapshot bars it.
            data=tf.raw_ops.Snapshot(input=block),
            indices=places,
            segment_ids=batch.segments,
            num_segments=tf.size(batch.scales),
        )  # (B * G, W)
        pooled = sums * batch.scales
        if self.n_groups > 1:
            pooled = tf.reduce_sum(tf.reshape(pooled, [-1, self.n_groups, block.shape[1]]), 1)
        return pooled, None

    def backward(self, gradient, n_rows, places, batch):
        """Return the gradient by the block, (V, W), from the one by the pooled vectors, (B, W)."""
        if self.n_groups > 1:
            gradient = tf.repeat(gradient, self.n_groups, axis=0)  # (B * G, W)
        return tf.raw_ops.SparseSegmentSumGrad(
            grad=gradient * batch.scales, indices=places, segment_ids=batch.segments, output_dim0=n_rows
        )


class TokenInput(NamedTuple):
    """The vectors of the tokens, each once, and where they are in the documents."""

    @property
    def signature(self):
        """The ``TokenArrays`` of a call."""
        return TokenArrays(_INTEGERS, tf.TensorSpec([None, 1], tf.int32))

    def batch(self, arrays, entries, bounds):
        """Return the arrays of a batch, with the lengths of shape (B,)."""
        lengths = tf.reshape(tf.slice(arrays.lengths, bounds.begin, bounds.size), [-1])
        return TokenArrays(tf.slice(arrays.rows, *entries), lengths)

    def forward(self, block, places, batch):
        """Return vectors of shape (V + 1, W), of which the last is zero, and their layout.

        The layout is (places, lengths): which vector is where, of shape (B, longest), the
        zero one in the padding; and the lengths, of shape (B,).
        """
        padding = tf.shape(block)[0]
        ragged = tf.RaggedTensor.from_row_lengths(places, batch.lengths, validate=False)
        zero = tf.zeros([1, block.shape[1]])
        return tf.concat([block, zero], 0), (ragged.to_tensor(default_value=padding), batch.lengths)

    def backward(self, gradient, n_rows, places, batch):
        """Return the gradient by the block, (V, W)."""
        return gradient[:-1]


class PaddedArrays(NamedTuple):
    """What a custom network reads of a batch.

    Attributes
    ----------
    rows : int32 tensor of shape (0,)
        No table row is touched: the network has embeddings of its own.
    ids : int32 tensor of shape (B, longest)
        0 is padding; there is at least one position.
    """

    rows: object
    ids: object


class PaddedInput(TokenInput):
    """Padded ids, for custom networks."""

    def batch(self, arrays, entries, bounds):
        """Return the padded ids of a batch."""
        ids, lengths = super().batch(arrays, entries, bounds)
        present = tf.sequence_mask(lengths, tf.maximum(tf.reduce_max(lengths), 1))
        padded = tf.scatter_nd(tf.where(present), ids, tf.shape(present, tf.int64))
        return PaddedArrays(ids[:0], padded)

    def forward(self, block, places, batch):
        """Return nothing to read, and the padded ids as the layout."""
        return block, batch.ids

    def backward(self, gradient, n_rows, places, batch):
        """Return the gradient by the block, which has no rows."""
        return gradient
