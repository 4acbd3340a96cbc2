"""What TRL lacks and OpenRLHF has: cDPO, the summed IPO, and GRPO with each estimator of the KL in the loss.

    git clone https://github.com/OpenRLHF/OpenRLHF && git -C OpenRLHF checkout 3c3be6234e0cb353e76bb8019947db9dfe99fca7
    OPENRLHF=OpenRLHF python scripts/oracle/openrlhf.py

Runs `DPOLoss`, `PolicyLoss`, `aggregate_loss` and `compute_approx_kl`, unchanged; only these definitions are read from the
checkout, so torch is all that has to be installed. The sum of the policy's loss and the weighted KL is the one line of the
actor's training step that is repeated here.

Where the lab differs by construction: OpenRLHF computes log-ratios for the KL in float32.
"""

from typing import Optional, Tuple, Union

import torch
from torch import nn
from torch.nn import functional

from common import BATCHES, Draws, case, definitions, sources, write

PAIR_ROWS, PAIR_LENGTH = 6, 6
ROWS, LENGTH, GROUP = 8, 5, 4


def openrlhf():
    models = sources("OPENRLHF", "https://github.com/OpenRLHF/OpenRLHF") / "openrlhf/models"
    names = {"torch": torch, "nn": nn, "F": functional, "Optional": Optional, "Tuple": Tuple, "Union": Union}
    utils = definitions(models / "utils.py", ["masked_mean", "compute_approx_kl"], **names)
    losses = definitions(
        models / "loss.py", ["DPOLoss", "PolicyLoss", "aggregate_loss"], **names, masked_mean=utils.masked_mean
    )
    losses.compute_approx_kl = utils.compute_approx_kl
    return losses


def pairs(draws, losses, objective, params, **settings):
    given = draws.rows(PAIR_ROWS, PAIR_LENGTH)
    chosen, rejected = (given.logp * given.mask).sum(1).chunk(2)
    loss_fn = losses.DPOLoss(params["beta"], **settings)
    loss, high, low = loss_fn(chosen, rejected, *given.ref.sum(1).chunk(2))
    # The names under which OpenRLHF's `DPOTrainer` logs these are others; the values are the same.
    metrics = {
        "rewards/chosen": high.mean(),
        "rewards/rejected": low.mean(),
        "rewards/accuracies": (high > low).double().mean(),
        "rewards/margins": (high - low).mean(),
    }
    return case(objective, params, {"mask": given.mask, "refLogp": given.ref}, loss, given.logp, metrics)


def grpo(draws, losses, params):
    given = draws.rows(ROWS, LENGTH)
    advantages = draws.uniform(ROWS, low=-1.5, high=1.5)
    policy_loss = losses.PolicyLoss(params["epsilon"], params["epsilon_high"], token_level_loss=params["loss_type"] == "dapo")
    per_token = advantages[:, None] * given.mask
    loss, clipped, *_ = policy_loss(given.logp, given.old, per_token, given.mask)
    kl = losses.compute_approx_kl(given.logp, given.ref, params["kl_estimator"])
    kl_loss = losses.aggregate_loss(kl, given.mask, policy_loss.token_level_loss)
    fields = {"mask": given.mask, "refLogp": given.ref, "oldLogp": given.old, "advantages": advantages, "group": GROUP}
    metrics = {"clip_ratio/region_mean": clipped}
    return case("grpo", params, fields, loss + params["beta"] * kl_loss, given.logp, metrics)


def main():
    draws, losses = Draws(20240206), openrlhf()
    betas = (0.01, 0.1, 0.3, 1.0, 2.0)
    cases = []
    for i in range(BATCHES):
        smoothing = (0.0, 0.1, 0.2, 0.4)[i // 5]
        params = {"beta": betas[i % 5], "label_smoothing": smoothing}
        cases.append(pairs(draws, losses, "cdpo", params, label_smoothing=smoothing))
    cases += [pairs(draws, losses, "ipo_sum", {"beta": betas[i % 5]}, ipo=True) for i in range(BATCHES)]
    for estimator in ("k1", "k2", "k3"):
        for i in range(BATCHES):
            clip = {"beta": betas[i % 5], "epsilon": 0.2, "epsilon_high": 0.28}
            loss_type = ("dapo", "grpo")[i % 2]
            cases.append(grpo(draws, losses, clip | {"kl_estimator": estimator, "loss_type": loss_type}))
    write("openrlhf", cases)


if __name__ == "__main__":
    main()
