"""From documents to token sequences: the tokenizer, streams, synthetic text and word vectors."""
