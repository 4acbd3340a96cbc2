"""What TRL lacks and verl has: PPO with a value head and GAE, REINFORCE with its baselines, GRPO with the KL in the reward,
GSPO in its own form.

    git clone https://github.com/volcengine/verl && git -C verl checkout b178a3cd56f58b2d502255daba591e92833930a7
    VERL=verl python scripts/oracle/verl.py

Runs functions of `verl/trainer/ppo/core_algos.py` and `verl/utils/torch_functional.py`, unchanged; only these definitions
are read from the checkout, so torch and numpy are all that has to be installed.

Where the lab differs by construction:
- verl clips the ratio of PPO a second time, at 3 where the advantage is negative; no ratio here comes near.
- verl adds 1e-6 to the deviation of a group and TRL 1e-4, which the lab does too; verl's is a setting, and 1e-4 here.
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
compute_grpo_outcome_advantage compute_rloo_outcome_advantage compute_policy_loss_gpg compute_policy_loss_gspo kl_penalty kl_penalty_forward""".split()
TOOLS = "masked_sum masked_mean masked_var masked_whiten clip_by_value".split()


class Config(SimpleNamespace):
    """Stands for verl's `ActorConfig`."""

    def get(self, name, default):
        return getattr(self, name, default)


def verl():
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


def sample(draws):
    given = draws.rows(ROWS, LENGTH)
    rewards = draws.uniform(ROWS, decimals=2)
    fields = {"mask": given.mask, "refLogp": given.ref, "oldLogp": given.old, "rewards": rewards, "group": GROUP}
    return given, rewards, fields


def token_rewards(algorithms, given, rewards, coefficient):
    """[R, T] the score on the last token of the completion, less the weighted log-ratio to the reference on each."""
    place = torch.arange(LENGTH) * given.mask
    last = (place == place.amax(1, keepdim=True)) * given.mask
    return algorithms.compute_rewards(last * rewards[:, None], given.old, given.ref, coefficient)


def ppo(draws, algorithms, params):
    given, rewards, fields = sample(draws)
    scores = token_rewards(algorithms, given, rewards, params["beta"])
    old_values = draws.uniform(ROWS, LENGTH, low=-1.0, high=1.0) * given.mask
    # Never moved by just `cliprange_value`, where a gradient is a matter of taste.
    moved = draws.uniform(ROWS, LENGTH, low=-0.5, high=0.5) + 0.0005
    values = ((old_values + moved) * given.mask).requires_grad_()
    advantages, returns = algorithms.compute_gae_advantage_return(
        scores, old_values, given.mask, params["gamma"], params["lam"]
    )
    settings = config(clip_ratio_low=params["epsilon"], clip_ratio_high=params["epsilon_high"])
    policy, found = algorithms.compute_policy_loss_vanilla(given.old, given.logp, advantages, given.mask, config=settings)
    value, value_clipped = algorithms.compute_value_loss(values, returns, old_values, given.mask, params["cliprange_value"])
    # TRL's names, the second as its PPOTrainer had it until 1.0. verl's are `actor/pg_clipfrac` and `critic/vf_clipfrac`.
    metrics = {"clip_ratio/region_mean": found["actor/pg_clipfrac"], "val/clipfrac_avg": value_clipped}
    fields |= {"oldValues": old_values, "advantages": advantages * given.mask, "returns": returns * given.mask}
    loss = policy + params["vf_coef"] * value
    return case("ppo", params, fields, loss, given.logp, metrics, values=values)


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


if __name__ == "__main__":
    main()
