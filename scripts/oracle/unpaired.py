"""Single judgements: KTO, APO-zero and BCO. From TRL 1.13.0.

    pip install trl==1.13.0 torch
    python scripts/oracle/unpaired.py

Runs `KTOTrainer._compute_loss` with its `_compute_kl_logps`, and `BCOTrainer.get_batch_loss_metrics` with its `bco_loss`
and `RunningMoments`, unchanged. Rows are the lab's: first the N judged completions (`labels` 1 desirable, 0 not), then N
mismatched ones, which are TRL's `KL_` completions; BCO has no use for those, and their gradient is zero in both.

Where the lab differs by construction:
- APO-zero on single completions is `KTOTrainer` with `loss_type` apo_zero_unpaired, which has no use for mismatched rows either.
- TRL's `entropy` is that of the judged rows, so the mismatched rows of a case have none recorded.
- BCO's shift d is the mean of all implicit rewards that were ever seen, this batch's with them. `carried` holds what TRL's
  running moments held before the batch, as the lab carries them: the sum of those rewards and their number.
"""

import torch
from trl.experimental.bco.bco_trainer import BCOTrainer, RunningMoments
from trl.trainer.kto_trainer import KTOTrainer

from common import BATCHES, Draws, accelerator, binary_entropy, case, logged, model_of, trainer, with_prompt, write

JUDGED, LENGTH = 4, 6
METRICS = [f"{what}/{side}" for what in ("rewards", "logps") for side in ("chosen", "rejected")]
METRICS += ["rewards/margins", "kl", "entropy"]


def batch(draws, i):
    """Rows and labels; the first batches are all desirable or all undesirable."""
    given = draws.rows(2 * JUDGED, LENGTH)
    labels = draws.whole(0, 1, JUDGED)
    if i < 2:
        labels = torch.full((JUDGED,), i)
    if i == 2:
        # The mismatched rows have grown less likely: the estimate of the KL is below zero and is taken for zero.
        given.ref[JUDGED:] = torch.where(given.mask[JUDGED:] > 0, -0.05, 0.0)
    entropy = binary_entropy(given)
    entropy[JUDGED:] = 0
    return given, labels, {"mask": given.mask, "refLogp": given.ref, "entropy": entropy, "labels": labels}


def kto(draws, i, params, objective="kto"):
    given, labels, fields = batch(draws, i)
    with_kl = objective == "kto"
    stand_in = trainer(loss_type=objective, calculate_KL=with_kl, use_liger_kernel=False, **params)
    stand_in._compute_kl_logps = KTOTrainer._compute_kl_logps.__get__(stand_in)
    judged, mismatched = given.logp[:JUDGED], given.logp[JUDGED:]
    answers = iter([model_of(mismatched), model_of(judged)] if with_kl else [model_of(judged)])
    ids = torch.zeros(JUDGED, LENGTH + 1, dtype=torch.long)
    inputs = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "completion_mask": with_prompt(given.mask[:JUDGED]),
        "KL_input_ids": ids,
        "KL_attention_mask": torch.ones_like(ids),
        "KL_completion_mask": with_prompt(given.mask[JUDGED:]),
        "label": labels.bool(),
        "ref_logps": given.ref[:JUDGED].sum(1),
        "ref_KL_logps": given.ref[JUDGED:].sum(1),
    }
    # TRL asks the model first about the mismatched rows, then about the judged ones.
    loss = KTOTrainer._compute_loss(stand_in, lambda **_: next(answers)(), inputs, False)
    metrics = METRICS if with_kl else [name for name in METRICS if name != "kl"]
    return case(objective, params, fields, loss, given.logp, logged(stand_in, *metrics))


def bco(draws, i, params):
    given, labels, fields = batch(draws, i)
    running = RunningMoments(accelerator)
    # Batches of an earlier step have been seen in three of four cases.
    seen = draws.uniform(i % 4 * JUDGED, low=-0.5, high=0.5)
    if len(seen) > 0:
        running.update(seen)
    stand_in = trainer(beta=params["beta"], running=running, match_underlying_distribution=False)
    stand_in._get_prompt_embeddings = lambda _: (None, None)
    stand_in.get_batch_logps = BCOTrainer.get_batch_logps
    for method in ("forward", "bco_loss"):
        setattr(stand_in, method, getattr(BCOTrainer, method).__get__(stand_in))
    mask = given.mask[:JUDGED]
    inputs = {
        "completion_input_ids": torch.zeros(JUDGED, LENGTH + 1, dtype=torch.long),
        "completion_attention_mask": torch.ones(JUDGED, LENGTH + 1),
        "completion_labels": torch.where(with_prompt(mask).bool(), 0, -100),
        "reference_logps": given.ref[:JUDGED].sum(1),
        "label": labels.bool().tolist(),
    }
    loss, found = BCOTrainer.get_batch_loss_metrics(stand_in, model_of(given.logp[:JUDGED]), inputs)
    metrics = {"delta": found["delta"]}
    # What `BCOTrainer.log` makes of the sums.
    for side in ("chosen", "rejected"):
        if f"count/{side}" in found:
            for what in ("rewards", "logps"):
                metrics[f"{what}/{side}"] = found[f"{what}/{side}_sum"] / found[f"count/{side}"]
    if "rewards/chosen" in metrics and "rewards/rejected" in metrics:
        metrics["rewards/margins"] = metrics["rewards/chosen"] - metrics["rewards/rejected"]
    fields["carried"] = [seen.sum(), float(len(seen))]
    return case("bco", params, fields, loss, given.logp, metrics)


def main():
    draws = Draws(20240202)
    betas = (0.01, 0.1, 0.3, 1.0, 2.0)
    weights = lambda i: {"desirable_weight": (1.0, 1.33)[i // 5 % 2], "undesirable_weight": (1.0, 0.5)[i // 10]}
    cases = [kto(draws, i, {"beta": betas[i % 5]} | weights(i)) for i in range(BATCHES)]
    cases += [bco(draws, i, {"beta": betas[i % 5]}) for i in range(BATCHES)]
    cases += [kto(draws, i, {"beta": betas[i % 5]} | weights(i), "apo_zero_unpaired") for i in range(BATCHES)]
    write("unpaired", cases)


if __name__ == "__main__":
    main()
