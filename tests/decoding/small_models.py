"""Models that take no time: random ones of transformers, and tables whose distributions are known."""

import torch
import transformers

from ahasd.decoding.models.language_model import LanguageModel

from .cached_tokens import CachedTokens


def random_model(name="random", seed=0, vocabulary=61, **given):
    """A random causal model without a tokenizer or end token; its logits are far from flat."""
    torch.manual_seed(seed)
    values = {
        "model_type": "llama",
        "vocab_size": vocabulary,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "max_position_embeddings": 512,
        "tie_word_embeddings": False,
        "eos_token_id": None,
        "bos_token_id": None,
        "pad_token_id": None,
    } | given
    config = transformers.AutoConfig.for_model(**values)
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.4)
    return LanguageModel(name, model, None)


@torch.no_grad()
def whole_logits(language_model, tokens):
    """Logits after each token of a text, without a cache."""
    return language_model.model(torch.tensor([tokens]), use_cache=False).logits[0].float()


class TableRunner(CachedTokens):
    """A first-order Markov model: the logits depend on the last token alone."""

    def __init__(self, logits, name="table", context_limit=None):
        super().__init__()
        self.name, self.context_limit, self.end_tokens = name, context_limit, frozenset()
        self.table = torch.as_tensor(logits, dtype=torch.float32)
        self.vocabulary_size = len(self.table)
        self.device, self.dtype = self.table.device, torch.float32

    def forward(self, tokens, rows=None):
        assert len(tokens) > 0
        assert self.context_limit is None or self.length + len(tokens) <= self.context_limit
        self.cached += tokens
        wanted = len(tokens) if rows is None else rows
        return self.table[torch.tensor(tokens[len(tokens) - wanted :], dtype=torch.long)]
