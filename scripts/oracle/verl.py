"""What TRL lacks and verl has: PPO with a value head and GAE, also with its second bound, REINFORCE with its baselines, GRPO with the KL
in the reward, GSPO in its own form, REINFORCE++ with and without a baseline, OPO, GPG and the best of a group, ReMax, Clip-Cov and KL-Cov.

    git clone https://github.com/volcengine/verl && git -C verl checkout b178a3cd56f58b2d502255daba591e92833930a7
    VERL=verl python scripts/oracle/verl.py

Runs functions of `verl/trainer/ppo/core_algos.py` and `verl/utils/torch_functional.py`, unchanged; only these definitions
are read from the checkout, so torch and numpy are all that has to be installed.

Where the lab differs by construction:
- verl clips the ratio of PPO a second time, at 3 where the advantage is negative, which is an objective of its own here; but for that one's
  cases, whose bound is lower, no ratio comes near.
- verl adds 1e-6 to the deviation of a group and TRL 1e-4, which the lab does too; verl's is a setting, and 1e-4 here.
- CISPO, SAPO and GMPO are verl's own versions beside TRL's; of CISPO with verl's lower bound at 0.
- Clip-Cov's shuffle is verl's own; the draws that stand in a case are made so as to give the lab the same order. Where a case has
  none, its loss and gradient are the means over the rotations of one order, in which each candidate comes first equally often.
- verl adds no value loss to the policy's, since its critic is another model; the sum with `vf_coef` is made here.
- verl's `kl` penalty is k1, taken off each token's reward; the score is given to the last token.
"""

from collections import defaultdict
from types import SimpleNamespace
from typing import Any, Optional

import numpy as np
import torch

from common import BATCHES, Draws, case, definitions, sources, write

ROWS, LENGTH, GROUP = 8, 5, 4
INDEX = np.arange(ROWS) // GROUP
FUNCTIONS = """compute_gae_advantage_return compute_rewards compute_value_loss compute_policy_loss_vanilla agg_loss
compute_grpo_outcome_advantage compute_rloo_outcome_advantage compute_policy_loss_gpg compute_policy_loss_gspo kl_penalty kl_penalty_forward
compute_reinforce_plus_plus_outcome_advantage compute_reinforce_plus_plus_baseline_outcome_advantage compute_opo_outcome_advantage
compute_gpg_outcome_advantage compute_grpo_passk_outcome_advantage compute_policy_loss_sapo compute_policy_loss_geo_mean
compute_policy_loss_cispo compute_remax_outcome_advantage compute_policy_loss_clip_cov compute_policy_loss_kl_cov""".split()
TOOLS = "masked_sum masked_mean masked_var masked_whiten clip_by_value".split()


class Config(SimpleNamespace):
    """Stands for verl's `ActorConfig`."""

    def get(self, name, default):
        return getattr(self, name, default)


class Recorder:
    """torch, but for what Clip-Cov chooses by: which tokens it may leave out, and the order in which they come up."""

    def __init__(self, generator):
        self.generator = generator
        self.candidates = self.order = None
        self.turn = 0

    def __getattr__(self, name):
        return getattr(torch, name)

    def nonzero(self, *args, **settings):
        self.candidates = torch.nonzero(*args, **settings)
        return self.candidates

    def randperm(self, count):
        if self.order is None or len(self.order) != count:
            self.order = torch.randperm(count, generator=self.generator)
        return self.order.roll(-self.turn)


def verl(torch=torch):
    root = sources("VERL", "https://github.com/volcengine/verl") / "verl"
    tools = definitions(root / "utils/torch_functional.py", TOOLS, torch=torch)
    return definitions(
        root / "trainer/ppo/core_algos.py",
        FUNCTIONS,
        torch=torch,
        np=np,
        defaultdict=defaultdict,
        verl_F=tools,
        ActorConfig=Config,
        AlgoConfig=type(None),
        Optional=Optional,
        Any=Any,
    )


def config(**settings):
    return Config(clip_ratio=0.2, global_batch_info={}, **settings)


def sample(draws, spread=0.8):
    given = draws.rows(ROWS, LENGTH, spread)
    rewards = draws.uniform(ROWS, decimals=2)
    fields = {"mask": given.mask, "refLogp": given.ref, "oldLogp": given.old, "rewards": rewards, "group": GROUP}
    return given, rewards, fields


def token_rewards(algorithms, given, rewards, coefficient):
    """[R, T] the score on the last token of the completion, less the weighted log-ratio to the reference on each."""
    place = torch.arange(LENGTH) * given.mask
    last = (place == place.amax(1, keepdim=True)) * given.mask
    return algorithms.compute_rewards(last * rewards[:, None], given.old, given.ref, coefficient)


def ppo(draws, algorithms, params, objective="ppo", spread=0.8):
    given, rewards, fields = sample(draws, spread)
    scores = token_rewards(algorithms, given, rewards, params["beta"])
    old_values = draws.uniform(ROWS, LENGTH, low=-1.0, high=1.0) * given.mask
    # Never moved by just `cliprange_value`, where a gradient is a matter of taste.
    moved = draws.uniform(ROWS, LENGTH, low=-0.5, high=0.5) + 0.0005
    values = ((old_values + moved) * given.mask).requires_grad_()
    advantages, returns = algorithms.compute_gae_advantage_return(
        scores, old_values, given.mask, params["gamma"], params["lam"]
    )
    second = {"clip_ratio_c": params["clip_ratio_c"]} if "clip_ratio_c" in params else {}
    settings = config(clip_ratio_low=params["epsilon"], clip_ratio_high=params["epsilon_high"], **second)
    policy, found = algorithms.compute_policy_loss_vanilla(given.old, given.logp, advantages, given.mask, config=settings)
    value, value_clipped = algorithms.compute_value_loss(values, returns, old_values, given.mask, params["cliprange_value"])
    # TRL's names, the second as its PPOTrainer had it until 1.0. verl's are `actor/pg_clipfrac` and `critic/vf_clipfrac`.
    metrics = {"clip_ratio/region_mean": found["actor/pg_clipfrac"], "val/clipfrac_avg": value_clipped}
    if second:
        metrics["actor/pg_clipfrac_lower"] = found["actor/pg_clipfrac_lower"]
    fields |= {"oldValues": old_values, "advantages": advantages * given.mask, "returns": returns * given.mask}
    loss = policy + params["vf_coef"] * value
    return case(objective, params, fields, loss, given.logp, metrics, values=values)


def reinforce(draws, algorithms, params):
    given, rewards, fields = sample(draws)
    scores = token_rewards(algorithms, given, rewards, params["beta"])
    baseline = {
        "none": lambda: (scores.sum(-1, keepdim=True) * given.mask, None),
        "group": lambda: algorithms.compute_grpo_outcome_advantage(
            scores, given.mask, INDEX, norm_adv_by_std_in_grpo=False
        ),
        "leave-one-out": lambda: algorithms.compute_rloo_outcome_advantage(scores, given.mask, INDEX),
    }
    advantages, _ = baseline[params["baseline"]]()
    loss, _ = algorithms.compute_policy_loss_gpg(
        given.old, given.logp, advantages, given.mask, "seq-mean-token-sum", config()
    )
    return case("reinforce", params, fields | {"advantages": advantages}, loss, given.logp)


def group_advantages(algorithms, given, scores):
    return algorithms.compute_grpo_outcome_advantage(scores, given.mask, INDEX, epsilon=1e-4)[0]


def penalised(draws, algorithms, params):
    """GRPO with an estimate of the KL taken off the reward."""
    given, rewards, fields = sample(draws)
    scores = token_rewards(algorithms, given, rewards, 0.0)
    scores = scores - params["beta"] * algorithms.kl_penalty(given.old, given.ref, params["kl_estimator"])
    advantages = group_advantages(algorithms, given, scores)
    settings = config(clip_ratio_low=0.2, clip_ratio_high=0.2)
    loss, found = algorithms.compute_policy_loss_vanilla(given.old, given.logp, advantages, given.mask, config=settings)
    metrics = {"clip_ratio/region_mean": found["actor/pg_clipfrac"]}
    return case("grpo", params, fields | {"advantages": advantages}, loss, given.logp, metrics)


def gspo(draws, algorithms, params):
    given, rewards, fields = sample(draws)
    advantages = group_advantages(algorithms, given, token_rewards(algorithms, given, rewards, 0.0))
    settings = config(clip_ratio_low=params["epsilon"], clip_ratio_high=params["epsilon_high"])
    loss, _ = algorithms.compute_policy_loss_gspo(given.old, given.logp, advantages, given.mask, config=settings)
    return case("gspo", params, fields | {"advantages": advantages}, loss, given.logp)


def clipped(draws, algorithms, objective, params, advantages_of):
    """An estimator of advantages with verl's loss: PPO's surrogate, averaged over tokens."""
    given, rewards, fields = sample(draws)
    scores = token_rewards(algorithms, given, rewards, params.get("beta", 0.0))
    advantages = advantages_of(scores, given.mask)[0]
    settings = config(clip_ratio_low=params["epsilon"], clip_ratio_high=params["epsilon_high"])
    loss, found = algorithms.compute_policy_loss_vanilla(given.old, given.logp, advantages, given.mask, config=settings)
    metrics = {"clip_ratio/region_mean": found["actor/pg_clipfrac"]}
    return case(objective, params, fields | {"advantages": advantages}, loss, given.logp, metrics)


def gpg(draws, algorithms, i, params):
    given, rewards, fields = sample(draws)
    # Some samples earn nothing; in one batch all of them.
    rewards *= (draws.uniform(ROWS) > 0.4) * (i != 7)
    scores = token_rewards(algorithms, given, rewards, 0.0)
    advantages, _ = algorithms.compute_gpg_outcome_advantage(scores, given.mask, INDEX, f_norm=params["f_norm"])
    loss, _ = algorithms.compute_policy_loss_gpg(given.old, given.logp, advantages, given.mask, config=config())
    return case("gpg", params, fields | {"rewards": rewards, "advantages": advantages}, loss, given.logp)


def soft(draws, algorithms, objective, params, loss_of, **settings):
    """GRPO's advantages with another loss."""
    given, rewards, fields = sample(draws, 0.35)
    advantages = group_advantages(algorithms, given, token_rewards(algorithms, given, rewards, 0.0))
    loss, _ = loss_of(given.old, given.logp, advantages, given.mask, config=config(**settings))
    return case(objective, params, fields | {"advantages": advantages}, loss, given.logp)


def more(draws, algorithms):
    for i in range(BATCHES):
        clip = {"epsilon": 0.2, "epsilon_high": (0.2, 0.28)[i % 2]}
        kl = {"beta": (0.0, 0.05, 0.5)[i % 3]}
        reward = kl | {"gamma": (1.0, 0.9)[i // 10]}
        bound = {"clip_ratio_c": (1.25, 1.4)[i % 2], "cliprange_value": 0.2, "vf_coef": 0.1, "lam": 0.95}
        yield ppo(draws, algorithms, reward | clip | bound, "ppo-dual-clip", 1.6)
        discounted = Config(gamma=reward["gamma"])
        returns = lambda scores, mask: algorithms.compute_reinforce_plus_plus_outcome_advantage(scores, mask, discounted)
        yield clipped(draws, algorithms, "reinforce-pp", reward | clip, returns)
        centred = lambda scores, mask: algorithms.compute_reinforce_plus_plus_baseline_outcome_advantage(scores, mask, INDEX)
        yield clipped(draws, algorithms, "reinforce-pp-baseline", kl | clip, centred)
        weighted = lambda scores, mask: algorithms.compute_opo_outcome_advantage(scores, mask, INDEX)
        yield clipped(draws, algorithms, "opo", clip, weighted)
        scaled = {"norm_adv_by_std_in_grpo": i % 2 == 0}
        best = lambda scores, mask: algorithms.compute_grpo_passk_outcome_advantage(
            scores, mask, INDEX, epsilon=1e-4, config=Config(**scaled)
        )
        yield clipped(draws, algorithms, "grpo-passk", scaled | clip, best)
        yield gpg(draws, algorithms, i, {"f_norm": (1.0, 0.5, 4.0)[i % 3]})
        gate = {"sapo_temperature_pos": (1.0, 2.0)[i % 2], "sapo_temperature_neg": (1.05, 1.5)[i // 2 % 2]}
        tau = {"tau_pos": gate["sapo_temperature_pos"], "tau_neg": gate["sapo_temperature_neg"]}
        yield soft(draws, algorithms, "sapo", gate, algorithms.compute_policy_loss_sapo, **tau)
        bounds = {"clip_ratio_low": clip["epsilon"], "clip_ratio_high": clip["epsilon_high"]}
        yield soft(draws, algorithms, "gmpo", clip, algorithms.compute_policy_loss_geo_mean, **bounds)
        # The upper bound as the lab has it: what the ratio is, not what it exceeds 1 by.
        bounds = {"clip_ratio_low": 1.0, "clip_ratio_high": (0.1, 4.0)[i % 2]}
        top = {"epsilon_high": 1 + bounds["clip_ratio_high"]}
        yield soft(draws, algorithms, "cispo", top, algorithms.compute_policy_loss_cispo, **bounds)


def remax(draws, algorithms, params):
    given, rewards, fields = sample(draws)
    greedy = draws.uniform(ROWS // GROUP, decimals=2).repeat_interleave(GROUP)
    scores = token_rewards(algorithms, given, rewards, params["beta"])
    advantages, _ = algorithms.compute_remax_outcome_advantage(scores, greedy, given.mask)
    settings = config(clip_ratio_low=params["epsilon"], clip_ratio_high=params["epsilon_high"])
    loss, found = algorithms.compute_policy_loss_vanilla(given.old, given.logp, advantages, given.mask, config=settings)
    metrics = {"clip_ratio/region_mean": found["actor/pg_clipfrac"]}
    fields |= {"rewardBaselines": greedy, "advantages": advantages * given.mask}
    return case("remax", params, fields, loss, given.logp, metrics)


def covariance_batch(draws, algorithms):
    given, rewards, fields = sample(draws)
    advantages = group_advantages(algorithms, given, token_rewards(algorithms, given, rewards, 0.0))
    return given, fields | {"advantages": advantages}, (given.old, given.logp, advantages, given.mask)


def clip_cov(draws, params, averaged):
    recorder = Recorder(draws.generator)
    algorithms = verl(recorder)
    given, fields, rows = covariance_batch(draws, algorithms)
    chosen = {name: params[name] for name in ("clip_cov_ratio", "clip_cov_lb", "clip_cov_ub")}
    settings = config(
        clip_ratio_low=params["epsilon"], clip_ratio_high=params["epsilon_high"], policy_loss=SimpleNamespace(**chosen)
    )
    loss, found = algorithms.compute_policy_loss_clip_cov(*rows, config=settings)
    count = len(recorder.candidates)
    if averaged:
        for recorder.turn in range(1, count):
            loss = loss + algorithms.compute_policy_loss_clip_cov(*rows, config=settings)[0]
        loss = loss / max(count, 1)
    else:
        numbers = draws.uniform(ROWS, LENGTH)
        if count > 0:
            falling = torch.linspace(0.95, 0.05, count).round(decimals=3)
            row, token = recorder.candidates[recorder.order].unbind(1)
            numbers[row, token] = falling
        fields["draws"] = numbers * given.mask
    metrics = {"actor/pg_clipfrac": found["actor/pg_clipfrac"]}
    return case("clip-cov", params, fields, loss, given.logp, metrics)


def kl_cov(draws, algorithms, params):
    given, fields, rows = covariance_batch(draws, algorithms)
    settings = config(policy_loss=SimpleNamespace(**params))
    loss, found = algorithms.compute_policy_loss_kl_cov(*rows, config=settings)
    return case("kl-cov", params, fields, loss, given.logp, found)


def rest(draws, algorithms):
    for i in range(BATCHES):
        clip = {"epsilon": 0.2, "epsilon_high": (0.2, 0.28)[i % 2]}
        yield remax(draws, algorithms, {"beta": (0.0, 0.05, 0.5)[i % 3]} | clip)
        # The defaults, then bounds and shares at which a batch this small has several candidates.
        bounds = {"clip_cov_lb": (1.0, 0.0, 0.2)[i % 3], "clip_cov_ub": (5.0, 5.0, 0.8)[i % 3]}
        share = {"clip_cov_ratio": (0.0002, 0.1, 0.3, 1.0)[i % 4]}
        yield clip_cov(draws, share | bounds | clip, averaged=False)
        yield clip_cov(draws, share | bounds | clip, averaged=True)
        yield kl_cov(draws, algorithms, {"kl_cov_ratio": (0.0002, 0.1, 0.5, 1.0)[i % 4], "ppo_kl_coef": (0.1, 1.0)[i // 2 % 2]})


def main():
    draws, algorithms = Draws(20240207), verl()
    cases = []
    for i in range(BATCHES):
        reward = {"beta": (0.0, 0.05, 0.5)[i % 3], "gamma": (1.0, 0.9)[i // 10], "lam": (0.95, 1.0, 0.5)[i // 2 % 3]}
        clip = {"epsilon": 0.2, "epsilon_high": (0.2, 0.28)[i // 4 % 2], "cliprange_value": (0.2, 0.1)[i % 2]}
        cases.append(ppo(draws, algorithms, reward | clip | {"vf_coef": (0.1, 1.0)[i // 5 % 2]}))
    for baseline in ("none", "group", "leave-one-out"):
        for i in range(BATCHES):
            cases.append(reinforce(draws, algorithms, {"baseline": baseline, "beta": (0.0, 0.05, 1.0)[i % 3]}))
    for i in range(BATCHES):
        kl = {"beta": (0.05, 0.5)[i % 2], "kl_estimator": ("k1", "k2", "k3")[i % 3], "use_kl_in_reward": True}
        cases.append(penalised(draws, algorithms, kl))
    cases += [gspo(draws, algorithms, {"epsilon": 0.2, "epsilon_high": (0.2, 0.28)[i % 2]}) for i in range(BATCHES)]
    write("verl", cases)
    write("verl-more", list(more(Draws(20240208), algorithms)))
    write("verl-rest", list(rest(Draws(20240209), algorithms)))


if __name__ == "__main__":
    main()
