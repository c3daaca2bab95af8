"""Small untrained models of other libraries, made without a download."""

from tempfile import TemporaryDirectory

import numpy as np
import pytest
from conftest import BAD, GOOD, PLAIN

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *GOOD, *BAD, *PLAIN, "this", "is", "praise", "blame", "neutral"]


def word_tokenizer(limit=32):
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    limits = {} if limit is None else {"model_max_length": limit}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names, **limits)


def bert_config(**options):
    from transformers import BertConfig

    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    return BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, initializer_range=0.5, **sizes, **options)


def make_pipeline(task="text-classification", limit=32, seed=0, **options):
    """A pipeline around an untrained BERT of two layers, on one thread of the processor."""
    pytest.importorskip("torch").manual_seed(seed)
    transformers = pytest.importorskip("transformers")
    if "labels" in options:
        options["id2label"] = dict(enumerate(options.pop("labels")))
        options["label2id"] = {label: number for number, label in options["id2label"].items()}
    given = options.pop("given", {})
    model = transformers.BertForSequenceClassification(bert_config(**options))
    return transformers.pipeline(task, model=model, tokenizer=word_tokenizer(limit), device="cpu", **given)


def sentence_encoder(seed=0):
    """An untrained sentence transformer: a BERT of two layers, and the mean of its vectors."""
    torch = pytest.importorskip("torch")
    sentence_transformers = pytest.importorskip("sentence_transformers")
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertModel

    torch.manual_seed(seed)
    with TemporaryDirectory() as folder:
        BertModel(bert_config()).save_pretrained(folder)
        word_tokenizer().save_pretrained(folder)
        modules = [Transformer(folder, max_seq_length=32), Pooling(16)]
    return sentence_transformers.SentenceTransformer(modules=modules, device="cpu")


def static_model():
    tokenizers, model2vec = pytest.importorskip("tokenizers"), pytest.importorskip("model2vec")
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return model2vec.StaticModel(np.random.default_rng(0).normal(size=(len(WORDS), 8)), tokenizer)
