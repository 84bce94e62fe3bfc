"""The tokenizer that a ``.gguf`` file holds."""

from typing import Any

from ahasd.decoding.backend import transformers
from ahasd.decoding.models.gguf_file import GgufFile
from ahasd.decoding.models.model_folder import naming
from ahasd.errors import AhasdError

#: Kinds of tokens (GGUF specification): never produced by text, and given by the user.
_CONTROL, _USER_DEFINED = 3, 4

_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN2 = _LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")

#: How text is split before its bytes are merged, one expression after another, by ``tokenizer.ggml.pre``
#: (llama.cpp, ``llm_tokenizer_bpe``). Another split gives other tokens, so what is not here is refused.
_SPLITS = {
    "default": (_GPT2,),
    "gpt-2": (_GPT2,),
    "smollm": (r"\p{N}", _GPT2),
    "llama-bpe": (_LLAMA3,),
    "qwen2": (_QWEN2,),
}

#: Splits whose vocabularies take a whole piece that is a token, whatever the merges say (``ignore_merges``).
_WHOLE_PIECES = frozenset({"llama-bpe"})


def read_tokenizer(file: GgufFile) -> Any:
    """Make the tokenizer (`PreTrainedTokenizerBase`); byte-level BPE here, SentencePiece by transformers.

    Raises
    ------
    AhasdError
        The file holds another kind, or splits its text in a way that is not known.
    """
    kind = file.value("tokenizer.ggml.model")
    if kind == "gpt2":
        with naming(f"model {file.path}: its tokenizer makes no sense"):
            return _byte_level(file)
    if kind == "llama":
        with naming(f"model {file.path}: transformers cannot read its tokenizer"):
            return transformers.AutoTokenizer.from_pretrained(
                file.path.parent, gguf_file=file.path.name, local_files_only=True
            )
    raise AhasdError(f"model {file.path}: its tokenizer is '{kind}'; of .gguf files gpt2 and llama are read")


def _byte_level(file: GgufFile) -> Any:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors

    split = file.value("tokenizer.ggml.pre", "default")
    if split not in _SPLITS:
        raise AhasdError(
            f"model {file.path}: its tokenizer splits text in the way '{split}'; known are {', '.join(_SPLITS)}. "
            "Give the folder that the file was made from"
        )
    tokens: list[str] = file.value("tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ")) for merge in file.value("tokenizer.ggml.merges")]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=split in _WHOLE_PIECES))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            *(pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in _SPLITS[split]),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    kinds = file.value("tokenizer.ggml.token_type", [1] * len(tokens))
    tokenizer.add_tokens(
        [
            AddedToken(token, special=kind == _CONTROL, normalized=False)
            for token, kind in zip(tokens, kinds, strict=True)
            if kind in (_CONTROL, _USER_DEFINED)
        ]
    )
    special = {
        name: tokens[token]
        for name, entry in (
            ("bos_token", "bos"),
            ("eos_token", "eos"),
            ("unk_token", "unknown"),
            ("pad_token", "padding"),
        )
        if (token := file.value(f"tokenizer.ggml.{entry}_token_id", None)) is not None
    }
    if file.value("tokenizer.ggml.add_bos_token", False):
        begin = special["bos_token"]
        tokenizer.post_processor = processors.Sequence(
            [
                processors.ByteLevel(trim_offsets=False),
                processors.TemplateProcessing(
                    single=f"{begin} $A",
                    pair=f"{begin} $A {begin} $B",
                    special_tokens=[(begin, vocabulary[begin])],
                ),
            ]
        )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        chat_template=file.value("tokenizer.chat_template", None),
        model_max_length=int(file.value(f"{file.architecture}.context_length")),
        clean_up_tokenization_spaces=False,
        **special,
    )
