"""Which models share a tokenizer.

A `config.json` does not say. We derive a family from the architecture and the size of the vocabulary, which
tells apart all published tokenizers of the supported architectures that we know of; padding and a few added
tokens are allowed for. A model that uses another tokenizer of the same size is not noticed: a field
`tokenizer_family` in the `config.json` overrides the derivation.
"""

#: Architectures, vocabulary sizes, family.
KNOWN: tuple[tuple[frozenset[str], range, str], ...] = (
    # LLaMA 1 and 2 share one; Vicuna adds a token, Code Llama 16, padding to 64 is usual.
    (frozenset({"llama"}), range(32000, 32065), "llama2"),
    (frozenset({"llama"}), range(128256, 128321), "llama3"),
    (frozenset({"mistral"}), range(32000, 32065), "mistral"),
    (frozenset({"mistral"}), range(32768, 32833), "mistral-v3"),
    (frozenset({"mistral"}), range(131072, 131137), "tekken"),
    # OPT has GPT-2's merges but numbers the tokens otherwise, so the two cannot verify each other.
    (frozenset({"opt"}), range(50265, 50305), "opt"),
    (frozenset({"gpt2"}), range(50257, 50305), "gpt2"),
    # Qwen2, 2.5 and 3 share one; Qwen3 gives four of the spare numbers a meaning.
    (frozenset({"qwen2", "qwen3"}), range(151643, 152065), "qwen2"),
    (frozenset({"palm"}), range(256000, 256065), "palm"),
)


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
