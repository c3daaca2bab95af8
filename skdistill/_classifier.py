"""The estimator.

Owns the public parameters, their documentation and the order of a fit. Training itself is
behind the door to ``skdistill._keras``, which opens in ``fit`` here, in ``to_keras``
(``_fitted``), and where a network of the user's own predicts (``_custom``).
"""

from copy import copy
from functools import partial
from types import SimpleNamespace

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from . import _keras
from ._callbacks import CallbackSupportMixin, Observer, fitted_networks, with_callbacks
from ._extracted import ExtractedClassifier
from ._parameters import (
    PARAMETER_CONSTRAINTS,
    check_combinations,
    check_sources,
    check_validation,
    is_precomputed,
)
from ._prediction import LogitsMixin, logits_of, logits_of_mean
from ._progress import progress_bar
from ._repr import PrintsShortly
from ._sklearn import fit_context
from ._training.fit_data import TARGET_TYPES, hold_out, make_fit_data
from ._training.plan import make_plan, resolve_networks
from ._training.rows import make_pool, make_teachers, training_rows, validation_rows
from .teachers import check_teachers
from .text.tokens import Corpus, Tokens, check_documents, learn_tokens

# What scikit-learn learns of the columns of an array of token ids.
_COLUMNS = ("n_features_in_", "feature_names_in_")


class DistilledTextClassifier(CallbackSupportMixin, LogitsMixin, PrintsShortly, ClassifierMixin, BaseEstimator):
    """Text classifier of a main and an auxiliary network that are trained together.

    The loss of a row is that of the main network, plus ``auxiliary_weight`` times
    that of the auxiliary network, plus ``transfer_weight`` times a transfer of
    knowledge between them. The auxiliary network is usually the smaller one and can
    be taken out with ``extract`` as a small classifier of its own.

    Parameters
    ----------
    main : {"bag", "cnn", "gru"}, TextBag, TextCNN, TextGRU or callable, default="bag"
        The main network. A callable ``(n_tokens, n_classes, seed) -> keras.Model`` is
        called in each ``fit`` and returns a new model from int32 ids of shape (n_documents,
        n_positions), 0 for padding and 1 for unknown tokens, to logits of shape (n_documents,
        n_classes). Documents are padded to the longest of their batch, so that the model
        should mask the padding. It is trained with all its variables by Adam, without its
        own losses (regularizers), and predicts with Keras. Results are reproducible if every
        initializer and dropout in it has ``seed``. A pickle holds what ``model.save`` writes:
        classes of one's own need ``get_config`` and
        ``keras.saving.register_keras_serializable``.
    auxiliary : {"bag", "cnn", "gru"}, TextBag, TextCNN, TextGRU, callable or None, default="bag"
        The auxiliary network. None: the main network alone.
    main_units : int or None, default=None
        Size of the main network. None: the description's own; for a name 64. Not for a
        callable.
    auxiliary_units : int or None, default=None
        Size of the auxiliary network. None: the description's own; for a name 32. Not for
        a callable.
    tokenizer : TextTokenizer, "precomputed" or None, default=None
        None: ``TextTokenizer()``. ``"precomputed"``: X is an array of shape (n_samples,
        n_positions) of token ids, 0 for padding and 1 for unknown tokens.
    n_tokens : int or None, default=None
        With precomputed ids, one more than the largest id allowed. None: than the
        largest in ``fit``; larger ids are read as unknown in prediction.
    auxiliary_weight : float, default=1.0
        The weight of the auxiliary network's own loss. Adam does not feel the
        scale of a loss: the weight matters where the auxiliary network has a second
        term (``transfer`` is "to_auxiliary", "mutual" or "ensemble", or there is a teacher).
    transfer : {"none", "to_main", "to_auxiliary", "mutual", "ensemble"}, default="mutual"
        Which way knowledge flows. "to_main" and "to_auxiliary": one network learns
        the other's predictions (Hinton et al. 2015). "mutual": both do (Zhang et al.
        2018). "ensemble": both learn their mean's (Lan et al. 2018).
    transfer_weight : float, default=1.0
        The weight of the transfer, reached after the first fifth of the steps; at once where
        who teaches is trained already.
    temperature : float, default=2.0
        Divides the logits in the transfer and those of teachers and soft targets.
    schedule : {"joint", "alternating", "sequential"}, default="joint"
        "joint": one step moves both networks. "alternating": an epoch of one, then an
        epoch of the other; with ``transfer="to_main"`` and ``target_score`` it is the
        source article's procedure. "sequential": who teaches is trained first and
        then frozen; each network has ``max_iter`` epochs.
    share_embedding : bool, default=False
        Whether the auxiliary network reads the first ``auxiliary_units`` columns of
        the main network's vectors, so that ``auxiliary_weight`` reaches the main
        network directly. For two networks of the same kind that read the same
        features, and the joint schedule.
    teacher : classifier, list of classifiers or None, default=None
        A third source of knowledge: both networks learn the probabilities that it gives, at the
        ``temperature`` (Hinton et al. 2015, section 2). It is given documents as a list of str,
        or ids as an array; it is cloned and fitted on the labelled rows with their weights, if
        its ``fit`` takes weights, or used as it is inside ``sklearn.frozen.FrozenEstimator``. Of
        a list, the mean of the probabilities. One with ``decision_function`` alone is calibrated
        first, by ``CalibratedClassifierCV``. ``random_state`` does not reach it.
    teacher_weight : float, default=0.1
        The teacher's share of a row that has both a label and an answer, between 0 and 1; the
        label has the rest. A row without label learns from the teacher alone, a row without
        answer from its label alone. 0.9 where labels are few and the teacher is good; one that
        is no better than the networks costs accuracy from 0.5 on.
    teacher_cv : int, cross-validation generator, iterable or "in_sample", default=5
        How a teacher that is fitted here answers for its own training rows: out of fold, where
        it does not only repeat the labels. Splits are of the labelled training rows, without
        rows of weight 0 and held-out ones, each of which must be in one test part. "in_sample":
        as one that was fitted on all of them. What either is worth is in docs/teachers.md.
    teacher_memory : str, object with the joblib.Memory interface or None, default=None
        Where a teacher's answers are kept, so that a grid search over the student asks it once
        a fold and not once a candidate. They are found by the teacher's type, parameters and
        state: empty it where the code of a teacher changes.
    unlabeled_label : object, default=None
        A value of y that stands for no label, such as -1. None: every value is a class.
    predict_with : {"main", "auxiliary", "ensemble"}, default="main"
        Who predicts; "ensemble" is the mean of both networks' probabilities.
    max_iter : int, default=10
        Epochs. Where there are rows with and without label, an epoch is one pass over those of
        which there are more; the others are repeated.
    batch_size : int, default=32
        Rows of a step; where there are rows with and without label, of each.
    learning_rate_init : float, default=0.003
        Learning rate of Adam at the beginning.
    learning_rate : {"linear", "constant"}, default="linear"
        "linear": it falls to 0 over ``max_iter`` epochs.
    early_stopping : bool, default=False
        Whether to hold out validation rows, to keep the weights of the best epoch
        and to stop when the score stays: the accuracy; with several labels a row, as in
        ``score``, the share of rows of which all are right.
    validation_fraction : float, default=0.1
        Share of the rows held out, stratified; one row of each class stays in training.
        With several labels a row the split is plainly random.
    n_iter_no_change : int, default=5
        Epochs without ``tol`` more accuracy after which training stops.
    tol : float, default=1e-4
        What counts as more accuracy.
    target_score : float or None, default=None
        Training stops as soon as the validation accuracy of the predicting network
        reaches it. Needs ``early_stopping`` or ``X_val``.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the networks of the fit before, with their
        vocabulary and classes and a new optimizer.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, multiplied with the sample weights. Only how they differ
        matters. Not with several labels a row.
    random_state : int, RandomState instance or None, default=None
        Decides weights, order, dropout and the held-out rows.
    verbose : int, default=0
        Above 0: a progress bar with loss and validation score.
    callbacks : sequence of callables or None, default=None
        Called after each epoch with a dict of its numbers, those of ``history_`` and
        ``"epoch"``; training stops after an epoch for which one returns True.
        Scikit-learn's own callbacks are set by ``set_callbacks`` where the installed
        version has them.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes of y, of frozen teachers and of ``soft_targets``, sorted. With several labels
        a row: the columns of y, from 0 on.
    tokenizer_ : TextTokenizer or None
        Fitted; None with precomputed ids.
    main_, auxiliary_ : TrainedBag, TrainedCNN, TrainedGRU or CustomNetwork
        The networks; ``auxiliary_`` is None without one.
    embedding_coverage_ : dict of str to float
        For "main" and "auxiliary", where they bring embeddings, the share of the
        vocabulary that was found there.
    n_iter_ : int
        Epochs run.
    best_iter_ : int
        The epoch whose weights the predicting network has.
    history_ : dict of str to list of float
        A number an epoch: ``loss``, ``main_loss``, ``auxiliary_loss``,
        ``main_transfer``, ``auxiliary_transfer``; where there are a teacher, soft targets or
        rows without label also ``main_teacher_loss``, ``auxiliary_teacher_loss``, means over
        all rows to which those without answer add nothing; with validation rows also
        ``..._validation_score`` and ``..._validation_loss``. NaN where a network was
        not trained. ``pandas.DataFrame(history_)`` takes it.
    n_features_in_ : int
        Positions of a row of token ids; with precomputed ids only.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier
    >>> texts = ["good food", "a good film", "bad food", "a bad film"] * 5
    >>> labels = ["pos", "pos", "neg", "neg"] * 5
    >>> classifier = DistilledTextClassifier(auxiliary_units=8, random_state=0).fit(texts, labels)
    >>> classifier.predict(["a good day"]).tolist()
    ['pos']
    """

    _parameter_constraints = PARAMETER_CONSTRAINTS

    def __init__(
        self,
        main="bag",
        auxiliary="bag",
        *,
        main_units=None,
        auxiliary_units=None,
        tokenizer=None,
        n_tokens=None,
        auxiliary_weight=1.0,
        transfer="mutual",
        transfer_weight=1.0,
        temperature=2.0,
        schedule="joint",
        share_embedding=False,
        teacher=None,
        teacher_weight=0.1,
        teacher_cv=5,
        teacher_memory=None,
        unlabeled_label=None,
        predict_with="main",
        max_iter=10,
        batch_size=32,
        learning_rate_init=3e-3,
        learning_rate="linear",
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=5,
        tol=1e-4,
        target_score=None,
        warm_start=False,
        class_weight=None,
        random_state=None,
        verbose=0,
        callbacks=None,
    ):
        self.main = main
        self.auxiliary = auxiliary
        self.main_units = main_units
        self.auxiliary_units = auxiliary_units
        self.tokenizer = tokenizer
        self.n_tokens = n_tokens
        self.auxiliary_weight = auxiliary_weight
        self.transfer = transfer
        self.transfer_weight = transfer_weight
        self.temperature = temperature
        self.schedule = schedule
        self.share_embedding = share_embedding
        self.teacher = teacher
        self.teacher_weight = teacher_weight
        self.teacher_cv = teacher_cv
        self.teacher_memory = teacher_memory
        self.unlabeled_label = unlabeled_label
        self.predict_with = predict_with
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.learning_rate = learning_rate
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.target_score = target_score
        self.warm_start = warm_start
        self.class_weight = class_weight
        self.random_state = random_state
        self.verbose = verbose
        self.callbacks = callbacks

    # The tokenizer and the networks are the user's too: their parameters are checked.
    @with_callbacks
    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X,
        y,
        sample_weight=None,
        *,
        X_val=None,
        y_val=None,
        sample_weight_val=None,
        X_unlabeled=None,
        soft_targets=None,
        soft_target_classes=None,
    ):
        """Train both networks.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.
        y : array-like of shape (n_samples,), or indicators of shape (n_samples, n_labels), or None
            The labels. None marks a row without label, and so does ``unlabeled_label``; y
            itself may be None where a frozen teacher or ``soft_targets`` teach. Several labels
            a document: an array, DataFrame or sparse matrix of 0 and 1, as
            ``sklearn.preprocessing.MultiLabelBinarizer`` makes it of lists of labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows in every term of the loss, and in the fit of a teacher that
            takes some. Rows of weight 0 leave before anything is fitted. A document of
            ``X_unlabeled`` weighs as much as the mean labelled row.
        X_val : as X, default=None
            Validation documents, scored after each epoch. ``early_stopping`` then holds
            out no rows of its own; without it they are recorded only. Inside a Pipeline
            they arrive through ``transform_input`` and metadata routing.
        y_val : as y, default=None
            Their labels, one for each row.
        sample_weight_val : array-like of shape (n_validation_samples,), default=None
            Their weights.
        X_unlabeled : collection like X, sequence of such, TextStream, or TransferSet, default=None
            More documents, without labels, from which both networks learn what the teacher and
            the other network say. A stream is read twice; its tokens, features and answers lie
            in temporary files during the fit. A TransferSet is made of the rows of X.
            Scikit-learn cuts fit parameters that are as long as X in cross-validation: a list in
            a list, ``[texts]``, stays whole.
        soft_targets : array-like of shape (n_samples, n_known_classes), default=None
            Probabilities of classes for the rows of X, a teacher's answers brought along: a
            DataFrame with a column for each class, or an array with ``soft_target_classes``. A
            row of NaN has none. Averaged with a teacher's where there is one. With several
            labels a row the columns are those of y, by name where both are DataFrames.
        soft_target_classes : array-like of shape (n_known_classes,), default=None
            The classes of the columns of an array.

        Returns
        -------
        self : DistilledTextClassifier

        Raises
        ------
        TypeError, ValueError
            Where the input is not as described.
        ImportError
            Without TensorFlow: it is in the extra ``train``.

        Notes
        -----
        With several labels a row the scorers of labels ("accuracy", "f1_micro") and of
        ``decision_function`` ("roc_auc", "average_precision") work as they are. Those of
        ``predict_proba`` take the labels for classes: of exactly two, scikit-learn passes on
        the second column alone, so that "roc_auc_ovr", "roc_auc_ovo" and "neg_brier_score"
        raise. "neg_log_loss" is wrong without an error, however many labels there are.
        Use "roc_auc", and for probabilities a scorer of the logits::

            def brier(y, logits):
                return np.mean((y - scipy.special.expit(logits)) ** 2)

            make_scorer(brier, response_method="decision_function", greater_is_better=False)
        """
        parameters = SimpleNamespace(**self.get_params(deep=False))
        check_combinations(parameters)
        check_validation(parameters, X_val, y_val, sample_weight_val)
        earlier = self if self.warm_start and hasattr(self, "main_") else None
        # self does not change before the fit has succeeded: a copy learns the columns of X.
        probe, texts = copy(self), not is_precomputed(self.tokenizer)
        documents = check_documents(probe, X, texts, reset=earlier is None)
        teachers = check_teachers(self.teacher)
        data = make_fit_data(
            documents,
            y,
            sample_weight,
            soft_targets,
            soft_target_classes,
            teachers=teachers,
            class_weight=self.class_weight,
            unlabeled_label=self.unlabeled_label,
            earlier=None if earlier is None else (earlier.classes_, TARGET_TYPES[earlier.out_activation_]),
        )
        analyzer = getattr(self.tokenizer, "analyzer", "word") if texts else "precomputed"
        networks = resolve_networks(parameters, analyzer, None if earlier is None else earlier._specifications)
        documents = data.documents  # without rows of weight 0; those held out are read too
        seed, held_out = self._seed(), None
        if X_val is None and self.early_stopping:
            data, held_out = hold_out(data, self.validation_fraction, np.random.default_rng(seed.spawn(1)[0]))
        n_positions = None if texts else probe.n_features_in_
        pool = make_pool(X_unlabeled, data.documents, analyzer=analyzer, n_positions=n_positions, seed=seed)
        check_sources(parameters, data.is_labelled, data.has_soft_targets, has_pool=pool is not None)
        if earlier is None:
            tokens = learn_tokens(self.tokenizer, self.n_tokens, Corpus(documents, pool))
        else:
            tokens = Tokens(earlier.tokenizer_, earlier._n_tokens)
        if X_val is not None:
            X_val = check_documents(probe, X_val, texts, reset=False)
        validation = validation_rows(tokens, data, held_out, X_val, y_val, sample_weight_val)

        _keras.check_installed()  # before a teacher is asked, which may take hours
        teachers = make_teachers(
            teachers,
            data,
            cv=self.teacher_cv,
            memory=self.teacher_memory,
            progress=partial(progress_bar, unit="batch", disable=not self.verbose),
        )
        rows = training_rows(data, pool, tokens, teachers)
        plan = make_plan(parameters, networks, tokens, data, initial=_networks_of(earlier), seed=seed)
        fitted = {
            **{name: value for name, value in vars(probe).items() if name in _COLUMNS and not texts},
            "classes_": data.classes,
            "out_activation_": data.out_activation,
            "tokenizer_": tokens.tokenizer,
            "embedding_coverage_": {role: vectors.coverage for role, vectors in plan.vectors.items()},
            "_n_tokens": tokens.n_tokens,
            "_specifications": networks,
        }
        observer = Observer(self, X, y, sample_weight, fitted)
        networks, history, best_epoch = _keras.train(plan, rows, validation, observer)
        fitted |= fitted_networks(networks)
        fitted |= {"history_": history, "n_iter_": len(history["loss"]), "best_iter_": best_epoch}
        observer.end(fitted)
        for name in _COLUMNS:  # of an earlier fit on token ids
            vars(self).pop(name, None)
        vars(self).update(fitted)
        return self

    def extract(self, network="main"):
        """A trained network as a small classifier of its own.

        Parameters
        ----------
        network : {"main", "auxiliary"}, default="main"
            Which one.

        Returns
        -------
        classifier : ExtractedClassifier
            Fitted and frozen.

        Raises
        ------
        ValueError
            For a network that a callable built: it is no arrays.
        """
        trained = self._trained(network)
        if isinstance(trained, _keras.CustomNetwork):
            raise ValueError(
                f"The {network} network was built by a callable and predicts with Keras: it cannot be extracted. "
                f"to_keras({network!r}) returns the trained keras.Model."
            )
        return ExtractedClassifier.from_predictor(
            trained.predictor,
            self.classes_,
            tokenizer=self.tokenizer_,
            out_activation=self.out_activation_,
            n_features_in=getattr(self, "n_features_in_", None),
        )

    def to_keras(self, network="main"):
        """A trained network as a Keras model.

        Parameters
        ----------
        network : {"main", "auxiliary"}, default="main"
            Which one.

        Returns
        -------
        model : keras.Model
            From padded token ids, as ``tokenizer_.transform`` gives them, to logits. An
            unknown token has no spelling there: its character n-grams are missing. Of a
            network that a callable built, the trained model itself.
        """
        trained = self._trained(network)
        return _keras.to_keras(trained)

    def _trained(self, network):
        check_is_fitted(self)
        if network not in ("main", "auxiliary"):
            raise ValueError(f"network must be 'main' or 'auxiliary'. Got {network!r}.")
        trained = getattr(self, f"{network}_")
        if trained is None:
            raise ValueError("There is no auxiliary network: the classifier was fitted with auxiliary=None.")
        return trained

    def _logits(self, X):
        check_is_fitted(self)
        predictors = [self._trained(role).predictor for role in self._predicting]
        logits = logits_of(self, X, self.tokenizer_, predictors)
        return logits[0] if len(logits) == 1 else logits_of_mean(logits, self.out_activation_)

    @property
    def _predicting(self):
        return ("main", "auxiliary") if self.predict_with == "ensemble" else (self.predict_with,)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = not is_precomputed(self.tokenizer)
        tags.input_tags.two_d_array = is_precomputed(self.tokenizer)
        tags.input_tags.categorical = tags.input_tags.positive_only = is_precomputed(self.tokenizer)
        tags.classifier_tags.multi_label = True
        return tags

    def _seed(self):
        numbers = check_random_state(self.random_state).randint(2**31, size=4)
        return np.random.SeedSequence(numbers.tolist())


def _networks_of(earlier):
    """Return the trained networks of an earlier fit by role, or none."""
    networks = {} if earlier is None else {"main": earlier.main_, "auxiliary": earlier.auxiliary_}
    return {role: network for role, network in networks.items() if network is not None}
