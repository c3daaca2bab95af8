"""Teachers: classifiers of any kind whose predicted probabilities the networks learn.

They see documents as the user passed them, before tokens and networks. Trained models of other
kinds become teachers by these names:

FunctionTeacher
    A function from texts to answers, such as one that asks a language model.
read_answers, write_answers
    Answers in files.
"""

from ._answer_files import read_answers, write_answers
from ._function import FunctionTeacher

__all__ = ["FunctionTeacher", "read_answers", "write_answers"]
