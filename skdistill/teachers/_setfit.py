"""Trained models of SetFit as teachers."""

from numbers import Integral

import numpy as np

from .._input.classes import as_classes
from .._input.documents import check_texts
from .._sklearn import Interval
from ._frozen import TrainedModel
from ._hashing import state_of_model
from ._loaded import instead_of, well_formed


class SetFitTeacher(TrainedModel):
    """A trained model of SetFit, used as it is.

    A model with a ``multi_target_strategy`` is for a multilabel y, with its columns in the same
    order.

    Parameters
    ----------
    model : setfit.SetFitModel
        The trained model.
    batch_size : int, default=32
        Texts per batch of the model.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        ``model.labels`` or, if they are None, the classes of the model's head.

    Raises
    ------
    TypeError
        When it is used, if the model is not a ``SetFitModel``.
    ValueError
        When it is used, if the model's head is not trained, or there is no label for a class.

    See Also
    --------
    SentenceTransformerTeacher : A classifier of sentence embeddings, which is fitted.
    HuggingFaceTeacher : A pipeline of transformers.

    Examples
    --------
    >>> from skdistill.teachers import SetFitTeacher
    >>> from setfit import SetFitModel  # doctest: +SKIP
    >>> teacher = SetFitTeacher(SetFitModel.from_pretrained("my-setfit-model"))  # doctest: +SKIP
    >>> teacher.predict(["a lovely film"])  # doctest: +SKIP
    array(['pos'], dtype='<U3')
    >>> teacher.predict_proba(["a lovely film"]).shape  # doctest: +SKIP
    (1, 2)
    """

    _parameter_constraints = {
        "model": "no_validation",  # checked by ``_numbers``
        "batch_size": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, model, batch_size=32):
        self.model = model
        self.batch_size = batch_size

    @property
    def classes_(self):
        """The classes of the columns of ``predict_proba``."""
        numbers = self._numbers()
        labels = self.model.labels
        if not labels or numbers.dtype.kind not in "iub":  # a head that was trained on names has them
            return numbers
        if numbers.max() >= len(labels):
            raise ValueError(f"The labels of the SetFit model must name each of its classes. Got {labels}.")
        return as_classes([labels[number] for number in numbers.tolist()])

    def predict_proba(self, X):
        """Return the probabilities that the model predicts.

        Parameters
        ----------
        X : list of str
            The texts.

        Returns
        -------
        probabilities : ndarray of shape (n_texts, n_classes)
            One column per class, in the order of ``classes_``.

        See Also
        --------
        predict : The most probable classes.
        """
        self._validate_params()
        self._numbers()  # an error in the model before the texts are embedded
        found = self.model.predict_proba(
            well_formed(check_texts(X)), batch_size=self.batch_size, as_numpy=True, show_progress_bar=False
        )
        probabilities = np.asarray(found, dtype=np.float64)
        return probabilities[:, :, 1] if probabilities.ndim == 3 else probabilities  # of each label, both 0 and 1

    def _numbers(self):
        """Return the classes of the head; of a multilabel model, the numbers of its labels."""
        head = getattr(self.model, "model_head", None)
        if head is None or not hasattr(self.model, "predict_proba"):
            got = instead_of("setfit.SetFitModel.from_pretrained({})", self.model)
            raise TypeError(f"model must be a SetFitModel. Got {got}.")
        if hasattr(head, "out_features"):  # of PyTorch
            return np.arange(head.out_features)
        if not hasattr(head, "classes_"):
            raise ValueError("model must be a trained SetFitModel. Got one whose head is not fitted.")
        return np.arange(len(head.classes_)) if self._is_multilabel else np.asarray(head.classes_)

    @property
    def _is_multilabel(self):
        is_head = getattr(self.model.model_head, "multitarget", False)  # of PyTorch
        return is_head or self.model.multi_target_strategy is not None

    def _hashed_state(self):
        body, head = self.model.model_body, self.model.model_head
        settings = self.model.normalize_embeddings, getattr(head, "temperature", None)
        return self.classes_, settings, state_of_model(body), state_of_model(head)
