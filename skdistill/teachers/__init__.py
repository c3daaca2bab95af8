"""Teachers: classifiers of any kind whose predicted probabilities the networks learn.

They see documents as the user passed them, before tokens and networks. Classifiers of scikit-learn need no more than
to be passed as ``teacher=``; these are for models of other libraries, none of which is imported here:

HuggingFaceTeacher
    A text-classification or zero-shot pipeline of transformers.
SentenceTransformerTeacher
    A classifier of sentence embeddings, which is fitted on the labelled rows.
SetFitTeacher
    A trained model of SetFit.
"""

from ._hugging_face import HuggingFaceTeacher
from ._sentence_transformer import SentenceTransformerTeacher
from ._setfit import SetFitTeacher

__all__ = ["HuggingFaceTeacher", "SentenceTransformerTeacher", "SetFitTeacher"]
