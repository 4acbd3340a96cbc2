"""Losses, gradients and metrics that TRL itself computes, as fixtures for src/objectives.

    pip install trl==1.13.0 torch
    python scripts/oracle/trl_losses.py
    npx biome format --write src/objectives/fixtures/trl.json

Runs the `_compute_loss` of TRL's trainers, unchanged, on made-up log-probabilities: the trainer is a stand-in that holds
the settings, and the model's part is played by the tensors that are differentiated. Advantages are set up by
`_generate_and_score_completions`, which cannot be run without a model; their lines are repeated here with TRL's `nanstd`.
"""

import json
import pathlib
from collections import defaultdict
from types import SimpleNamespace

import torch
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.rloo_trainer import RLOOTrainer
from trl.trainer.utils import nanstd

OUT = pathlib.Path(__file__).parents[2] / "src/objectives/fixtures/trl.json"
ROWS, LENGTH, GROUP = 8, 5, 4

torch.set_default_dtype(torch.float64)
draws = torch.Generator().manual_seed(20240229)
accelerator = SimpleNamespace(
    device="cpu",
    num_processes=1,
    gather=lambda x: x,
    gather_for_metrics=lambda x: x,
    reduce=lambda x, reduction: x,
)


def trainer(**settings):
    """A stand-in for a trainer: its settings and what every `_compute_loss` reads besides."""
    return SimpleNamespace(
        accelerator=accelerator,
        model=SimpleNamespace(training=True),
        aux_loss_enabled=False,
        _metrics={"train": defaultdict(list)},
        **settings,
    )


def batch():
    """Ragged rows: exact decimals, so that the fixture holds the very inputs."""
    uniform = lambda *shape: torch.rand(*shape, generator=draws)
    first = torch.randint(0, 2, (ROWS, 1), generator=draws)
    length = torch.randint(1, LENGTH, (ROWS, 1), generator=draws)
    place = torch.arange(LENGTH)
    mask = ((place >= first) & (place < first + length)).double()
    logp = (-0.1 - 2 * uniform(ROWS, LENGTH)).round(decimals=3) * mask
    near = lambda: (logp + 0.8 * uniform(ROWS, LENGTH) - 0.4).clamp(max=-0.001).round(decimals=3) * mask
    return SimpleNamespace(
        mask=mask,
        logp=logp.requires_grad_(),
        ref=near().detach(),
        old=near().detach(),
        entropy=(2 * uniform(ROWS, LENGTH)).round(decimals=3) * mask,
        rewards=uniform(ROWS).round(decimals=2),
    )


def case(objective, params, given, loss, metrics, advantages=None):
    """One entry of the fixture. Call after the loss is built; differentiates it."""
    loss.backward()
    digits = lambda x: float(f"{float(x):.7g}") + 0.0
    matrix = lambda x: [[digits(value) for value in row] for row in x.tolist()]
    return {
        "objective": objective,
        "params": params,
        "mask": matrix(given.mask),
        "logp": matrix(given.logp),
        "refLogp": matrix(given.ref),
        "oldLogp": matrix(given.old),
        "entropy": matrix(given.entropy),
        "rewards": [digits(value) for value in given.rewards],
        "group": GROUP,
        "advantages": None if advantages is None else [digits(value) for value in advantages],
        "loss": digits(loss.item()),
        "gradient": matrix(given.logp.grad),
        "metrics": {name: digits(values[0]) for name, values in metrics.items()},
    }


def dpo(beta):
    given = batch()
    ref_chosen, ref_rejected = given.ref.sum(1).chunk(2)
    # A vocabulary of two: token 0 has the log-probability, token 1 the rest, never quite nothing. TRL predicts position
    # t + 1 from t.
    logits = torch.stack([given.logp, torch.log(-torch.expm1(given.logp - 1e-9))], -1)
    outputs = SimpleNamespace(logits=torch.cat([logits, logits[:, :1]], 1))
    stand_in = trainer(
        beta=beta,
        loss_types=["sigmoid"],
        loss_weights=[1.0],
        f_divergence_type="reverse_kl",
        ld_alpha=None,
        precompute_ref_logps=True,
        use_weighting=False,
        _total_train_tokens=0,
        _tp_size=1,
    )
    inputs = {
        "input_ids": torch.zeros(ROWS, LENGTH + 1, dtype=torch.long),
        "attention_mask": torch.ones(ROWS, LENGTH + 1),
        "completion_mask": torch.cat([torch.zeros(ROWS, 1), given.mask], 1),
        "ref_chosen_logps": ref_chosen,
        "ref_rejected_logps": ref_rejected,
    }
    loss = DPOTrainer._compute_loss(stand_in, lambda **_: outputs, inputs, False)
    metrics = {name: values for name, values in stand_in._metrics["train"].items() if name.startswith(("rewards/", "logps/"))}
    return case("dpo", {"beta": beta}, given, loss, metrics)


def grpo_advantages(rewards, scale_rewards):
    mean = rewards.view(-1, GROUP).mean(1).repeat_interleave(GROUP)
    if scale_rewards == "none":
        return rewards - mean
    std = nanstd(rewards.view(-1, GROUP), dim=1).repeat_interleave(GROUP) if scale_rewards == "group" else nanstd(rewards)
    return (rewards - mean) / (std + 1e-4)


def grpo(**changes):
    params = {
        "beta": 0.0,
        "epsilon": 0.2,
        "epsilon_high": 0.2,
        "scale_rewards": "group",
        "loss_type": "dapo",
        "importance_sampling_level": "token",
    } | changes
    given = batch()
    advantages = grpo_advantages(given.rewards, params["scale_rewards"])
    stand_in = trainer(
        **{name: params[name] for name in ("beta", "loss_type", "importance_sampling_level", "epsilon_high")},
        epsilon_low=params["epsilon"],
        args=SimpleNamespace(delta=None, use_bias_correction_kl=False, steps_per_generation=1),
        current_gradient_accumulation_steps=1,
        max_completion_length=LENGTH,
        off_policy_mask_threshold=None,
        top_entropy_quantile=1.0,
        use_vllm=False,
        _entropy_bonus_enabled=False,
        _get_per_token_logps_and_entropies=lambda *_, **__: (given.logp, given.entropy, None),
    )
    ids = torch.zeros(ROWS, LENGTH, dtype=torch.long)
    inputs = {
        "prompt_ids": ids[:, :1],
        "prompt_mask": ids[:, :1],
        "completion_ids": ids,
        "completion_mask": given.mask,
        "advantages": advantages,
        "old_per_token_logps": given.old,
        "ref_per_token_logps": given.ref,
        "num_items_in_batch": given.mask.sum(),
    }
    loss = GRPOTrainer._compute_loss(stand_in, None, inputs)
    metrics = {name: values for name, values in stand_in._metrics["train"].items() if not name.endswith(("_min", "_max"))}
    return case("grpo", params, given, loss, metrics, advantages)


def rloo(beta):
    """On fresh samples RLOO's clipped ratio is 1, and its gradient that of REINFORCE; its loss is another number."""
    given = batch()
    given.old = given.logp.detach().clone()
    rewards = given.rewards - beta * ((given.old - given.ref) * given.mask).sum(1)
    grouped = rewards.view(-1, GROUP)
    advantages = rewards - ((grouped.sum(1, keepdim=True) - grouped) / (GROUP - 1)).view(-1)
    stand_in = trainer(
        epsilon_low=0.2,
        epsilon_high=0.2,
        _get_per_token_logps_and_entropies=lambda *_, **__: (given.logp, given.entropy, None),
    )
    ids = torch.zeros(ROWS, LENGTH, dtype=torch.long)
    inputs = {
        "prompt_ids": ids[:, :1],
        "prompt_mask": ids[:, :1],
        "completion_ids": ids,
        "completion_mask": given.mask,
        "advantages": advantages,
        "old_logps": given.old.sum(1),
    }
    loss = RLOOTrainer._compute_loss(stand_in, None, inputs)
    metrics = {"entropy": stand_in._metrics["train"]["entropy"]}
    return case("reinforce", {"baseline": "leave-one-out", "beta": beta}, given, loss, metrics, advantages)


cases = [
    *(dpo(beta) for beta in (0.01, 0.1, 0.1, 0.5, 2.0)),
    *(grpo(loss_type=loss_type) for loss_type in ("dapo", "grpo", "bnpo", "dr_grpo")),
    *(grpo(loss_type=loss_type, importance_sampling_level="sequence") for loss_type in ("dapo", "grpo", "dr_grpo")),
    *(grpo(scale_rewards=scale_rewards, beta=0.04) for scale_rewards in ("group", "batch", "none")),
    *(grpo(epsilon_high=0.28, beta=beta) for beta in (0.0, 0.5)),
    *(rloo(beta) for beta in (0.0, 0.05, 1.0)),
]
OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps(cases) + "\n")
print(f"{len(cases)} cases in {OUT}")
