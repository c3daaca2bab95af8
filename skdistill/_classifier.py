"""The estimator: its parameters, their documentation, and the order of a fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import partial
from os import PathLike
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from . import _keras
from ._callbacks import CallbackSupportMixin, Observer, fitted_networks, with_callbacks
from ._extracted import ExtractedClassifier, NetworkClassifier
from ._notebook import LinksToPage, networks_block
from ._parameters import (
    PARAMETER_CONSTRAINTS,
    check_combinations,
    check_sources,
    check_validation,
    is_precomputed,
    object_of,
)
from ._prediction import LogitsMixin
from ._progress import progress_bar
from ._repr import PrintsShortly
from ._serialization.atomic import write_atomically
from ._serialization.estimator import estimator_values, left_out_of
from ._serialization.model import check_metadata, model_bytes
from ._serialization.plain import encode_parameter
from ._sklearn import fit_context
from ._training.fit_data import TARGET_TYPES, hold_out, make_fit_data
from ._training.plan import longest_sequence, make_plan, resolve_networks
from ._training.prepared import PreparedFit, SharedWork
from ._training.rows import make_pool, make_teachers, training_rows, validation_rows
from .networks import TextBag, TextCNN, TextGRU, resolve_network
from .teachers._checks import check_teachers
from .text.tokenizer import TextTokenizer
from .text.tokens import Corpus, Tokens, check_documents, learn_tokens

# What scikit-learn records about the columns of an array of token ids.
_COLUMNS = ("n_features_in_", "feature_names_in_")

Network = str | TextBag | TextCNN | TextGRU | Callable[[int, int, int], Any]


class _EarlierFit(NamedTuple):
    """What a warm start continues from; all empty in a fit that starts from scratch.

    Attributes
    ----------
    targets : (ndarray, str) or None
        The classes and the target type.
    tokens : Tokens or None
    specifications : dict or None
        What the networks are, by role, as ``resolve_networks`` returned them.
    networks : dict of str to trained network
    """

    targets: tuple | None = None
    tokens: Tokens | None = None
    specifications: dict | None = None
    networks: dict = {}


class DistilledTextClassifier(
    CallbackSupportMixin, LogitsMixin, PrintsShortly, LinksToPage, ClassifierMixin, BaseEstimator
):
    """Text classifier that trains a main and an auxiliary network together.

    The loss of a row is that of the main network, plus ``auxiliary_weight`` times that of
    the auxiliary network, plus ``transfer_weight`` times a distillation loss between them.
    The auxiliary network is usually the smaller one; ``extract`` returns it as a small
    classifier that predicts without TensorFlow.

    Parameters
    ----------
    main : {"bag", "cnn", "gru"}, TextBag, TextCNN, TextGRU or callable, default="bag"
        The main network. A callable ``(n_tokens, n_classes, seed) -> keras.Model`` is
        called in each ``fit`` and returns a new model from int32 ids of shape (n_documents,
        n_positions), 0 for padding and 1 for unknown tokens, to logits of shape (n_documents,
        n_classes). Documents are padded to the longest of their batch, so the model should
        mask the padding. All its variables are trained by Adam, without the model's own
        losses (regularizers), and it predicts with Keras. Results are reproducible if every
        initializer and dropout in it has a ``seed``. A pickle holds what ``model.save``
        writes: custom classes need ``get_config`` and
        ``keras.saving.register_keras_serializable``.
    auxiliary : {"bag", "cnn", "gru"}, TextBag, TextCNN, TextGRU, callable or None, default="bag"
        The auxiliary network. If None, the main network is trained alone.
    main_units : int or None, default=None
        Embedding dimension of a main network that does not set ``units`` itself, such as
        ``"bag"`` or ``TextBag()``. If None, 64. For any other network it must be None: set
        ``main__units``.
    auxiliary_units : int or None, default=None
        The same for the auxiliary network. If None, 32.
    tokenizer : TextTokenizer, "precomputed" or None, default=None
        If None, ``TextTokenizer()``. Its ``sequence_length`` of None becomes 2,000 where both networks
        are bags, and 400 elsewhere. ``"precomputed"``: X is an array of shape (n_samples,
        n_positions) of token ids, 0 for padding and 1 for unknown tokens.
    n_tokens : int or None, default=None
        With precomputed ids, one more than the largest id allowed. If None, one more than
        the largest in ``fit``; in prediction larger ids count as unknown.
    auxiliary_weight : float, default=1.0
        The weight of the auxiliary network's own loss. Adam does not depend on the scale of
        a loss, so the weight matters only where the auxiliary network has a second term
        (``transfer`` is "to_auxiliary", "mutual" or "ensemble", or there is a teacher).
    transfer : {"none", "to_main", "to_auxiliary", "mutual", "ensemble"}, default="mutual"
        Which network learns from which. "to_main" and "to_auxiliary": one network learns
        the other's predictions (knowledge distillation, Hinton et al. 2015). "mutual": both
        do (deep mutual learning, Zhang et al. 2018). "ensemble": both learn from the mean of
        their logits (Lan et al. 2018).
    transfer_weight : float, default=1.0
        Weight of the distillation loss between the networks. It grows over the first 20 % of
        the steps, unless the network that teaches is already trained.
    temperature : float, default=2.0
        Divides the logits in the distillation losses, those of teachers and soft targets too.
    schedule : {"joint", "alternating", "sequential"}, default="joint"
        "joint": each step trains both networks. "alternating": an epoch of one, then an
        epoch of the other; with ``transfer="to_main"`` and ``target_score`` it is the
        source article's procedure. "sequential": the network that teaches is trained first
        and then frozen; each network has ``max_iter`` epochs.
    share_embedding : bool, default=False
        Whether the auxiliary network reads the first columns, as many as it has units, of
        the main network's vectors, so that ``auxiliary_weight`` reaches the main
        network directly. For two networks of the same kind that read the same
        features, and the joint schedule.
    teacher : classifier, list of classifiers or None, default=None
        Both networks learn the probabilities that it predicts, at the ``temperature``
        (Hinton et al. 2015, section 2). It gets documents as a list of str, or ids as an
        array. It is cloned and fitted on the labelled rows, with their weights if its
        ``fit`` takes weights, or used as it is inside ``sklearn.frozen.FrozenEstimator``.
        For a list, the probabilities are averaged. A classifier that has only
        ``decision_function`` is calibrated first, by ``CalibratedClassifierCV``.
        ``random_state`` has no effect on it.
    teacher_weight : float or "auto", default="auto"
        The target of a row with a label and teacher probabilities is ``teacher_weight`` times
        these plus (1 - ``teacher_weight``) times the label. A row without label learns from the
        teacher alone, a row without teacher probabilities from its label alone. "auto": the
        fraction of labels with which the teacher agrees (out of fold, if it is fitted here), times
        the fraction of its rows that have no label, at least 0.1. So it is 0.1 if all rows have
        labels. There, a teacher that is no better than the networks lowers accuracy at weights of
        0.5 and more; for a better teacher try 0.3.
    teacher_cv : int, cross-validation generator, iterable or "in_sample", default=5
        How a teacher that is fitted here predicts for its own training rows: out of fold, as
        ``cross_val_predict`` does, because a classifier is over-confident on its own training
        data. Splits are of the labelled training rows, without rows of weight 0 and held-out
        ones; each row must be in one test part. "in_sample": by a teacher that was fitted on
        all of them.
    teacher_memory : str, object with the joblib.Memory interface or None, default=None
        Where a teacher's probabilities are cached, so that a grid search over the student
        calls the teacher once per fold, not once per candidate. The cache is keyed by the
        teacher (type, parameters, state), its training rows and the texts: empty it when a
        teacher's code changes.
    unlabeled_label : object, default=None
        A value of y that stands for no label, such as -1, of the type that y holds;
        ``numpy.nan`` stands for all missing values. If None, only None in a list or in an array
        of objects means no label, and other missing values (NaN, pandas' NA, nulls of polars
        and Arrow) are errors.
    predict_with : {"main", "auxiliary", "ensemble"}, default="main"
        Which network predicts; "ensemble" is the mean of both networks' probabilities.
    max_iter : int or "auto", default="auto"
        Epochs. "auto": 10 epochs. If these would read fewer than 60,000 rows in all or 2,500 per
        class, as many epochs as read that many rows, at most 40. If they would read more than 300,000
        rows (100,000 if each network has a linear path), as many as read that many, at least 1. With
        labelled and unlabelled rows, an epoch is one pass over the larger of the two sets; rows of
        the smaller one are repeated.
    batch_size : int or "auto", default="auto"
        Rows per step; this many of each, if there are labelled and unlabelled rows. "auto":
        32; with 28,800 rows or more, a 450th of the rows, rounded down to a power of two,
        at most 1,024.
    learning_rate_init : float, default=0.003
        Learning rate of Adam at the beginning.
    learning_rate : {"linear", "constant"}, default="linear"
        "linear": it falls to 0 over ``max_iter`` epochs.
    early_stopping : bool, default=False
        Whether to hold out validation rows, to keep the weights of the best epoch
        and to stop when the validation accuracy no longer improves; for multilabel y it is
        the subset accuracy, as in ``score``.
    validation_fraction : float, default=0.1
        Fraction of the rows that is held out, stratified; one row of each class stays in
        training. For multilabel y the split is random.
    n_iter_no_change : int, default=5
        Epochs without an improvement of ``tol`` after which training stops.
    tol : float, default=1e-4
        Smallest gain in validation accuracy that counts as an improvement.
    target_score : float or None, default=None
        Training stops as soon as the validation accuracy of the predicting network
        reaches it. Needs ``early_stopping`` or ``X_val``.
    warm_start : bool, default=False
        Whether ``fit`` continues from the networks of the previous fit, with their
        vocabulary and classes and a new optimizer.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, multiplied by the sample weights. Only their ratios matter. In a
        dict, classes without a key weigh 1. A dict with weights for all classes may also have
        keys that are not classes of y, because a fold may lack a class. Not supported for
        multilabel y.
    random_state : int, RandomState instance or None, default=None
        Determines the initial weights, the order of the rows, dropout and the held-out
        rows.
    verbose : int, default=0
        Above 0: two lines about rows, classes and features before training, and a progress bar with
        the loss and, with validation rows, the validation score of each network.
    callbacks : sequence of callables or None, default=None
        Called after each epoch with a dict of its numbers, those of ``history_`` and
        ``"epoch"``; training stops after an epoch for which one returns True.
        Scikit-learn's own callbacks are set by ``set_callbacks``, if the installed version
        has them.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes of y, of frozen teachers and of ``soft_targets``, sorted. For multilabel
        y: the column numbers, from 0 on.
    out_activation_ : {"softmax", "sigmoid"}
        The activation of the output layer; "sigmoid" for multilabel y.
    tokenizer_ : TextTokenizer or None
        Fitted; None with precomputed ids.
    main_, auxiliary_ : ExtractedClassifier
        Each network as a fitted classifier, as ``extract`` returns it; ``auxiliary_`` is None
        without an auxiliary network. For a network that a callable built, a classifier with the same
        methods that predicts with Keras.
    embedding_coverage_ : dict of str to float
        For "main" and "auxiliary", if they have ``embeddings``, the fraction of the
        vocabulary that was found there.
    linear_weight_ : dict of str to float
        For "main" and "auxiliary", the weight of the linear path beside the network: 0 if there
        is none, for example because a teacher labels unlabelled rows, or a class has no
        labelled row.
    teacher_report_ : list of dict, or None
        One dict per teacher, None without a teacher; ``pandas.DataFrame(teacher_report_)`` makes a
        table of them. ``teacher``: the class. ``n_documents``: how many documents it was asked
        about, and ``n_cached``: how many of these ``teacher_memory`` had. ``n_unanswered``: rows
        without its probabilities, including those of a class that no other fold has. ``fit_time``
        and ``predict_time``: seconds. ``agreement``: the fraction of labelled training rows whose
        most probable class is the label (multilabel: all labels), out of fold unless ``teacher_cv``
        is "in_sample" or it is frozen; None where no row has both.
    max_iter_, batch_size_ : int
        The values used: those of ``max_iter`` and ``batch_size``, or what "auto" chose.
    teacher_weight_ : float
        The same for ``teacher_weight``; "auto" chooses 0 if there are no teacher
        probabilities.
    n_iter_ : int
        Epochs run.
    best_iter_ : int
        The epoch whose weights the predicting network has.
    history_ : dict of str to list of float
        Numbers per epoch: ``loss``, ``main_loss``, ``auxiliary_loss``, ``main_transfer``,
        ``auxiliary_transfer``; with a teacher, soft targets or unlabelled rows also
        ``main_teacher_loss``, ``auxiliary_teacher_loss``, means over all rows to which rows
        without teacher probabilities add 0; with validation rows also
        ``..._validation_score`` and ``..._validation_loss``. NaN if a network was not
        trained. ``pandas.DataFrame(history_)`` makes a table of them.
    n_features_in_ : int
        Positions per row of token ids; with precomputed ids only.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the positions; with precomputed ids in a DataFrame only.

    See Also
    --------
    ExtractedClassifier : What ``extract`` returns.
    TextBag, TextCNN, TextGRU : The built-in networks.
    TextTokenizer : From texts to token ids.

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
    # In which roles the initial weights of the networks are drawn. A network that is trained alone starts from the
    # weights that it has as the auxiliary network if this is ("auxiliary",).
    _drawn_as = ("main", "auxiliary")

    def __init__(
        self,
        main: Network = "bag",
        auxiliary: Network | None = "bag",
        *,
        main_units: int | None = None,
        auxiliary_units: int | None = None,
        tokenizer: TextTokenizer | str | None = None,
        n_tokens: int | None = None,
        auxiliary_weight: float = 1.0,
        transfer: str = "mutual",
        transfer_weight: float = 1.0,
        temperature: float = 2.0,
        schedule: str = "joint",
        share_embedding: bool = False,
        teacher: Any = None,
        teacher_weight: float | str = "auto",
        teacher_cv: Any = 5,
        teacher_memory: Any = None,
        unlabeled_label: Any = None,
        predict_with: str = "main",
        max_iter: int | str = "auto",
        batch_size: int | str = "auto",
        learning_rate_init: float = 3e-3,
        learning_rate: str = "linear",
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        tol: float = 1e-4,
        target_score: float | None = None,
        warm_start: bool = False,
        class_weight: dict | str | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
        callbacks: Sequence[Callable[[dict], Any]] | None = None,
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

    def set_params(self, **params: Any) -> DistilledTextClassifier:
        """Set parameters, also those of the tokenizer, the networks and the teacher.

        Parameters
        ----------
        **params : dict
            Values by name. Names such as ``auxiliary__units`` and ``tokenizer__max_tokens`` are
            parameters of parameters. They also work for the defaults: a tokenizer of None becomes a
            ``TextTokenizer``, and a network's name the network that it stands for.

        Returns
        -------
        self : DistilledTextClassifier
            The same object.

        Raises
        ------
        ValueError
            If there is no parameter with one of the names.

        See Also
        --------
        fit : Checks the parameters and uses them.

        Examples
        --------
        >>> from skdistill import DistilledTextClassifier
        >>> DistilledTextClassifier().set_params(auxiliary__units=8, tokenizer__lowercase=False)
        DistilledTextClassifier(auxiliary=TextBag(units=8),
                                tokenizer=TextTokenizer(lowercase=False))
        """
        nested = {name.partition("__")[0] for name in params if "__" in name}
        for name in nested.intersection(self._get_param_names()):
            params[name] = object_of(name, params.get(name, getattr(self, name)))
        return super().set_params(**params)

    def _validate_params(self):
        left_out = left_out_of(self.get_params(deep=False))
        if left_out:
            raise ValueError(
                f"{' and '.join(left_out)} of the saved classifier were not in the file that load read: set them with "
                f"set_params before fit, or to None for a fit without them."
            )
        super()._validate_params()

    # The tokenizer and the networks come from the user, too: their parameters are checked.
    @with_callbacks
    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: ArrayLike | None = None,
        X_unlabeled: Any = None,
        soft_targets: Any = None,
        soft_target_classes: ArrayLike | None = None,
    ) -> DistilledTextClassifier:
        """Train both networks.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents: a list, an array, a Series, or one column of text, such as a DataFrame, of
            shape (n_samples, 1). With a callable ``analyzer`` of the tokenizer a document may be a
            list of str, its tokens. Of a ``ParquetTexts``, whose texts stay on disk, tokens, features and
            soft targets are kept in temporary files during the fit.
        y : array-like of shape (n_samples,), or indicators of shape (n_samples, n_labels), or None
            The labels. None in a list or in an array of objects marks a row without label, and
            so does ``unlabeled_label``; y itself may be None if there is a frozen teacher or
            ``soft_targets``. Multilabel: an array, DataFrame or sparse matrix of 0 and 1, such
            as ``sklearn.preprocessing.MultiLabelBinarizer`` makes from lists of labels. A
            one-hot y, such as from ``keras.utils.to_categorical``, is also multilabel, as in
            ``MLPClassifier``: for classes, pass ``y.argmax(axis=1)``.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows in every term of the loss, and in the fit of a teacher that
            accepts weights. Rows of weight 0 are left out before anything is fitted. A
            document of ``X_unlabeled`` weighs as much as the mean labelled row.
        X_val : as X, default=None
            Validation documents, scored after each epoch. ``early_stopping`` then holds out
            no rows of X; without ``early_stopping``, the scores are only recorded. Inside a
            Pipeline they arrive through ``transform_input`` and metadata routing.
        y_val : as y, default=None
            Their labels, one per row. Rows of a class that no training row has (a fold may lack
            one) count as misclassified in the validation score and are left out of the
            validation loss, with a warning.
        sample_weight_val : array-like of shape (n_validation_samples,), default=None
            Their weights.
        X_unlabeled : collection like X, sequence of such, TextStream, or TransferSet, default=None
            Documents without labels. On these the networks learn from the teacher's and each
            other's predictions. A stream or a ParquetTexts is read twice; its tokens, features and soft
            targets are kept in temporary files during the fit. A TransferSet is generated from the
            rows of X. Cross-validation splits any fit parameter with the length of X: to keep
            unlabelled text whole, wrap it in a list, ``[texts]``.
        soft_targets : array-like of shape (n_samples, n_known_classes), default=None
            Precomputed probabilities of classes for the rows of X: a DataFrame or Arrow table
            with a column for each class, or an array with ``soft_target_classes``, such as one
            of float32 that is mapped from a file, which is not copied. A row of NaN has none. A
            row may sum to 1 only up to rounding, to three decimals or to bfloat16. If there is
            a teacher, they are averaged with its probabilities. For multilabel y the columns
            are those of y, by name where both are DataFrames.
        soft_target_classes : array-like of shape (n_known_classes,), default=None
            The classes of the columns of an array; with a table they must be its columns, as str
            or as they are.

        Returns
        -------
        self : DistilledTextClassifier
            Fitted. A fit that fails leaves the estimator as it was.

        Raises
        ------
        TypeError, ValueError
            If the input is not as described.
        OSError
            If a file of a ``ParquetTexts`` is gone, or a temporary file cannot be written.
        ImportError
            If TensorFlow is missing; the extra ``train`` installs it.
        RuntimeError
            In a process that was forked after TensorFlow had been used, or without eager execution.

        See Also
        --------
        DistilledTextClassifierCV : Chooses hyperparameters by cross-validation.
        skdistill.inspection.distillation_report : Measures whether the second network and the teacher help.

        Notes
        -----
        For multilabel y the scorers of labels ("accuracy", "f1_micro") and of ``decision_function`` ("roc_auc",
        "average_precision") work as they are. Those of ``predict_proba`` mistake the labels for classes: with
        exactly two labels, scikit-learn passes on only the second column, so that "roc_auc_ovr", "roc_auc_ovo" and
        "neg_brier_score" raise an error. "neg_log_loss" is wrong without an error, however many labels there are.
        Use "roc_auc", and for probabilities a scorer of the logits::

            def brier(y, logits):
                return np.mean((y - scipy.special.expit(logits)) ** 2)

            make_scorer(brier, response_method="decision_function", greater_is_better=False)

        Examples
        --------
        >>> from skdistill import DistilledTextClassifier
        >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
        >>> classifier = DistilledTextClassifier(max_iter=3, random_state=0)
        >>> classifier.fit(texts, labels, X_unlabeled=["good music", "a bad day"]).n_iter_
        3
        """
        prepared = self._prepare(
            X,
            y,
            sample_weight,
            validation=(X_val, y_val, sample_weight_val),
            X_unlabeled=X_unlabeled,
            soft_targets=soft_targets,
            soft_target_classes=soft_target_classes,
        )
        return self._train(prepared, Observer(self, X, y, sample_weight, prepared.fitted))

    def _prepare(
        self,
        X,
        y,
        sample_weight,
        *,
        validation=(None, None, None),
        X_unlabeled=None,
        soft_targets=None,
        soft_target_classes=None,
    ):
        """Check what ``fit`` takes, ask the teachers, and return all that training needs; self does not change."""
        parameters, (X_val, y_val, sample_weight_val) = self._parameters(), validation
        check_combinations(parameters)
        check_validation(parameters, X_val, y_val, sample_weight_val)
        earlier = self._earlier_fit()
        analyzer = "precomputed" if is_precomputed(self.tokenizer) else getattr(self.tokenizer, "analyzer", "word")
        documents, X_val, columns = self._check_documents(X, X_val, analyzer, is_first=earlier.tokens is None)
        teachers = check_teachers(self.teacher)
        networks = resolve_networks(parameters, analyzer, earlier.specifications)

        data = make_fit_data(
            documents,
            y,
            sample_weight,
            soft_targets,
            soft_target_classes,
            teachers=teachers,
            class_weight=self.class_weight,
            unlabeled_label=self.unlabeled_label,
            earlier=earlier.targets,
        )
        documents = data.documents  # without rows of weight 0; the tokenizer also reads those held out
        seed, held_out = self._seed(), None
        if X_val is None and self.early_stopping:
            data, held_out = hold_out(data, self.validation_fraction, np.random.default_rng(seed.spawn(1)[0]))
        n_positions = columns.get("n_features_in_")
        pool = make_pool(X_unlabeled, data.documents, analyzer=analyzer, n_positions=n_positions, seed=seed)
        check_sources(parameters, data.is_labelled, data.has_soft_targets, has_pool=pool is not None)

        corpus = Corpus(documents, pool)
        tokens = earlier.tokens or learn_tokens(self.tokenizer, self.n_tokens, corpus, longest_sequence(networks))
        validation = validation_rows(tokens, data, held_out, X_val, y_val, sample_weight_val, self.unlabeled_label)
        shared = SharedWork()
        plan = make_plan(
            parameters,
            networks,
            tokens,
            data,
            initial=earlier.networks,
            seed=seed,
            drawn_as=self._drawn_as,
            read=shared.embeddings,
        )
        _keras.check_available()  # before a teacher is asked, which may take hours
        teachers = make_teachers(
            teachers,
            data,
            cv=self.teacher_cv,
            memory=self.teacher_memory,
            progress=partial(progress_bar, unit="batch", disable=not self.verbose),
        )
        rows = training_rows(data, pool, tokens, teachers)
        fitted = {
            **columns,
            "classes_": data.classes,
            "out_activation_": data.out_activation,
            "tokenizer_": tokens.tokenizer,
            "embedding_coverage_": plan.embedding_coverage,
            "teacher_report_": None if teachers is None else teachers.report(),
            "_n_tokens": tokens.n_tokens,
            "_n_rows": [len(part) for part in rows.parts],
            "_specifications": networks,
        }
        return PreparedFit(plan.for_rows(rows), rows, validation, tokens, data, shared, fitted, analyzer)

    def _check_documents(self, X, X_val, analyzer, is_first):
        """Return checked documents, those of X_val, and what scikit-learn records about the columns of token ids."""
        probe = copy(self)  # records the columns, since self does not change before the fit has succeeded
        documents = check_documents(probe, X, analyzer, reset=is_first)
        if X_val is not None:
            X_val = check_documents(probe, X_val, analyzer, reset=False, name="X_val")
        has_columns = analyzer == "precomputed"
        return documents, X_val, {name: vars(probe)[name] for name in _COLUMNS if has_columns and name in vars(probe)}

    def _train(self, prepared, observer):
        """Train the networks, and set the fitted attributes when all has succeeded."""
        trained, history, best_epoch = _keras.train(
            prepared.plan, prepared.rows, prepared.validation, observer, prepared.shared
        )
        fitted = prepared.fitted | fitted_networks(trained)
        fitted |= {"history_": history, "n_iter_": len(history["loss"]), "best_iter_": best_epoch}
        fitted |= {f"{name}_": value for name, value in prepared.plan.chosen.items()}
        observer.end(fitted)
        for name in _COLUMNS:  # of an earlier fit on token ids
            vars(self).pop(name, None)
        vars(self).update(fitted)
        return self

    def _parameters(self):
        # By the names of this class: the constructor of a subclass need not take them all.
        return SimpleNamespace(**{name: getattr(self, name) for name in DistilledTextClassifier._get_param_names()})

    def _earlier_fit(self):
        if not (self.warm_start and hasattr(self, "_networks")):
            return _EarlierFit()
        return _EarlierFit(
            targets=(self.classes_, TARGET_TYPES[self.out_activation_]),
            tokens=Tokens(self.tokenizer_, self._n_tokens),
            specifications=self._specifications,
            networks=self._networks,
        )

    def _seed(self):
        numbers = check_random_state(self.random_state).randint(2**31, size=4)
        return np.random.SeedSequence(numbers.tolist())

    @property
    def main_(self) -> NetworkClassifier:
        """The main network as a fitted classifier."""
        check_is_fitted(self)
        return self._classifier_of("main")

    @property
    def auxiliary_(self) -> NetworkClassifier | None:
        """The auxiliary network as a fitted classifier; None without one."""
        check_is_fitted(self)
        return self._classifier_of("auxiliary") if "auxiliary" in self._networks else None

    def extract(
        self,
        network: str | None = None,
        *,
        max_bytes: int | None = None,
        X: Any = None,
        y: Any = None,
        temperature: float | str = "auto",
        max_iter: int = 8,
    ) -> ExtractedClassifier:
        """Return a trained network as a small classifier that predicts without TensorFlow.

        Parameters
        ----------
        network : {"main", "auxiliary"} or None, default=None
            Which network. If None, that of ``predict_with``.
        max_bytes : int or None, default=None
            The largest size of its file. The network is compressed as by
            ``ExtractedClassifier.compress``, with the main network as the teacher. If None,
            it is not compressed.
        X : collection of str of length n_samples, default=None
            Texts to retrain the compressed network on, such as the training texts; those of a ``ParquetTexts``
            are read into memory. If None, it is only pruned and rounded.
        y : array-like of shape (n_samples,) or (n_samples, n_labels), default=None
            Their labels, for the report in ``compression_`` only.
        temperature : float or "auto", default="auto"
            Divides the logits of both networks in retraining, see ``ExtractedClassifier.compress``.
        max_iter : int, default=8
            Passes over X; half as many with rounded weights follow.

        Returns
        -------
        classifier : ExtractedClassifier
            Fitted and frozen.

        Raises
        ------
        ValueError
            If a callable built the network, because only Keras can run it; or for None with
            ``predict_with="ensemble"``, which is two networks.

        See Also
        --------
        ExtractedClassifier.compress : Makes the network small enough for a number of bytes.
        save : Saves both networks and the parameters.

        Examples
        --------
        >>> from skdistill import DistilledTextClassifier
        >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
        >>> student = DistilledTextClassifier(random_state=0).fit(texts, labels).extract("auxiliary")
        >>> student.predict(["good"]).tolist()
        ['pos']
        """
        if max_bytes is None and X is not None:
            raise ValueError("X is for compression, which needs max_bytes. Got max_bytes=None.")
        self._trained(network)
        role = network or self.predict_with
        self._check_built_in(role, "extracted")
        classifier = self._classifier_of(role)
        if max_bytes is None:
            return classifier
        return classifier.compress(
            max_bytes,
            X=X,
            y=y,
            teacher=None if X is None else self.main_,
            temperature=temperature,
            max_iter=max_iter,
            random_state=self.random_state,
        )

    def save(self, path: str | PathLike, *, metadata: Mapping[str, Any] | str | None = None) -> None:
        """Write the fitted classifier to a file, which ``skdistill.load`` and ``skdistill.runtime.load`` read.

        The file holds parameters, fitted attributes and both networks, and no code and no pickle. The teacher, its
        memory, callbacks and word vectors are left out: ``fit`` after ``load`` says which of them are missing. To
        predict only, save what ``extract`` returns, which is smaller. If the process dies while writing, an
        earlier file stays as it was.

        Parameters
        ----------
        path : str or path-like
            The file, such as "classifier.skd".
        metadata : mapping, str or None, default=None
            Facts about the model to store in the file, such as scores: values of JSON by name, or a note.

        Raises
        ------
        TypeError
            If the analyzer of the tokenizer is a function, or the classes are not all str, int, bool or float.
        ValueError
            If a callable built a network, because only Keras can save it.

        See Also
        --------
        skdistill.load : Loads the classifier.
        extract : Returns a network that takes less space.

        Examples
        --------
        >>> import skdistill
        >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
        >>> classifier = skdistill.DistilledTextClassifier(random_state=0).fit(texts, labels)
        >>> classifier.save("classifier.skd")  # doctest: +SKIP
        >>> skdistill.load("classifier.skd").predict(["good"])  # doctest: +SKIP
        array(['pos'], dtype='<U3')
        """
        check_is_fitted(self)
        if type(self) is not DistilledTextClassifier:
            raise TypeError(
                f"Only a DistilledTextClassifier itself can be saved. Got {type(self).__name__}: use pickle."
            )
        for role in self._networks:
            self._check_built_in(role, "saved")
        written = {"classes_", "out_activation_", "tokenizer_", *_COLUMNS}  # besides the other attributes
        attributes = {name: value for name, value in vars(self).items() if name.endswith("_") and name not in written}
        attributes |= {name: getattr(self, name) for name in ("_n_tokens", "_n_rows", "_specifications")}
        estimator, left_out = estimator_values(self.get_params(deep=False), attributes)
        training = {"training": self._training_facts(self.predict_with), "left_out": left_out}
        data = model_bytes(
            self._networks,
            self.classes_,
            self.out_activation_,
            self.tokenizer_,
            predict_with=self.predict_with,
            n_positions=getattr(self, "n_features_in_", None),
            position_names=getattr(self, "feature_names_in_", None),
            estimator=estimator,
            metadata=training | check_metadata(metadata),
        )
        write_atomically(path, data)

    def to_keras(self, network: str | None = None) -> Any:
        """Return a trained network as a Keras model.

        The model of a built-in network consists of Keras' own layers and operations. A saved
        model can be loaded by ``keras.models.load_model`` of the same or a newer Keras, on
        the TensorFlow backend, without this package. It can be trained further: its weights
        are the vectors and the kernels; what training saw, such as the known n-grams, is
        constant.

        Parameters
        ----------
        network : {"main", "auxiliary"} or None, default=None
            Which network. If None, that of ``predict_with``, which must not be "ensemble"
            then.

        Returns
        -------
        model : keras.Model
            From padded token ids, as ``tokenizer_.transform`` gives them, to logits. Padding
            (id 0) may be anywhere. Unknown tokens have no spelling there, so their character
            n-grams are missing. For a network that a callable built, the trained model
            itself.

        See Also
        --------
        extract : Returns a classifier that needs neither Keras nor TensorFlow.

        Examples
        --------
        >>> from skdistill import DistilledTextClassifier
        >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
        >>> classifier = DistilledTextClassifier(random_state=0).fit(texts, labels)
        >>> classifier.to_keras()(classifier.tokenizer_.transform(["good"])).shape
        TensorShape([1, 2])
        """
        return _keras.to_keras(self._trained(network))

    def _trained(self, network):
        check_is_fitted(self)
        if network is None:
            network = self.predict_with
            if network == "ensemble":
                raise ValueError(
                    "network must be 'main' or 'auxiliary' with predict_with='ensemble', which is both. Got None."
                )
        if network not in ("main", "auxiliary"):
            raise ValueError(f"network must be 'main' or 'auxiliary'. Got {network!r}.")
        if network not in self._networks:
            raise ValueError("There is no auxiliary network: the classifier was fitted with auxiliary=None.")
        return self._networks[network]

    def _check_built_in(self, role, what):
        """Raise a ValueError if a network is a Keras model, which cannot be extracted or saved here."""
        if isinstance(self._networks[role], _keras.CustomNetwork):
            raise ValueError(
                f"The {role} network was built by a callable and predicts with Keras: it cannot be {what}. "
                f"to_keras({role!r}) returns the trained keras.Model, which has a method save."
            )

    def _training_facts(self, network):
        """Return plain values that a file stores about the training."""
        defaults = DistilledTextClassifier().get_params(deep=False)
        parameters = {name: encode_parameter(name, value) for name, value in self.get_params(deep=False).items()}
        # While a callback scores the network after an epoch, there is no history yet.
        scores = getattr(self, "history_", {}).get(f"{network}_validation_score", [])
        return {
            "network": network,
            "rows": self._n_rows,
            "epochs": getattr(self, "n_iter_", None),
            **({"validation_score": float(max(scores))} if scores else {}),
            "parameters": {name: value for name, value in parameters.items() if value != defaults.get(name)},
        }

    def _classifier_of(self, role):
        """Return a trained network as a classifier that shares its arrays, so that they are stored once."""
        trained = self._networks[role]
        kind = NetworkClassifier if isinstance(trained, _keras.CustomNetwork) else ExtractedClassifier
        return kind.from_predictor(
            trained.predictor,
            self.classes_,
            tokenizer=self.tokenizer_,
            out_activation=self.out_activation_,
            n_features_in=getattr(self, "n_features_in_", None),
            feature_names_in=getattr(self, "feature_names_in_", None),
            training=self._training_facts(role),
        )

    def _predictors(self):
        check_is_fitted(self)
        if self.predict_with not in ("main", "auxiliary", "ensemble"):  # it may have been set since the fit
            raise ValueError(f"predict_with must be 'main', 'auxiliary' or 'ensemble'. Got {self.predict_with!r}.")
        roles = ("main", "auxiliary") if self.predict_with == "ensemble" else (self.predict_with,)
        return [self._trained(role).predictor for role in roles]

    def _sk_visual_block_(self):
        tokenizer = None if is_precomputed(self.tokenizer) else object_of("tokenizer", self.tokenizer)
        values = {"main": (self.main, self.main_units), "auxiliary": (self.auxiliary, self.auxiliary_units)}
        networks = {
            role: resolve_network(network, units, role)
            for role, (network, units) in values.items()
            if network is not None
        }
        return networks_block(tokenizer, networks, getattr(self, "_networks", {}), self.teacher)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = not is_precomputed(self.tokenizer)
        tags.input_tags.two_d_array = is_precomputed(self.tokenizer)
        tags.input_tags.categorical = tags.input_tags.positive_only = is_precomputed(self.tokenizer)
        tags.classifier_tags.multi_label = True
        return tags
