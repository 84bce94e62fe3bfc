"""Plain, slow decoding with whole forwards: no cache, no batch, no mask."""

import numpy as np
import torch


@torch.no_grad()
def distribution(model, tokens, temperature=1.0):
    """Probabilities of the next token after a text, as float64."""
    logits = model.model(torch.tensor([tokens]), use_cache=False).logits[0, -1].double().numpy()
    scaled = np.exp((logits - logits.max()) / temperature)
    return scaled / scaled.sum()


def entropy(probability):
    positive = probability[probability > 0]
    return float(-(positive * np.log(positive)).sum())


def greedy_text(model, prompt, length):
    tokens = list(prompt)
    for _ in range(length):
        tokens.append(int(distribution(model, tokens).argmax()))
    return tokens[len(prompt) :]
