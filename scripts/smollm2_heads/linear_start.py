"""What the draft of one layer begins with: the best linear guess of the target's next state, in closed form.

A few seconds of this are worth minutes of training: from noise, the layer would first have to learn to pass on what
it reads.
"""

import torch

from smollm2_heads.batches import held_out_batches
from smollm2_heads.one_layer import OneLayer
from smollm2_heads.states import Read

#: Of the mean square of an input, added to the diagonal (ours).
RIDGE = 0.01


def start_linearly(draft: OneLayer, parts: list[Read]) -> None:
    """Set what the draft projects token and state with to the ridge regression of the states, all texts counting."""
    width = len(draft.norm)
    gram, product = torch.zeros(2 * width, 2 * width), torch.zeros(2 * width, width)
    count = 0
    with torch.no_grad():
        for part in parts:
            for batch in held_out_batches(part, at_once=8):
                tokens, states = batch.tokens[:, 1:], batch.states
                wanted = batch.wanted[:, 1:]
                embedded = torch.nn.functional.embedding(tokens[wanted], draft.embedding)
                read = torch.cat([embedded, states[:, :-1][wanted]], 1)
                gram += read.T @ read
                product += read.T @ (states[:, 1:][wanted] / draft.norm)
                count += len(read)
        scale = gram.diagonal().mean()
        found = torch.linalg.solve(gram + RIDGE * scale * torch.eye(2 * width), product).T
        draft.token_in.copy_(found[:, :width])
        draft.state_in.copy_(found[:, width:])
