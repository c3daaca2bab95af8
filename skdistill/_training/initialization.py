"""Initial parameters: drawn at random, from word vectors, or from an earlier fit."""

import math
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np


class FitSeeds(NamedTuple):
    """The seeds of a fit.

    Attributes
    ----------
    networks : list of numpy.random.SeedSequence
        Of the initial weights of each network.
    epochs : list of numpy.random.SeedSequence
        Of the order of rows and the token dropout, and of the dropout inside networks.
    path : numpy.random.SeedSequence
        Of the samples of the linear paths.
    """

    networks: list
    epochs: list
    path: Any


def split_seed(seed, drawn_as):
    """Return the seeds of a fit; each role has its own, so that one network does not change with the other.

    Parameters
    ----------
    seed : numpy.random.SeedSequence
    drawn_as : sequence of {"main", "auxiliary"}
        For each network the role in which its initial weights are drawn.

    Returns
    -------
    seeds : FitSeeds
    """
    # Of a copy: a seed counts what was spawned of it, and several fits may begin with the same one.
    main, auxiliary, *epochs, path = deepcopy(seed).spawn(5)
    of_role = {"main": main, "auxiliary": auxiliary}
    return FitSeeds([of_role[role] for role in drawn_as], epochs, path)


def initial_parameters(plan, readers, slots, seeds):
    """Return the tables and dense arrays that training starts from.

    Each network is drawn from its own seed, so that one does not change with the other.

    Parameters
    ----------
    plan : Plan
    readers : list of FeatureReader, TokenReader or PaddedReader
        ``n_rows`` is the number of rows of a table.
    slots : dict of str to NetworkSlot
        For each network its reader, and its graph with the shapes of its dense arrays.
    seeds : sequence of numpy.random.SeedSequence
        One for each network.

    Returns
    -------
    tables : list of ndarray of shape (n_rows, units), float32
        For each reader.
    dense : dict of str to list of ndarray
        For each network.
    frozen : list of ndarray of shape (n_rows, units), bool
        For each table the values that training does not change.
    """
    tables, dense = {}, {}
    for (role, slot), seed in zip(slots.items(), seeds):
        if role in plan.initial:
            table, dense[role] = slot.graph.parameters(plan.initial[role])
        else:
            size = (readers[slot.reader].n_rows, slot.graph.units)
            table, dense[role] = draw_network(seed, size, slot.graph.shapes)
        tables.setdefault(slot.reader, table)  # a shared table is that of the main network, which comes first
    tables = list(tables.values())
    return tables, dense, _write_vectors(plan, tables, slots)


def draw_network(seed, size, shapes):
    """Draw the table and the dense arrays of a network.

    Parameters
    ----------
    seed : numpy.random.SeedSequence
    size : (int, int)
        Rows and columns of the table.
    shapes : dict of str to tuple
        The shapes of the dense arrays by name, in order.

    Returns
    -------
    table : ndarray of shape (n_rows, units), float32
    dense : list of ndarray
    """
    generator = np.random.default_rng(seed)
    # Uniform in [-0.05, 0.05), the default of keras.layers.Embedding.
    table = generator.random(size, dtype=np.float32)
    table *= np.float32(0.1)
    table -= np.float32(0.05)
    return table, [_draw(generator, name, shape) for name, shape in shapes.items()]


def _write_vectors(plan, tables, slots):
    """Write word vectors into the tables and return the masks of what is frozen.

    The first rows of a table are those of the token ids, whatever the kind of network.
    """
    frozen = [np.zeros(table.shape, dtype=bool) for table in tables]
    for role, (ids, rows, _) in plan.vectors.items():
        slot = slots[role]
        columns = slice(rows.shape[1])
        if role not in plan.initial:  # a warm start continues from the trained vectors
            tables[slot.reader][ids, columns] = rows
        frozen[slot.reader][ids, columns] = slot.has_frozen
    return frozen


def _draw(generator, name, shape):
    """Draw a dense array, by the name that its graph gives it."""
    if "bias" in name:
        return np.zeros(shape, np.float32)
    if "recurrent" in name:
        return _orthogonal(generator, shape)
    # Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward
    # neural networks, equation 16: uniform within sqrt(6 / (fan_in + fan_out)). A convolution of
    # shape (window, units, filters) has the fans window * units and window * filters.
    window = math.prod(shape[:-2])
    limit = math.sqrt(6 / (window * (shape[-2] + shape[-1])))
    return generator.uniform(-limit, limit, shape).astype(np.float32)


def _orthogonal(generator, shape):
    """Draw a matrix with orthonormal rows: a step of the recurrence neither amplifies nor damps a state.

    Saxe, McClelland and Ganguli 2014, Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks, section 3.
    """
    # With the signs of r's diagonal q is uniformly distributed (Mezzadri 2007, How to generate random
    # matrices from the classical compact groups, section 5).
    q, r = np.linalg.qr(generator.normal(size=shape[::-1]))
    return (q * np.sign(np.diag(r))).T.astype(np.float32)
