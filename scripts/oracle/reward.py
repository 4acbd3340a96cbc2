"""Reward models: the Bradley-Terry loss with margins and with centring. From TRL 1.13.0.

    pip install trl==1.13.0 torch
    python scripts/oracle/reward.py

Runs `RewardTrainer.compute_loss`, unchanged. The loss reads the head's `scores` [R] and nothing else of the policy, so the
log-probabilities of a case are there to have a shape, and their gradient is zero.
"""

from types import SimpleNamespace

from trl.trainer.reward_trainer import RewardTrainer

from common import BATCHES, Draws, case, trainer, write

ROWS, LENGTH = 6, 3


def reward_model(draws, i):
    given = draws.rows(ROWS, LENGTH)
    scores = draws.uniform(ROWS, low=-3.0, high=3.0).requires_grad_()
    margins = draws.uniform(ROWS // 2, high=2.0) if i % 2 == 1 else None
    params = {"center_rewards_coefficient": (0.0, 0.01, 0.5)[i % 3]}
    stand_in = trainer(args=SimpleNamespace(**params))
    inputs = {"attention_mask": given.mask} | ({} if margins is None else {"margin": margins})
    loss = RewardTrainer.compute_loss(stand_in, lambda **_: SimpleNamespace(logits=scores[:, None]), inputs)
    logged = stand_in._metrics["train"]
    metrics = {name: logged[name][0] for name in ("accuracy", "margin", "min_reward", "mean_reward", "max_reward")}
    fields = {"mask": given.mask, "margins": margins}
    return case("reward-model", params, fields, loss, given.logp, metrics, scores=scores)


def main():
    draws = Draws(20240205)
    write("reward", [reward_model(draws, i) for i in range(BATCHES)])


if __name__ == "__main__":
    main()
