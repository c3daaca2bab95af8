"""From documents to token sequences: the tokenizer, streams, synthetic documents and word vectors.

Import from the modules. This package imports none of them, so that the word vectors can be
read without scikit-learn.
"""
