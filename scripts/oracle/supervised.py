"""Imitation: SFT and DFT. From TRL 1.13.0 and transformers 5.18.

    pip install trl==1.13.0 torch
    python scripts/oracle/supervised.py

Runs `SFTTrainer.compute_loss`, unchanged, on a trainer that was never set up: the model answers with the logits of a
vocabulary of two and, for `nll`, with transformers' `ForCausalLMLoss` of them, which works in float32; for `dft` the
trainer takes TRL's `dft_loss`. Metrics that need the likeliest token are left out.
"""

from collections import defaultdict
from types import SimpleNamespace

import torch
from transformers.loss.loss_utils import ForCausalLMLoss
from transformers.modeling_outputs import CausalLMOutput
from trl.trainer.sft_trainer import SFTTrainer, dft_loss

from common import BATCHES, Draws, accelerator, binary, binary_entropy, case, with_prompt, write

ROWS, LENGTH = 6, 6


def sft(draws, objective):
    given = draws.rows(ROWS, LENGTH)
    labels = torch.where(with_prompt(given.mask).bool(), 0, -100)
    stand_in = SFTTrainer.__new__(SFTTrainer)
    settings = {
        "accelerator": accelerator,
        "args": SimpleNamespace(
            use_liger_kernel=False,
            loss_type="dft" if objective == "dft" else "nll",
            past_index=-1,
            average_tokens_across_devices=False,
        ),
        "aux_loss_enabled": False,
        "compute_loss_func": dft_loss if objective == "dft" else None,
        "label_smoother": None,
        "model": SimpleNamespace(training=True),
        "model_accepts_loss_kwargs": False,
        "num_virtual_tokens": 0,
        "_metrics": {"train": defaultdict(list)},
        "_total_train_tokens": 0,
        "_tp_size": 1,
    }
    vars(stand_in).update(settings)

    def model(labels=None, **_):
        logits = binary(given.logp)
        loss = None if labels is None else ForCausalLMLoss(logits, labels, 2)
        return CausalLMOutput(loss=loss, logits=logits)

    attention = torch.ones(ROWS, LENGTH + 1)
    inputs = {"input_ids": torch.zeros_like(labels), "attention_mask": attention, "labels": labels}
    loss = SFTTrainer.compute_loss(stand_in, model, inputs)
    fields = {"mask": given.mask, "entropy": binary_entropy(given)}
    metrics = {"entropy": stand_in._metrics["train"]["entropy"][0]}
    return case(objective, {}, fields, loss, given.logp, metrics)


def main():
    draws = Draws(20240204)
    write("supervised", [sft(draws, objective) for objective in ("sft", "dft") for _ in range(BATCHES)])


if __name__ == "__main__":
    main()
