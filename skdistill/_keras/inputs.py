"""From the table rows of a batch to the input of a network, and the gradient back, in the compiled step.

A bag reads pooled features, a CNN or GRU the vectors of tokens, a custom network padded ids.

Shapes
------
With B the documents of a batch, E their entries (features or tokens), V the distinct table
rows of these entries, W the columns of the table, G the groups of features and L the tokens of the
longest document::

    block   (V, W)       the rows of the table that the batch touches, each once
    places  (E,)         the row of the block that each entry has
    read    (B, W)       what a bag reads: pooled vectors
            (V + 1, W)   what a CNN or GRU reads: the block, and zeros for the padding
            (0, W)       for a custom network, which has embeddings of its own
    layout               None; or (places, lengths), of shapes (B, L) and (B,); or ids, of shape (B, L)

``forward`` returns what is read and its layout; ``backward`` takes the gradient by what was
read and returns the one by the block.
"""

from typing import Any, NamedTuple

import tensorflow as tf

_INTEGERS = tf.TensorSpec([None], tf.int32)


class FeatureArrays(NamedTuple):
    """The features of documents, document by document.

    Attributes
    ----------
    rows : int32 array of shape (E,)
        The table row of each feature.
    segments : int32 array of shape (E,)
        (number of the document in its batch) * G + group, which does not decrease.
    scales : float32 array of shape (B, G)
        The factor of each group's sum.
    """

    rows: Any
    segments: Any
    scales: Any


class TokenArrays(NamedTuple):
    """The tokens of documents, document by document.

    Attributes
    ----------
    rows : int32 array of shape (E,)
        The table row of each token.
    lengths : int32 array of shape (B, 1); (B,) in a batch
        Tokens of each document.
    """

    rows: Any
    lengths: Any


class FeatureInput(NamedTuple):
    """The input of bags: the sums of each group of features, scaled and added.

    Attributes
    ----------
    n_groups : int
        G: the tokens, the n-grams for each n, the character n-grams.
    """

    n_groups: int

    @property
    def signature(self):
        """The types and shapes of the ``FeatureArrays`` of a call."""
        return FeatureArrays(_INTEGERS, _INTEGERS, tf.TensorSpec([None, self.n_groups], tf.float32))

    def batch(self, arrays, entries, bounds):
        """Return the arrays of a batch, with the scales as a column of shape (B * G, 1)."""
        scales = tf.reshape(tf.slice(arrays.scales, bounds.begin, bounds.size), [-1, 1])
        return FeatureArrays(tf.slice(arrays.rows, *entries), tf.slice(arrays.segments, *entries), scales)

    def forward(self, block, places, batch):
        """Return pooled vectors of shape (B, W); they need no layout.

        pooled[b] = sum over g of scales[b, g] * (sum of the block's rows of the features of b in
        g); see the conventions of ``runtime.bag``.
        """
        sums = tf.raw_ops.SparseSegmentSumWithNumSegments(
            # Without Snapshot the graph optimizer SimplifyEmbeddingLookup would read the rows from
            # the table itself, and TensorFlow would then copy the whole table for each update.
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
    """The input of networks that read in order: the vectors of distinct tokens, and where each token is."""

    @property
    def signature(self):
        """The types and shapes of the ``TokenArrays`` of a call."""
        return TokenArrays(_INTEGERS, tf.TensorSpec([None, 1], tf.int32))

    def batch(self, arrays, entries, bounds):
        """Return the arrays of a batch, with the lengths of shape (B,)."""
        lengths = tf.reshape(tf.slice(arrays.lengths, bounds.begin, bounds.size), [-1])
        return TokenArrays(tf.slice(arrays.rows, *entries), lengths)

    def forward(self, block, places, batch):
        """Return vectors of shape (V + 1, W), the last of which is zero, and their layout.

        The layout is (places, lengths): the row of the vectors at each position, of shape (B, L),
        which is the last one in the padding; and the lengths, of shape (B,).
        """
        padding = tf.shape(block)[0]
        ragged = tf.RaggedTensor.from_row_lengths(places, batch.lengths, validate=False)
        zero = tf.zeros([1, block.shape[1]])
        return tf.concat([block, zero], 0), (ragged.to_tensor(default_value=padding), batch.lengths)

    def backward(self, gradient, n_rows, places, batch):
        """Return the gradient by the block, (V, W), from the one by the vectors, (V + 1, W)."""
        return gradient[:-1]


class PaddedArrays(NamedTuple):
    """The documents of a batch as a custom network reads them.

    Attributes
    ----------
    rows : int32 tensor of shape (0,)
        Empty, because the network has its own embeddings.
    ids : int32 tensor of shape (B, L)
        Padded with 0 to at least one position.
    """

    rows: Any
    ids: Any


class PaddedInput(TokenInput):
    """The input of custom networks: padded ids."""

    def batch(self, arrays, entries, bounds):
        """Return the padded ids of a batch."""
        ids, lengths = super().batch(arrays, entries, bounds)
        present = tf.sequence_mask(lengths, tf.maximum(tf.reduce_max(lengths), 1))  # (B, L)
        padded = tf.scatter_nd(tf.where(present), ids, tf.shape(present, tf.int64))
        return PaddedArrays(ids[:0], padded)

    def forward(self, block, places, batch):
        """Return the empty block, and the padded ids as the layout."""
        return block, batch.ids

    def backward(self, gradient, n_rows, places, batch):
        """Return the gradient by the block, which is as empty."""
        return gradient
