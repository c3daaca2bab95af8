"""Teachers: classifiers of any kind whose predicted probabilities the networks learn.

They see documents as the user passed them, before tokens and networks. Classifiers of scikit-learn are
passed as ``teacher=`` directly; these adapters are for other models and their answers. They import
none of the models' libraries:

HuggingFaceTeacher
    A text-classification or zero-shot pipeline of transformers.
SentenceTransformerTeacher
    A classifier of sentence embeddings, which is fitted on the labelled rows.
SetFitTeacher
    A trained model of SetFit.
FunctionTeacher
    A function from texts to answers, such as one that asks a language model.
read_answers, write_answers
    Answers in files.
"""

from ._answer_files import read_answers, write_answers
from ._function import FunctionTeacher
from ._hugging_face import HuggingFaceTeacher
from ._sentence_transformer import SentenceTransformerTeacher
from ._setfit import SetFitTeacher

__all__ = [
    "FunctionTeacher",
    "HuggingFaceTeacher",
    "SentenceTransformerTeacher",
    "SetFitTeacher",
    "read_answers",
    "write_answers",
]
