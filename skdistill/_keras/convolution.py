"""Convolutions over the tokens of documents, their maximum over time, and its gradient.

The equations are those of ``runtime.cnn``: Kim 2014 (Convolutional Neural Networks for
Sentence Classification, section 2, equations 2 and 3), with the bias and the relu after the
maximum, where ``graphs.CNNGraph`` applies them.

A token occurs in several documents and at several positions of several windows. So the vector of
each distinct token is multiplied once by every row of every window, and the value of a window
is a sum of such products. With ``s`` the position at which the window with the largest value
begins::

    product[v, (j, f)] = vectors[v] @ window_f[j]
    value[b, t, f]     = sum over j of product[places[b, t + j], (j, f)]
    largest[b, f]      = max over t of value[b, t, f] = value[b, s[b, f], f]

    d largest[b, f] / d product[v, (j, f)] = 1 if places[b, s[b, f] + j] == v, else 0

TensorFlow's own gradient would have an element for every window, nearly all of them 0. This
one has an element for every token of the window with the largest value.

Shapes
------
With B documents, L positions, V distinct tokens, U units, W window sizes, F filters of each
size, and K the tokens of the longest window::

    vectors   (V + 1, U)     the last one is zero: that of the padding
    places    (B, L)         the row of ``vectors`` at each position; (B, L + K) when padded
    begins    (B, T)         whether a window begins there; T = max(L, 1)
    kernel    (U, S)         the rows of all windows side by side; S = F * (sum of the W sizes)
    product   (V + 1, S)     each vector times each row
    values    (B, T, W * F)  of each window that begins at each position
    largest   (B, W * F)     the maximum over time, from the shortest window to the longest
    begin     (B, W * F)     where the window with the largest value begins

Row j of the kernel is that of the windows with more than j tokens: the last ``widths[j]`` of
the W * F filters.
"""

from itertools import accumulate

import tensorflow as tf

from .gradients import register, with_gradient


def max_over_time(vectors, windows, places, lengths):
    """Return the largest value of each filter in each document.

    Parameters
    ----------
    vectors : tensor of shape (n_vectors, units)
        The last one is zero: that of the padding.
    windows : list of tensor of shape (size, units, filters)
        From the shortest to the longest.
    places : tensor of shape (n_documents, n_positions)
        The row of ``vectors`` at each position.
    lengths : tensor of shape (n_documents,)

    Returns
    -------
    largest : tensor of shape (n_documents, n_windows * filters)
    """
    longest = windows[-1].shape[0]
    # Row j of all windows that have one, side by side: (U, widths[j]).
    rows = [tf.concat([window[j] for window in windows if window.shape[0] > j], 1) for j in range(longest)]
    padding = tf.shape(vectors)[0] - 1
    places = tf.pad(places, [(0, 0), (0, longest)], constant_values=padding)  # (B, L + K)
    # A window begins at each token, and at position 0 of an empty document.
    count = tf.maximum(tf.shape(places)[1] - longest, 1)
    begins = tf.sequence_mask(tf.maximum(lengths, 1), count)  # (B, T)
    widths = [row.shape[1] for row in rows]
    return _max_over_time(vectors, tf.concat(rows, 1), places, begins, widths)


def _max_over_time(vectors, kernel, places, begins, widths):
    """Return the largest values, of shape (B, W * F)."""
    values = _window_values(tf.matmul(vectors, kernel), widths, places, begins)  # (B, T, W * F)
    begin = tf.argmax(values, axis=1, output_type=tf.int32)  # (B, W * F)
    count, width = tf.shape(values)[1], values.shape[2]
    documents = tf.range(tf.shape(values)[0])[:, None]  # (B, 1)
    # values[b, t, f] is at (t + T * b) * W * F + f of the flat values.
    largest = tf.gather(tf.reshape(values, [-1]), (begin + count * documents) * width + tf.range(width))
    return with_gradient(_GRADIENT, largest, [vectors, kernel, places, begin, tf.constant(widths)])


def _window_values(product, widths, places, begins):
    """Return the values of all windows, of shape (B, T, W * F); about -inf where none begins."""
    count, values = tf.shape(begins)[1], tf.where(begins, 0.0, tf.float32.min)[:, :, None]
    for j, of_row in enumerate(tf.split(product, widths, 1)):  # (V + 1, widths[j])
        # Windows with at most j tokens, which come first, get 0: (V + 1, W * F).
        of_row = tf.pad(of_row, [(0, 0), (widths[0] - widths[j], 0)])
        values += tf.gather(of_row, places[:, j : j + count])
    return values


def _backward(by_largest, vectors, kernel, places, begin, widths):
    """Return the gradients by the vectors and the kernel."""
    widths = tf.get_static_value(widths).tolist()
    by_product = _gradient_by_product(by_largest, begin, widths, places, tf.shape(vectors)[0])
    by_vectors = tf.matmul(by_product, kernel, transpose_b=True)  # (V + 1, U)
    return by_vectors, tf.matmul(vectors, by_product, transpose_a=True), None, None, None


def _gradient_by_product(by_largest, begin, widths, places, n_vectors):
    """Return the gradient by the product, of shape (V + 1, S), from the one by the largest values."""
    n_documents, n_positions = tf.unstack(tf.shape(places))
    first = begin + n_positions * tf.range(n_documents)[:, None]  # (B, W * F), into the flat places
    flat, indices, gradients = tf.reshape(places, [-1]), [], []
    for j, (width, end) in enumerate(zip(widths, accumulate(widths))):
        tokens = tf.gather(flat, first[:, -width:] + j)  # (B, widths[j])
        # product[v, column] is at v * S + column of the flat product; row j has the columns before ``end``.
        indices.append(tokens * sum(widths) + tf.range(end - width, end))
        gradients.append(by_largest[:, -width:])
    size = n_vectors * sum(widths)
    summed = tf.math.unsorted_segment_sum(tf.concat(gradients, 1), tf.concat(indices, 1), size)
    return tf.reshape(summed, [n_vectors, sum(widths)])


_GRADIENT = register(_backward)
