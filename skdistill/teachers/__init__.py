"""Teachers: classifiers of any kind whose predicted probabilities the networks learn.

They see documents as the user passed them, before tokens and networks. Classifiers of scikit-learn need no more than
to be passed as ``teacher=``; this one is for models of other libraries, none of which is imported here:

SentenceTransformerTeacher
    A classifier of sentence embeddings, which is fitted on the labelled rows.
"""

from ._sentence_transformer import SentenceTransformerTeacher

__all__ = ["SentenceTransformerTeacher"]
