"""Custom networks: Keras models that a user's callable builds.

A model is checked here, and is then trained by the joint step as any other graph.

Shapes
------
With B documents, L positions of the longest (at least 1) and C classes::

    ids       (B, L)   int32, padded with 0 at the end
    logits    (B, C)   in the model's float type; the step gets float32
    table     (1, 0)   no columns: the model has its own embeddings
    arrays             the trainable variables, each in its own shape
    state              the other variables, each in its own shape
"""

import warnings
from copy import copy
from dataclasses import replace
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

from .custom_network import CustomNetwork

# Draws of random weights after which outputs that never leave [0, 1] count as probabilities.
# Half of all logits are negative then: those of two classes are positive in all draws with a
# probability of (1/4)**16 = 2**-32.
_DRAWS = 16
_EXPECTED = "begin it with keras.Input((None,), dtype='int32')"


class CustomGraph:
    """A whole Keras model as a graph; see ``kinds.TrainingGraph``.

    It reads no table, because the model has its own embeddings. The trainable variables
    are dense arrays of the step, as those of any graph; the others (moving means, the states of
    seeds) stay variables of the model. Two graphs are equal only if they are the same object.

    Parameters
    ----------
    model : keras.Model
    n_tokens, n_classes : int
    """

    units = 0
    is_shared = False

    def __init__(self, model, n_tokens, n_classes):
        self.model, self.n_classes, self.training = model, n_classes, True
        self.network = CustomNetwork(model, n_tokens)

    @classmethod
    def of_network(cls, graph, n_classes):
        """Return the graph: in a plan it takes the place of the callable."""
        return graph

    @cached_property
    def shapes(self):
        """Shapes of the trainable variables by name."""
        return {f"variable_{i}": tuple(v.shape) for i, v in enumerate(self.model.trainable_variables)}

    @property
    def state(self):
        """The values of the variables that are not trained."""
        return [v.numpy() for v in self.model.non_trainable_variables]

    @tf.autograph.experimental.do_not_convert
    def logits(self, arrays, x, ids, seed):
        """Return logits of shape (B, C) of padded ids of shape (B, L).

        ``x`` is empty and ``seed`` is not used: the model has its own seeds, in its state.
        """
        trained, others = self.model.trainable_variables, self.model.non_trainable_variables
        values = [*arrays.values(), *(variable.value for variable in others)]
        # As Model.stateless_call, but through __call__, which passes ``training`` on to a
        # subclass and its layers.
        with keras.StatelessScope(zip([*trained, *others], values)) as scope:
            logits = self.model(ids, training=self.training)
        for variable in others:  # what the call has changed, such as moving means
            variable.assign(scope.get_current_value(variable))
        return tf.ensure_shape(tf.cast(logits, tf.float32), [None, self.n_classes])

    def set_state(self, state):
        """Set the variables that are not trained."""
        for variable, value in zip(self.model.non_trainable_variables, state):
            variable.assign(value)

    def trained(self, reader, table, dense):
        """Return the network for prediction: the model with these arrays, followed by its state."""
        for variable, value in zip(self.model.trainable_variables, dense):
            variable.assign(value)
        self.set_state(dense[len(self.shapes) :])
        return self.network

    def parameters(self, trained):
        """Return a table of shape (1, 0), and the trainable variables of a network."""
        return np.zeros((1, 0), np.float32), [np.asarray(v, np.float32) for v in trained.model.trainable_variables]

    def as_teacher(self):
        """Return the same model in inference mode: without dropout, and its moving means do not change."""
        graph = copy(self)
        graph.training = False
        return graph


def build_custom(plan, seeds):
    """Return the plan with a ``CustomGraph`` in place of each callable.

    The new model's weights are in ``plan.initial``: those that it was built with, or with a
    warm start those of the earlier network.

    Parameters
    ----------
    plan : Plan
    seeds : sequence of numpy.random.SeedSequence
        One for each network.

    Returns
    -------
    plan : Plan

    Raises
    ------
    TypeError, ValueError
        If a callable fails, or does not return a model from ids to logits.
    """
    sizes = int(plan.n_tokens), int(plan.n_classes)
    networks, initial = dict(plan.networks), dict(plan.initial)
    for (role, network), seed in zip(plan.networks.items(), seeds):
        if callable(network):
            model = _build(network, role, *sizes, int(seed.generate_state(1)[0] >> 1))
            _check_inputs(model, role)
            _check_logits(model, role, *sizes)
            if role in initial:
                model.set_weights(initial[role].model.get_weights())
            networks[role] = CustomGraph(model, *sizes)
            initial[role] = networks[role].network
    _check_together(networks, plan.schedule)
    return replace(plan, networks=networks, initial=initial)


def _build(network, role, n_tokens, n_classes, seed):
    """Return the model that a callable builds."""
    if isinstance(network, keras.Model):
        raise TypeError(f"{role} must be a callable that builds a new keras.Model. Got a model: return it from one.")
    try:
        model = network(n_tokens, n_classes, seed)
    except Exception as error:  # any error of the user's code: the cause of one that names it
        raise ValueError(
            f"The callable {role} raised {type(error).__name__} when it was called as "
            f"{role}(n_tokens={n_tokens}, n_classes={n_classes}, seed={seed}): {error}"
        ) from error
    if not isinstance(model, keras.Model):
        raise TypeError(f"The callable {role} must return a keras.Model. Got {type(model).__name__}.")
    return model


def _check_inputs(model, role):
    """Check the inputs that the model declares."""
    inputs = getattr(model, "inputs", None) or []  # a subclass of Model need not declare any
    if len(inputs) > 1:
        raise ValueError(f"The model of {role} must take one input, padded token ids. Got {len(inputs)} inputs.")
    for x in inputs:
        if tuple(x.shape) != (None, None):
            raise ValueError(
                f"The model of {role} must take ids of shape (None, None), because documents are padded to the "
                f"longest of their batch. Got {tuple(x.shape)}: {_EXPECTED}."
            )
        if "int" not in keras.backend.standardize_dtype(x.dtype):
            raise ValueError(f"The model of {role} must take integer ids. Got {x.dtype}: {_EXPECTED}.")


def _check_logits(model, role, n_tokens, n_classes):
    """Check the outputs for ids of unknown shape and for documents of one token.

    The calls also build a model that has no variables before its first call.
    """
    probe = np.int32([[1], [n_tokens - 1], [1]])  # (3, 1)
    symbolic = _call(model, role, keras.Input((None,), dtype="int32"))
    outputs = _call(model, role, probe)  # (3, C)
    for got, expected in ((symbolic, (None, n_classes)), (outputs, (len(probe), n_classes))):
        shape = tuple(got.shape) if hasattr(got, "shape") else type(got).__name__
        if shape not in (expected, (None, None)):
            raise ValueError(f"The model of {role} must give logits of shape {expected}. Got {shape}.")
    if _gives_probabilities(model, role, probe, keras.ops.convert_to_numpy(outputs)):
        raise ValueError(
            f"The model of {role} must give logits, but its outputs are probabilities: "
            "leave out the softmax or sigmoid of the last layer, because the loss applies it."
        )


def _call(model, role, ids):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the unusual shape of documents of one token
            return model(ids, training=False)
    except Exception as error:  # any error of the user's code: the cause of one that names it
        raise ValueError(
            f"The model of {role} must read int32 ids of shape (n_documents, n_positions), from one position on. "
            f"It raised {type(error).__name__} for shape {tuple(ids.shape)}: {error}"
        ) from error


def _is_squashed(model):
    """Whether the last layer is known to be, or to apply, a softmax or sigmoid."""
    if not getattr(model, "outputs", None):  # a subclass of Model does not declare its last layer
        return False
    last = model.outputs[0]._keras_history.operation
    names = type(last).__name__, getattr(getattr(last, "activation", None), "__name__", "")
    return any(name.lower() in ("softmax", "sigmoid") for name in names) or _is_squashed(last)  # a nested model


def _gives_probabilities(model, role, ids, outputs):
    """Whether the outputs lie between 0 and 1 whatever the weights are; logits do so only by accident."""
    if not _lie_between_0_and_1(outputs):
        return False
    if _is_squashed(model):
        return True
    if not model.trainable_variables:
        return np.allclose(outputs.sum(axis=1), 1, atol=1e-3)  # there are no weights to draw
    generator = np.random.default_rng(0)
    return all(_lie_between_0_and_1(_with_random_weights(model, role, ids, generator)) for _ in range(_DRAWS))


def _with_random_weights(model, role, ids, generator):
    """Return the outputs that the model would have with weights drawn at random; its own do not change."""
    drawn = [(v, generator.normal(size=v.shape).astype(np.float32)) for v in model.trainable_variables]
    with keras.StatelessScope(drawn):
        return keras.ops.convert_to_numpy(_call(model, role, ids))


def _lie_between_0_and_1(outputs):
    return bool(np.all((outputs >= 0) & (outputs <= 1)))


def _check_together(networks, schedule):
    """Check that the models are different, and that each phase has variables to train."""
    custom = {role: graph for role, graph in networks.items() if isinstance(graph, CustomGraph)}
    if len({id(graph.model) for graph in custom.values()}) < len(custom):
        raise ValueError("The callables main and auxiliary returned the same model: each call must build a new one.")
    frozen = [role for role, graph in custom.items() if not graph.shapes]
    if frozen and (len(frozen) == len(networks) or schedule != "joint"):
        raise ValueError(
            f"The model of {' and of '.join(frozen)} has no trainable variables: with schedule={schedule!r} "
            "nothing is left to train."
        )
