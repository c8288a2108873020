"""Prompt embeddings, computed once per distinct text and kept within a memory budget."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import torch


class PromptCache:
    """Least recently used embeddings leave first; the newest always stays.

    Args:
        encode: text to embeddings (1, tokens, channels).
        budget_bytes: of all embeddings kept.
    """

    def __init__(
        self, encode: Callable[[str], torch.Tensor], budget_bytes: int = 256 * 2**20
    ) -> None:
        self._encode = encode
        self._budget_bytes = budget_bytes
        self._kept: OrderedDict[str, torch.Tensor] = OrderedDict()

    def embeddings(self, text: str) -> torch.Tensor:
        """Embeddings of a text, (1, tokens, channels), on the CPU; not to be written to."""
        if text in self._kept:
            self._kept.move_to_end(text)
            return self._kept[text]
        self._kept[text] = self._encode(text).detach().cpu()
        while len(self._kept) > 1 and self.size_bytes > self._budget_bytes:
            self._kept.popitem(last=False)
        return self._kept[text]

    @property
    def size_bytes(self) -> int:
        """Bytes of all embeddings kept."""
        return sum(kept.nbytes for kept in self._kept.values())

    def __len__(self) -> int:
        return len(self._kept)
