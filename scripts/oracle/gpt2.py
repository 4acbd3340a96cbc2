"""Records per-token log-probabilities of Hugging Face's GPT2LMHeadModel for random weights, in the lab's flat layout.

pip install torch==2.13.0 transformers==5.18.0
python scripts/oracle/gpt2.py > src/policies/fixtures/gpt2.json
"""

import json
import sys

import torch
from transformers import GPT2Config, GPT2LMHeadModel

LAYERS, WIDTH, HEADS, VOCAB, LENGTH = 2, 8, 2, 11, 6

torch.manual_seed(0)
config = GPT2Config(
    vocab_size=VOCAB, n_positions=LENGTH, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS,
    resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, layer_norm_epsilon=1e-5, activation_function="gelu_new",
)
model = GPT2LMHeadModel(config).eval()
for parameter in model.parameters():
    # Larger than a trained model's, so that every nonlinearity is far from linear.
    torch.nn.init.normal_(parameter, std=0.5)
state = {name: tensor for name, tensor in model.state_dict().items() if name != "lm_head.weight"}
# Two decimals keep the file small; the model computes with exactly these values.
for tensor in state.values():
    tensor.copy_((tensor * 100).round() / 100)
tokens = torch.randint(0, VOCAB, (3, LENGTH))
with torch.no_grad():
    log_probs = torch.log_softmax(model(tokens).logits, -1)
    logp = log_probs[:, :-1].gather(-1, tokens[:, 1:, None])[..., 0]
    entropy = -(log_probs.exp() * log_probs).sum(-1)[:, :-1]
json.dump(
    {
        "layers": LAYERS, "width": WIDTH, "heads": HEADS, "vocabSize": VOCAB, "length": LENGTH,
        "names": list(state),
        "theta": [round(float(x), 2) for tensor in state.values() for x in tensor.flatten()],
        "tokens": tokens.tolist(),
        "logp": [[round(float(x), 6) for x in row] for row in logp],
        "entropy": [[round(float(x), 6) for x in row] for row in entropy],
    },
    sys.stdout,
)
print()
