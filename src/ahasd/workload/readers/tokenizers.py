"""Which models share a tokenizer, where no tokenizer lies beside the `config.json`.

A `config.json` does not say. We derive a family from the architecture and the size of the vocabulary, which tells
apart most published tokenizers of the supported architectures; padding and a few added tokens are allowed for. Some
models use another tokenizer of the same size: those that we know of are told by their names, and a pair that rests on
a derived family is said not to have been checked. A field `tokenizer_family` in the `config.json` settles it.
"""

import re

#: Architectures, vocabulary sizes, family.
KNOWN: tuple[tuple[frozenset[str], range, str], ...] = (
    # LLaMA 1 and 2 share one; Vicuna adds a token, Code Llama 16, padding to 64 is usual.
    (frozenset({"llama"}), range(32000, 32065), "llama2"),
    (frozenset({"llama"}), range(128256, 128321), "llama3"),
    (frozenset({"mistral", "mixtral"}), range(32000, 32065), "mistral"),
    (frozenset({"mistral", "mixtral"}), range(32768, 32833), "mistral-v3"),
    (frozenset({"mistral"}), range(131072, 131137), "tekken"),
    # OPT has GPT-2's merges but numbers the tokens otherwise, so the two cannot verify each other.
    (frozenset({"opt"}), range(50265, 50305), "opt"),
    (frozenset({"gpt2", "gpt_neo", "gptj"}), range(50257, 50401), "gpt2"),
    # Phi has CodeGen's: GPT-2's with runs of blanks.
    (frozenset({"codegen", "phi"}), range(50295, 51201), "codegen"),
    # GPT-NeoX, Pythia and MPT share one, padded to different sizes.
    (frozenset({"gpt_neox", "mpt"}), range(50254, 50689), "gpt-neox"),
    (frozenset({"bloom"}), range(250680, 250881), "bloom"),
    (frozenset({"falcon"}), range(65024, 65089), "falcon"),
    (frozenset({"olmo2", "olmo3"}), range(100278, 100353), "olmo2"),
    (frozenset({"bitnet"}), range(128256, 128321), "llama3"),
    # Gemma 1 and 2 share one, to which PaliGemma adds places in pictures; so do Gemma 3 and 3n another.
    (frozenset({"gemma", "gemma2", "vaultgemma"}), range(256000, 257217), "gemma"),
    (frozenset({"gemma3_text", "gemma3n_text"}), range(262144, 262401), "gemma3"),
    # Qwen2, 2.5 and 3 share one; Qwen3 gives four of the spare numbers a meaning.
    (
        frozenset({"qwen2", "qwen3", "qwen2_moe", "qwen3_moe", "qwen3_next"}),
        range(151643, 152065),
        "qwen2",
    ),
    (frozenset({"qwen3_5_text", "qwen3_5_moe_text"}), range(248044, 248385), "qwen3.5"),
    (frozenset({"palm"}), range(256000, 256065), "palm"),
)

#: Published models whose tokenizer is not the one that architecture and size suggest, by their names.
NAMED: tuple[tuple[str, str], ...] = (
    # OpenLLaMA has LLaMA's shapes and size of vocabulary, and tokenizers of its own (its model cards).
    (r"open.?llama.*v2", "open-llama-v2"),
    (r"open.?llama", "open-llama"),
    # SOLAR began with Mistral's weights in LLaMA's architecture (arXiv 2312.15166).
    (r"solar-10\.7b", "mistral"),
)


def tokenizer_by_name(name: str) -> str | None:
    """Family of a published model's tokenizer, if it is one of the exceptions.

    Examples
    --------
    >>> tokenizer_by_name("openlm-research/open_llama_3b")
    'open-llama'
    """
    return next((family for pattern, family in NAMED if re.search(pattern, name.lower())), None)


def tokenizer_family(architecture: str, vocabulary_size: int) -> str:
    """Family of a model's tokenizer; one that is not known gets a family of architecture and vocabulary size.

    Examples
    --------
    >>> tokenizer_family("qwen2", 152064)
    'qwen2'
    >>> tokenizer_family("llama", 1024)
    'llama-1024'
    """
    for architectures, sizes, family in KNOWN:
        if architecture in architectures and vocabulary_size in sizes:
            return family
    return f"{architecture}-{vocabulary_size}"
