"""How the touched rows of a table become what a network reads, and back.

Owns the ways inside the compiled step: bags read pooled features, the others their
tokens in order, custom networks padded ids. It must not know networks or optimizers.

Conventions
-----------
``block`` holds the touched rows, each once, and ``places`` where each entry of the
batch is in it. ``forward`` gives what a network reads and how that lies in the
documents; ``backward`` takes the gradient by what is read and gives the one by the block.
"""

from typing import NamedTuple

import tensorflow as tf

_INTEGERS = tf.TensorSpec([None], tf.int32)


class FeatureInput(NamedTuple):
    """Sums of each group of features, scaled and added; see ``readers.FeatureReader``."""

    n_groups: int

    @property
    def signature(self):
        """(rows, segments, scales)."""
        return _INTEGERS, _INTEGERS, tf.TensorSpec([None, self.n_groups], tf.float32)

    def batch(self, arrays, span, begin, size):
        """The arrays of a batch."""
        rows, segments, scales = arrays
        scales = tf.reshape(tf.slice(scales, begin, size), [-1, 1])
        return tf.slice(rows, *span), tf.slice(segments, *span), scales

    def forward(self, block, places, batch):
        """Pooled vectors of shape (n_documents, width), which lie as they are."""
        _, segments, scales = batch
        sums = tf.raw_ops.SparseSegmentSumWithNumSegments(
            # The graph optimizer would sum the whole table's rows without gathering them, and
            # then copy the table for each update (SimplifyEmbeddingLookup): Snapshot bars it.
            data=tf.raw_ops.Snapshot(input=block),
            indices=places,
            segment_ids=segments,
            num_segments=tf.size(scales),
        )
        pooled = sums * scales
        if self.n_groups > 1:
            pooled = tf.reduce_sum(tf.reshape(pooled, [-1, self.n_groups, block.shape[1]]), 1)
        return pooled, None

    def backward(self, gradient, n_rows, places, batch):
        """The gradient by the block."""
        _, segments, scales = batch
        if self.n_groups > 1:
            gradient = tf.repeat(gradient, self.n_groups, axis=0)
        return tf.raw_ops.SparseSegmentSumGrad(
            grad=gradient * scales, indices=places, segment_ids=segments, output_dim0=n_rows
        )


class TokenInput(NamedTuple):
    """The vectors of the tokens, each once, and where they are; see ``readers.TokenReader``."""

    @property
    def signature(self):
        """(rows, lengths)."""
        return _INTEGERS, tf.TensorSpec([None, 1], tf.int32)

    def batch(self, arrays, span, begin, size):
        """The arrays of a batch."""
        rows, lengths = arrays
        return tf.slice(rows, *span), tf.reshape(tf.slice(lengths, begin, size), [-1])

    def forward(self, block, places, batch):
        """Vectors with one of zeros at the end; (which is where, of shape (n_documents, longest), and the lengths)."""
        _, lengths = batch
        padding = tf.shape(block)[0]
        ragged = tf.RaggedTensor.from_row_lengths(places, lengths, validate=False)
        zero = tf.zeros([1, block.shape[1]])
        return tf.concat([block, zero], 0), (ragged.to_tensor(default_value=padding), lengths)

    def backward(self, gradient, n_rows, places, batch):
        """The gradient by the block."""
        return gradient[:-1]


class PaddedInput(TokenInput):
    """Padded ids, for networks with embeddings of their own: their table has no columns, nothing of it is touched."""

    def batch(self, arrays, span, begin, size):
        """No rows; the ids of shape (n_documents, longest), at least one position."""
        ids, lengths = super().batch(arrays, span, begin, size)
        present = tf.sequence_mask(lengths, tf.maximum(tf.reduce_max(lengths), 1))
        return ids[:0], tf.scatter_nd(tf.where(present), ids, tf.shape(present, tf.int64))

    def forward(self, block, places, batch):
        """Nothing; the padded ids."""
        return block, batch[-1]

    def backward(self, gradient, n_rows, places, batch):
        """Nothing."""
        return gradient
