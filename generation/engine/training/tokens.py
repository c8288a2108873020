"""The small tokenizer of klein-mini: Qwen's rules, a vocabulary of map words, a chat template."""

from __future__ import annotations

import json

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    trainers,
)
from transformers import Qwen2TokenizerFast

from generation.engine.training.wording import all_wordings

VOCABULARY = 1536
END = "<|endoftext|>"
TURN_END = "<|im_end|>"
SPECIAL = (END, "<|im_start|>", TURN_END, "<think>", "</think>")

CHAT_TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}"
    "{{- '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}"
    "{{- '<think>\\n\\n</think>\\n\\n' }}"
    "{%- endif %}"
    "{%- endif %}"
)

_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def build_tokenizer(text_tokens: int) -> Qwen2TokenizerFast:
    """Return a byte-level tokenizer that knows the words of maps and can spell all others.

    Args:
        text_tokens: longest prompt in tokens.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=1,
        show_progress=False,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator([*all_wordings(), "user\n", "assistant\n", "\n\n"], trainer)
    vocabulary, merges = _parts(tokenizer)
    return Qwen2TokenizerFast(
        vocab=vocabulary,
        merges=merges,
        eos_token=TURN_END,
        pad_token=END,
        unk_token=END,
        extra_special_tokens=[AddedToken(token, special=True) for token in SPECIAL[1:]],
        chat_template=CHAT_TEMPLATE,
        model_max_length=text_tokens,
        padding_side="right",
    )


def _parts(tokenizer: Tokenizer) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Return the vocabulary and the merges of a trained tokenizer."""
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(pair) for pair in model["merges"]]
