"""Whisper models of random weights that take no time, with tokenizers of their own, in folders of transformers."""

import json

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

WORDS = "the ship sailed on until the storm had passed and nobody spoke of it again in all those years"

#: Their order is Whisper's.
SPECIAL = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|de|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
]


def tokenizer(words=WORDS, size=290):
    """A byte-level tokenizer as Whisper's is; other words give other merges."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    made.train_from_iterator([words], trainer)
    times = [f"<|{step * 0.02:.2f}|>" for step in range(1501)]
    made.add_special_tokens(SPECIAL + times)
    return made


def small_whisper(folder, seed=0, words=WORDS, layers=2, shaken=0.0, shaken_encoder=0.0, **given):
    """Save a model and return its folder; one that is shaken is nearly the unshaken one of the same seed."""
    made = tokenizer(words)
    end = made.token_to_id("<|endoftext|>")
    torch.manual_seed(seed)
    config = transformers.WhisperConfig(
        vocab_size=made.get_vocab_size(),
        d_model=16,
        encoder_layers=1,
        decoder_layers=layers,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=32,
        max_target_positions=64,
        eos_token_id=end,
        bos_token_id=end,
        pad_token_id=end,
        decoder_start_token_id=end + 1,
        **given,
    )
    model = transformers.WhisperForConditionalGeneration(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" not in name:
                weight.normal_(0, 0.25)
        for side, much in (("encoder", shaken_encoder), ("decoder", shaken)):
            for weight in getattr(model.model, side).parameters():
                weight += much * torch.randn_like(weight)
        # Without this, a random model's text hardly ever ends.
        model.model.decoder.embed_tokens.weight[end] *= 1.5
    model.generation_config.suppress_tokens = [*range(end + 1, end + len(SPECIAL)), 5]
    model.generation_config.begin_suppress_tokens = [220 % end, end]
    model.save_pretrained(folder)
    made.save(str(folder / "tokenizer.json"))
    return folder


def ct2_config(folder, model):
    """Write what CTranslate2 keeps beside its file."""
    lists = {
        "suppress_ids": list(model.vocabulary.suppressed),
        "suppress_ids_begin": list(model.vocabulary.suppressed_first),
    }
    (folder / "config.json").write_text(json.dumps(lists))
