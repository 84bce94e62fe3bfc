"""What Whisper's special tokens are called, and which tokens a transcript may not hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.errors import AhasdError, UnknownNameError

#: Seconds between two timestamps (Radford et al., arXiv 2212.04356, section 2.3).
TIMESTAMP_S = 0.02

#: The first timestamp of a window is at most so late: 1 s (openai/whisper, ``DecodingOptions``).
FIRST_TIMESTAMP_S = 1.0

#: A name that the special tokens of the three generations of Whisper differ in.
_NO_SPEECH = ("<|nospeech|>", "<|nocaptions|>")


@dataclass(frozen=True, slots=True)
class SpeechVocabulary:
    """The tokens of a Whisper model.

    Parameters
    ----------
    tokenizer
        A `tokenizers.Tokenizer`.
    size
        Number of logits.
    suppressed
        Never written (symbols that are not spoken, special tokens).
    suppressed_first
        Not written at the beginning: a blank, and the end.
    """

    tokenizer: Any
    size: int
    suppressed: tuple[int, ...]
    suppressed_first: tuple[int, ...]

    def special(self, name: str) -> int:
        """Give the id of a special token.

        Raises
        ------
        AhasdError
            The tokenizer has none of that name.
        """
        token = self.tokenizer.token_to_id(name)
        if token is None or token >= self.size:
            raise AhasdError(f"the tokenizer lacks {name}; this is not the tokenizer of a Whisper model")
        return int(token)

    @property
    def end(self) -> int:
        """The token that ends a text."""
        return self.special("<|endoftext|>")

    @property
    def no_speech(self) -> int | None:
        """The token whose probability after the first one says that nobody speaks; None where there is none."""
        found = (self.tokenizer.token_to_id(name) for name in _NO_SPEECH)
        return next((token for token in found if token is not None and token < self.size), None)

    @property
    def timestamp_begin(self) -> int:
        """The token <|0.00|>: timestamps are the last tokens of the vocabulary."""
        return self.special("<|notimestamps|>") + 1

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that it can be asked for; only en where it is of English alone.

        The vocabulary of the English models names languages all the same, and is one token shorter.
        """
        first, last = self.special("<|startoftranscript|>") + 1, self.special("<|translate|>")
        if last - first < 2 or self.size == ENGLISH_SIZE:
            return ("en",)
        return tuple(self.tokenizer.id_to_token(token)[2:-2] for token in range(first, last))

    def prompt(self, language: str, timestamps: bool) -> tuple[int, ...]:
        """Give the tokens that a transcript begins with.

        Raises
        ------
        UnknownNameError
            The model does not have the language.
        """
        languages = self.languages
        if language not in languages:
            raise UnknownNameError("language of this model", language, languages)
        tokens = [self.special("<|startoftranscript|>")]
        if len(languages) > 1:
            tokens += [self.special(f"<|{language}|>"), self.special("<|transcribe|>")]
        return tuple(tokens if timestamps else [*tokens, self.special("<|notimestamps|>")])

    def text(self, tokens: Sequence[int]) -> str:
        """Give the text of tokens, without special ones and timestamps."""
        end = self.end
        return str(self.tokenizer.decode([token for token in tokens if token < end]))


#: Entries of the vocabulary of tiny.en to medium.en; the multilingual ones have 51,865 or more.
ENGLISH_SIZE = 51864
