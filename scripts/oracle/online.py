"""Samples and rewards: GRPO and its relatives, RLOO, A*-PO, distillation, online DPO, XPO and Nash-MD. From TRL 1.13.0.

    pip install trl==1.13.0 torch
    python scripts/oracle/online.py

Runs `_compute_loss` of `GRPOTrainer` and `RLOOTrainer`, `MiniLLMTrainer._compute_advantage`, `OnlineDPOTrainer.training_step`,
and `_compute_losses` and `_log_statistics` of `XPOTrainer` and `NashMDTrainer`, unchanged, on samples that have aged: the
policy that drew them is near the policy, not the same. DAPO, GSPO and Dr. GRPO are `GRPOTrainer` with their settings, CISPO, SAPO, LUSPO and
VESPO are its `loss_type`s, GMPO and GSPO-token its experimental subclasses; `_compute_loss` of these, `A2POTrainer.compute_loss` and
`IWOPDTrainer._compute_iw_opd_loss` are run in the same way. Advantages are worked out in the middle of `_generate_and_score_completions`, which cannot
be run without a model; those of its statements are cut out and executed as they are.

Where the lab differs by construction:
- The value V* of A*-PO is worked out in the middle of a loop over prompts in TRL; that one line is repeated here. TRL takes it from samples
  of the reference that are not those that are learnt from; here they are, and drawn by the reference (`oldLogp` is `refLogp`).
- IW-OPD keeps its advantages to itself; they are its gradient times the number of tokens, since its loss is linear in `logp`.
- GSPO-token is recorded with one advantage for a completion, and with one for each token, which then no rewards stand behind.
- Dr. GRPO divides by the longest completion allowed in TRL and by the length of the rows in the lab; here both are T.
- TRL logs the KL as it stands in the loss, weighted with the ratio where `use_bias_correction_kl` is set; the lab logs the KL,
  so such cases have no `kl`.
- TRL's MiniLLM takes the log-ratio to the teacher under the policy as it is and differentiates it too; the lab's advantage is
  that of the policy that sampled. So `_compute_advantage` is given that one's log-probabilities here. The lab does not clip,
  and no ratio of these cases would be clipped.
- The lab's online DPO and online IPO are TRL's `loss_type` sigmoid and ipo. TRL is given the rows as they were sampled, with
  `rewards`, and picks the better of two; the case holds them in the lab's order, all chosen and then all rejected.
- A tie goes to the first sample in online DPO and to the policy's in XPO; the rewards drawn here differ.
- Nash-MD weighs each token's log-ratio with the gradient of that token alone, and takes the opponent only to be compared
  with: its rows carry no gradient. `wins` may be a probability.
"""

import math
import sys
from collections import defaultdict
from types import SimpleNamespace

import torch
from trl.experimental.a2po.a2po_trainer import A2POTrainer
from trl.experimental.gmpo.gmpo_trainer import GMPOTrainer
from trl.experimental.gspo_token.grpo_trainer import GRPOTrainer as GSPOTokenTrainer
from trl.experimental.iw_opd.iw_opd_trainer import IWOPDTrainer
from trl.experimental.minillm.minillm_trainer import MiniLLMTrainer
from trl.experimental.nash_md.nash_md_trainer import NashMDTrainer
from trl.experimental.online_dpo.online_dpo_trainer import OnlineDPOTrainer
from trl.experimental.xpo.xpo_trainer import XPOTrainer
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.rloo_trainer import RLOOTrainer

from common import BATCHES, Draws, case, lines_of, logged, model_of, trainer, write

ROWS, LENGTH, GROUP = 8, 5, 4
CLIPPED = [f"clip_ratio/{side}_mean" for side in ("low", "high", "region")]
OWN = ["cispo_clip_ratio", "vespo/phi_seq_mean"]
STATISTICS = [f"rewards/{name}" for name in ("chosen", "rejected", "margins", "accuracies")]


def advantages_of(Trainer, rewards, **settings):
    """TRL's own statements, from the rewards to the advantages."""
    function = Trainer._generate_and_score_completions
    code = lines_of(function, "num_generations =", "advantages = torch.nan_to_num")
    names = dict(vars(sys.modules[Trainer.__module__]))
    names |= {"mode": "train", "device": "cpu", "gather": lambda x: x, "rewards_per_func": rewards[:, None]}
    names |= settings.pop("names", {})
    names["self"] = trainer(num_generations=GROUP, reward_weights=torch.ones(1), **settings)
    exec(code, names)
    return names["advantages"]


def sample(draws, i, spread):
    """Rows with rewards; in one batch of five a group has no variance."""
    given = draws.rows(ROWS, LENGTH, spread)
    given.entropy = draws.uniform(ROWS, LENGTH, high=2.0) * given.mask
    given.rewards = draws.uniform(ROWS, decimals=2)
    if i % 5 == 4:
        given.rewards[:GROUP] = 0.5
    fields = {"mask": given.mask, "refLogp": given.ref, "oldLogp": given.old, "entropy": given.entropy}
    return given, fields | {"rewards": given.rewards, "group": GROUP}


def inputs_of(given, advantages):
    ids = torch.zeros(ROWS, LENGTH, dtype=torch.long)
    return {
        "prompt_ids": ids[:, :1],
        "prompt_mask": ids[:, :1],
        "completion_ids": ids,
        "completion_mask": given.mask,
        "advantages": advantages,
        "old_per_token_logps": given.old,
        "old_logps": given.old.sum(1),
        "ref_per_token_logps": given.ref,
        "num_items_in_batch": given.mask.sum(),
    }


# The settings of `GRPOTrainer` that the cases change.
SETTINGS = {
    "beta": 0.0,
    "epsilon": 0.2,
    "epsilon_high": 0.2,
    "delta": None,
    "scale_rewards": "group",
    "loss_type": "dapo",
    "importance_sampling_level": "token",
    "use_bias_correction_kl": False,
    "entropy_coef": 0.0,
}
# What only some losses read; TRL's defaults.
SHAPES = {"sapo_temperature_pos": 1.0, "sapo_temperature_neg": 1.05}
SHAPES |= {"vespo_k_pos": 2.0, "vespo_lambda_pos": 3.0, "vespo_k_neg": 3.0, "vespo_lambda_neg": 2.0}


def grpo_loss(given, settings, advantages, entropy, Trainer=GRPOTrainer):
    """`_compute_loss` of `GRPOTrainer`, or a subclass of it, with these settings; and what it logs."""
    settings = SETTINGS | SHAPES | settings
    stand_in = trainer(
        **{name: settings[name] for name in ("beta", "loss_type", "importance_sampling_level", "epsilon_high")},
        epsilon_low=settings["epsilon"],
        args=SimpleNamespace(
            delta=settings["delta"],
            use_bias_correction_kl=settings["use_bias_correction_kl"],
            steps_per_generation=1,
            **{name: settings[name] for name in SHAPES},
        ),
        current_gradient_accumulation_steps=1,
        max_completion_length=LENGTH,
        off_policy_mask_threshold=None,
        top_entropy_quantile=1.0,
        use_vllm=False,
        entropy_coef=settings["entropy_coef"],
        use_adaptive_entropy=False,
        _entropy_bonus_enabled=settings["entropy_coef"] != 0,
        get_gamma_weights=GRPOTrainer.get_gamma_weights,
        _get_per_token_logps_and_entropies=lambda *_, **__: (given.logp, entropy, None),
    )
    loss = Trainer._compute_loss(stand_in, None, inputs_of(given, advantages))
    kl = [] if settings["use_bias_correction_kl"] else ["kl"]
    return loss, logged(stand_in, *kl, "entropy", *CLIPPED, *OWN)


def grpo(draws, i, params, objective="grpo", fixed=None, spread=0.8, Trainer=GRPOTrainer):
    """`fixed` are settings that the lab's objective has built in."""
    given, fields = sample(draws, i, spread)
    settings = SETTINGS | params | (fixed or {})
    advantages = advantages_of(
        GRPOTrainer,
        given.rewards,
        scale_rewards=settings["scale_rewards"],
        multi_objective_aggregation="sum_then_normalize",
    )
    entropy = given.entropy.clone().requires_grad_()
    loss, metrics = grpo_loss(given, settings, advantages, entropy, Trainer)
    others = {"entropy": entropy} if settings["entropy_coef"] != 0 else {}
    return case(objective, params, fields | {"advantages": advantages}, loss, given.logp, metrics, **others)


def distillation(draws, i, params):
    given, fields = sample(draws, i, 0.3)
    teacher = (given.old + draws.uniform(ROWS, LENGTH, low=-0.9, high=0.9)).clamp(max=-0.001) * given.mask
    stand_in = SimpleNamespace(gamma=1.0 if params["credit"] == "sequence" else 0.0, length_normalization=False)
    gaps = MiniLLMTrainer._compute_advantage(stand_in, given.old, teacher, given.mask)
    advantages = gaps * given.mask
    loss, metrics = grpo_loss(given, {}, advantages, given.entropy)
    metrics = {"entropy": metrics["entropy"]}
    fields = {name: fields[name] for name in ("mask", "oldLogp", "entropy", "group")}
    fields |= {"teacherLogp": teacher, "advantages": advantages}
    return case("distillation", params, fields, loss, given.logp, metrics)


def rloo(draws, i, params):
    given, fields = sample(draws, i, 0.3)
    advantages = advantages_of(
        RLOOTrainer,
        given.rewards,
        beta=params["beta"],
        reward_clip_range=None,
        normalize_advantages=params["normalize_advantages"],
        names={"old_per_token_logps": given.old, "ref_per_token_logps": given.ref, "completion_mask": given.mask},
    )
    stand_in = trainer(
        epsilon_low=params["epsilon"],
        epsilon_high=params["epsilon_high"],
        _get_per_token_logps_and_entropies=lambda *_, **__: (given.logp, given.entropy, None),
    )
    loss = RLOOTrainer._compute_loss(stand_in, None, inputs_of(given, advantages))
    metrics = logged(stand_in, "entropy", *CLIPPED)
    return case("rloo", params, fields | {"advantages": advantages}, loss, given.logp, metrics)


def statistics(stand_in, *names):
    return {name: stand_in.stats[name][0] for name in names}


def online_pairs(draws, objective, loss_type, params):
    pairs = 3
    given = draws.rows(2 * pairs, LENGTH)
    rewards = draws.uniform(2 * pairs)
    losses = []
    stand_in = trainer(
        args=SimpleNamespace(
            use_vllm=False,
            missing_eos_penalty=None,
            loss_type=loss_type,
            torch_empty_cache_steps=None,
            optim="adamw_torch",
            n_gpu=1,
            gradient_accumulation_steps=1,
        ),
        beta=params["beta"],
        max_length=100,
        ref_model=model_of(given.ref),
        is_vision_model=False,
        reward_funcs=[None],
        _tokenizer=SimpleNamespace(eos_token_id=0),
        processing_class=SimpleNamespace(batch_decode=lambda ids, **_: [""] * len(ids)),
        stats=defaultdict(list),
    )
    ids = torch.zeros(2 * pairs, LENGTH, dtype=torch.long)
    stand_in._generate = lambda *_: (ids[:, :1], ids[:, :1], ids, given.mask)
    stand_in._forward = OnlineDPOTrainer._forward.__get__(stand_in)
    stand_in._calculate_rewards_from_functions = lambda **_: rewards
    stand_in.accelerator = SimpleNamespace(**vars(stand_in.accelerator))
    stand_in.accelerator.backward = losses.append
    model = model_of(given.logp)
    model.train = lambda: None
    OnlineDPOTrainer.training_step(stand_in, model, {"prompt": [""] * pairs})
    metrics = statistics(stand_in, *STATISTICS, "logps/chosen", "logps/rejected")
    entry = case(objective, params, {"mask": given.mask, "refLogp": given.ref}, losses[0], given.logp, metrics)
    won = (rewards[:pairs] > rewards[pairs:]).tolist()
    chosen = [i if first else i + pairs for i, first in enumerate(won)]
    order = chosen + [(i + pairs) % (2 * pairs) for i in chosen]
    by_rows = ("mask", "refLogp", "logp", "gradient")
    return entry | {name: [entry[name][i] for i in order] for name in by_rows}


def duel(draws, fractions):
    pairs = 3
    given = draws.rows(2 * pairs, LENGTH)
    wins = draws.whole(0, 1, pairs).double()
    if fractions:
        wins = draws.uniform(pairs, decimals=1)
    data = {"input_ids": torch.zeros(pairs, LENGTH, dtype=torch.long)}
    return given, wins, data, {"mask": given.mask, "refLogp": given.ref, "wins": wins}


def xpo(draws, params):
    given, wins, data, fields = duel(draws, False)
    stand_in = trainer(
        args=SimpleNamespace(loss_type=params["loss_type"]),
        alpha=params["alpha"],
        beta=params["beta"],
        processing_class=SimpleNamespace(eos_token_id=0),
        stats=defaultdict(list),
    )
    own, opponent = (given.logp * given.mask).chunk(2)
    ref_own, ref_opponent = given.ref.chunk(2)
    chosen = wins > 0.5
    logps = (own, opponent, ref_opponent, ref_own)
    loss, dpo_losses, xpo_losses = XPOTrainer._compute_losses(stand_in, *logps, chosen)
    detached = (x.detach() for x in logps)
    scores = (wins, 1 - wins)
    XPOTrainer._log_statistics(stand_in, data, data, *detached, chosen, dpo_losses, xpo_losses, 0, *scores)
    metrics = statistics(stand_in, *STATISTICS, "loss/dpo", "loss/xpo")
    return case("xpo", params, fields, loss, given.logp, metrics)


def nash_md(draws, i, params):
    given, wins, data, fields = duel(draws, i % 2 == 1)
    stand_in = trainer(
        beta=params["beta"],
        mixture_coef=0.5,
        processing_class=SimpleNamespace(eos_token_id=0),
        stats=defaultdict(list),
    )
    own, ref = (given.logp * given.mask).chunk(2)[0], given.ref.chunk(2)[0]
    loss, score, kl = NashMDTrainer._compute_losses(stand_in, own, ref, wins)
    scores = (wins, 1 - wins)
    NashMDTrainer._log_statistics(stand_in, data, data, own.detach(), ref, wins, score, kl, 0, *scores)
    metrics = statistics(stand_in, "loss/score", "loss/kl", "rewards/probabilities")
    return case("nash-md", params, fields, loss, given.logp, metrics)


def grpo_cases(draws):
    """Every way of averaging with every scaling, both ratios, with and without a KL and a higher upper bound."""
    for loss_type in ("dapo", "grpo", "bnpo", "dr_grpo"):
        for i in range(BATCHES):
            params = {"loss_type": loss_type, "epsilon": 0.2}
            params["scale_rewards"] = ("group", "batch", "none")[i % 3]
            params["importance_sampling_level"] = ("token", "sequence")[i % 2]
            params["beta"] = (0.0, 0.04, 0.5)[i // 2 % 3]
            params["epsilon_high"] = (0.2, 0.28)[i // 3 % 2]
            yield grpo(draws, i, params)
    for i in range(BATCHES):
        yield grpo(draws, i, {"delta": (1.3, 1.1)[i % 2], "epsilon_high": 0.28, "loss_type": ("dapo", "grpo")[i // 2 % 2]})
    for i in range(BATCHES):
        yield grpo(draws, i, {"entropy_coef": (0.01, 0.1)[i % 2], "beta": (0.0, 0.04)[i // 2 % 2]})
    for i in range(BATCHES):
        params = {"beta": (0.04, 0.5)[i % 2], "use_bias_correction_kl": True}
        yield grpo(draws, i, params | {"importance_sampling_level": ("token", "sequence")[i // 2 % 2]})


def relatives(draws):
    """GRPO's settings that have names of their own."""
    whole = {"loss_type": "grpo", "importance_sampling_level": "sequence"}
    for i in range(BATCHES):
        clip = {"epsilon": (0.2, 0.1)[i % 2], "epsilon_high": (0.28, 0.2)[i // 2 % 2]}
        yield grpo(draws, i, clip, "dapo")
        yield grpo(draws, i, clip, "dr-grpo", {"loss_type": "dr_grpo", "scale_rewards": "none"})
    for i in range(BATCHES):
        # The paper's bounds are so near 1 that the sampling policy has to be near too.
        near = i % 2 == 1
        clip = {"epsilon": 3e-4, "epsilon_high": 4e-4} if near else {"epsilon": 0.1, "epsilon_high": 0.2}
        yield grpo(draws, i, clip, "gspo", whole, 0.008 if near else 0.8)


def gspo_token(draws, i, params):
    fixed = {"loss_type": "grpo", "importance_sampling_level": "sequence_token"}
    if i % 2 == 0:
        return grpo(draws, i, params, "gspo-token", fixed, Trainer=GSPOTokenTrainer)
    given, fields = sample(draws, i, 0.8)
    advantages = draws.uniform(ROWS, LENGTH, low=-1.5, high=1.5) * given.mask
    loss, metrics = grpo_loss(given, fixed | params, advantages, given.entropy, GSPOTokenTrainer)
    del fields["rewards"]
    return case("gspo-token", params, fields | {"advantages": advantages}, loss, given.logp, metrics)


def iw_opd(draws, i, params):
    given, fields = sample(draws, i, 0.3)
    teacher = (given.old + draws.uniform(ROWS, LENGTH, low=-0.9, high=0.9)).clamp(max=-0.001) * given.mask
    stand_in = trainer(temperature=1.0, iw_opd_gamma=params["iw_opd_gamma"], iw_opd_epsilon=1e-8)
    ids = torch.zeros(ROWS, LENGTH, dtype=torch.long)
    labels = torch.where(given.mask.bool(), ids, -100)
    logits = model_of(given.logp)().logits[:, :-1]
    loss = IWOPDTrainer._compute_iw_opd_loss(stand_in, logits, ids, labels, teacher, given.old)
    (slope,) = torch.autograd.grad(loss, given.logp, retain_graph=True)
    fields = {name: fields[name] for name in ("mask", "oldLogp", "entropy", "group")}
    fields |= {"teacherLogp": teacher, "advantages": -slope * given.mask.sum()}
    return case("iw-opd", params, fields, loss, given.logp)


def a2po(draws, i, params):
    given, fields = sample(draws, i, 0.8)
    beta1, rewards = params["beta1"], given.rewards.view(-1, GROUP)
    v_star = beta1 * (torch.logsumexp(rewards / beta1, dim=1) - math.log(GROUP))
    v_star = v_star.repeat_interleave(GROUP)
    stand_in = trainer(args=SimpleNamespace(beta2=params["beta2"]))
    stand_in._get_sequence_logps = lambda *_: (given.logp * given.mask).sum(1)
    inputs = {"ref_logps": given.ref.sum(1), "rewards": given.rewards, "v_star": v_star}
    inputs |= {"input_ids": None, "attention_mask": None, "logits_to_keep": None}
    loss = A2POTrainer.compute_loss(stand_in, None, inputs)
    fields |= {"oldLogp": given.ref, "advantages": given.rewards - v_star}
    return case("a2po", params, fields, loss, given.logp, logged(stand_in, "implicit_reward", "advantage"))


def variants(draws):
    """Other losses of `GRPOTrainer`, its experimental subclasses, and other trainers on samples."""
    for i in range(BATCHES):
        clip = {"epsilon": (0.2, 0.1)[i % 2], "epsilon_high": (0.28, 0.2)[i // 2 % 2]}
        yield grpo(draws, i, clip, "luspo", {"loss_type": "luspo", "importance_sampling_level": "sequence"})
        yield grpo(draws, i, clip, "gmpo", Trainer=GMPOTrainer)
        yield gspo_token(draws, i, clip)
        yield grpo(draws, i, {"epsilon_high": (5.0, 1.2, 0.9)[i % 3]}, "cispo", {"loss_type": "cispo"})
        gate = {"sapo_temperature_pos": (1.0, 2.0)[i % 2], "sapo_temperature_neg": (1.05, 1.5, 0.5)[i % 3]}
        yield grpo(draws, i, gate, "sapo", {"loss_type": "sapo"})
        gamma = {"vespo_k_pos": (2.0, 1.0)[i % 2], "vespo_lambda_neg": (2.0, 4.0)[i // 2 % 2]}
        # In one batch of three log-ratios are so large that TRL's bounds bite.
        yield grpo(draws, i, gamma, "vespo", {"loss_type": "vespo"}, 60.0 if i % 3 == 2 else 0.8)
        yield iw_opd(draws, i, {"iw_opd_gamma": (0.5, 0.0, 2.0)[i % 3]})
        yield a2po(draws, i, {"beta1": (0.5, 0.1, 2.0)[i % 3], "beta2": (0.001, 0.1, 0.5)[i // 3 % 3]})


def main():
    draws = Draws(20240203)
    write("grpo", list(grpo_cases(draws)))
    credits = ("token", "sequence")
    more = [distillation(draws, i, {"credit": credits[i % 2]}) for i in range(BATCHES)]
    write("relatives", [*relatives(draws), *more])
    betas = (0.01, 0.05, 0.1, 0.5, 1.0)
    cases = []
    for i in range(BATCHES):
        clip = {"epsilon": 0.2, "epsilon_high": (0.2, 0.28)[i // 5 % 2]}
        normalised = {"normalize_advantages": i % 4 == 3}
        cases.append(rloo(draws, i, {"beta": (0.0, *betas)[i % 6]} | clip | normalised))
    losses = ("sigmoid", "ipo")
    for objective, loss_type in zip(("online-dpo", "online-ipo"), losses, strict=True):
        cases += [online_pairs(draws, objective, loss_type, {"beta": betas[i % 5]}) for i in range(BATCHES)]
    for i in range(BATCHES):
        alpha = (1e-5, 0.01, 0.5)[i % 3]
        cases.append(xpo(draws, {"beta": betas[i % 5], "alpha": alpha, "loss_type": losses[i % 2]}))
    cases += [nash_md(draws, i, {"beta": betas[i % 5]}) for i in range(BATCHES)]
    write("online", cases)
    write("variants", list(variants(Draws(20240204))))


if __name__ == "__main__":
    main()
