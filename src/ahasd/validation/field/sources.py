"""Which rows of the record come from one hand."""

import re


def project_of(source: str) -> str:
    """The project that a source belongs to: a repository with all its files, a thread, a page.

    Threads of one repository are apart, since other people write in them; a benchmark's files and threads are not.

    Examples
    --------
    >>> project_of("github.com/owner/bench results/a.json@451748f"), project_of("ggml-org/llama.cpp#10664")
    ('owner/bench', 'ggml-org/llama.cpp#10664')
    """
    first = source.removeprefix("github.com/").split(" ")[0]
    name = re.sub(r"@\w+$", "", first)
    # A benchmark that collects its rows in threads of its own.
    return name.split("#")[0] if name.startswith("sudoingX/") else name
