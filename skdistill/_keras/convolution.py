"""The largest value of each filter over time and its gradient.

Owns the product of vectors and windows. It must not know how a network goes on from
there. The equations are those of ``runtime.cnn``.

A token occurs several times in a batch, in several places of several windows. So each
distinct token is multiplied once with every row of the windows, and a window's value is
a sum of what its places have got. Only the window that was the largest has a gradient:
a few numbers, added to those products.
"""

from itertools import accumulate

import tensorflow as tf


def strongest(vectors, windows, places, lengths):
    """The largest value of each filter in each document.

    Parameters
    ----------
    vectors : tensor of shape (n_vectors, units)
        The last one is zero: that of the padding.
    windows : list of tensor of shape (size, units, filters)
        From the shortest to the longest.
    places : tensor of shape (n_documents, n_positions)
        Which vector is where.
    lengths : tensor of shape (n_documents,)

    Returns
    -------
    values : tensor of shape (n_documents, n_windows * filters)
    """
    longest = windows[-1].shape[0]
    # Row j of all windows that have one, side by side.
    rows = [tf.concat([window[j] for window in windows if window.shape[0] > j], 1) for j in range(longest)]
    padding = tf.shape(vectors)[0] - 1
    places = tf.pad(places, [(0, 0), (0, longest)], constant_values=padding)
    # A window begins at each token, and at position 0 of an empty document.
    count = tf.maximum(tf.shape(places)[1] - longest, 1)
    begins = tf.sequence_mask(tf.maximum(lengths, 1), count)
    return _strongest(tuple(row.shape[1] for row in rows))(vectors, tf.concat(rows, 1), places, begins)


def _strongest(widths):
    """The same, of the rows of the windows side by side, each as wide as ``widths`` says."""

    @tf.custom_gradient
    def values(vectors, kernel, places, begins):
        found = _found(tf.matmul(vectors, kernel), widths, places, begins)
        begin = tf.argmax(found, axis=1, output_type=tf.int32)
        count, width = tf.shape(found)[1], found.shape[2]
        documents = tf.range(tf.shape(found)[0])[:, None]
        largest = tf.gather(tf.reshape(found, [-1]), (begin + count * documents) * width + tf.range(width))

        def gradient(by_largest):
            by_product = _by_product(by_largest, begin, widths, places, tf.shape(vectors)[0])
            by_vectors = tf.matmul(by_product, kernel, transpose_b=True)
            return by_vectors, tf.matmul(vectors, by_product, transpose_a=True), None, None

        return largest, gradient

    return values


def _found(product, widths, places, begins):
    """What every window sees, of shape (n_documents, n_begins, n_windows * filters); -inf, nearly, where none is."""
    count, found = tf.shape(begins)[1], tf.where(begins, 0.0, tf.float32.min)[:, :, None]
    for j, part in enumerate(tf.split(product, widths, 1)):
        part = tf.pad(part, [(0, 0), (widths[0] - widths[j], 0)])  # of the shorter windows nothing more
        found += tf.gather(part, places[:, j : j + count])
    return found


def _by_product(by_largest, begin, widths, places, n_vectors):
    """The gradient by the product of all vectors and rows of windows."""
    n_documents, n_positions = tf.unstack(tf.shape(places))
    first = begin + n_positions * tf.range(n_documents)[:, None]
    flat, indices, numbers = tf.reshape(places, [-1]), [], []
    for j, (width, end) in enumerate(zip(widths, accumulate(widths))):
        seen = tf.gather(flat, first[:, -width:] + j)
        indices.append(seen * sum(widths) + tf.range(end - width, end))
        numbers.append(by_largest[:, -width:])
    size = n_vectors * sum(widths)
    summed = tf.math.unsorted_segment_sum(tf.concat(numbers, 1), tf.concat(indices, 1), size)
    return tf.reshape(summed, [n_vectors, sum(widths)])
