"""Pairs: DPO in all its forms, Pref-FT, CPO and its relatives, ORPO. From TRL 1.13.0.

    pip install trl==1.13.0 torch
    python scripts/oracle/pairs.py

Runs `DPOTrainer._compute_loss`, `CPOTrainer.get_batch_loss_metrics` and `ORPOTrainer.get_batch_loss_metrics`, unchanged.
The trainer is a stand-in that holds the settings; the model's part is played by a vocabulary of two words in which the
completion's token has the drawn log-probability, so `entropy` is that vocabulary's.

Where the lab differs by construction:
- Pref-FT is `DPOTrainer` with `loss_type` sft. TRL logs the entropy of all rows then and the lab that of the chosen ones, which
  alone are learnt from; such cases have none.
- CPO logs an `nll_loss` of 0 where its weight is 0, since it does not compute it then; such cases have none.
- DPO under other divergences is `DPOTrainer` with `f_divergence_type`, LD-DPO with `ld_alpha`; AlphaPO is `CPOTrainer` with what its
  configuration makes of `loss_type` alphapo: simpo, and `cpo_alpha` 0 unless the case sets it.
- The alpha-divergence knows no numbers of 64 bits in TRL, so its cases are computed in 32 and are good to about seven digits; they have no
  `rewards/*`, which are differences of sums.
- ORPO's likelihood of the chosen row is TRL's over prompt and completion; the prompt here has no tokens that count, so
  both are the completion's.
- ORPO casts sequence log-probabilities to float32, so its numbers are good to about seven digits.
"""

from types import SimpleNamespace

import torch
from trl.experimental.cpo.cpo_trainer import CPOTrainer
from trl.experimental.orpo.orpo_trainer import ORPOTrainer
from trl.trainer.dpo_trainer import DPOTrainer

from common import BATCHES, Draws, binary_entropy, case, logged, model_of, trainer, with_prompt, write

ROWS, LENGTH = 6, 6
DPO_METRICS = [f"rewards/{name}" for name in ("chosen", "rejected", "margins", "accuracies")]
DPO_METRICS += ["logps/chosen", "logps/rejected", "entropy"]


def fields(given, reference=True):
    return {"mask": given.mask, "refLogp": given.ref if reference else None, "entropy": binary_entropy(given)}


def dpo(draws, objective, params, loss_types=None, loss_weights=(1.0,), metrics=DPO_METRICS, divergence="reverse_kl"):
    given = draws.rows(ROWS, LENGTH)
    bits = torch.float32 if divergence == "alpha_divergence" else torch.float64
    ref_chosen, ref_rejected = given.ref.sum(1).to(bits).chunk(2)
    stand_in = trainer(
        beta=params.get("beta", 0.1),
        loss_types=loss_types or [objective],
        loss_weights=list(loss_weights),
        label_smoothing=params.get("label_smoothing", 0.0),
        args=SimpleNamespace(discopop_tau=params.get("discopop_tau")),
        f_divergence_type=divergence,
        f_alpha_divergence_coef=params.get("f_alpha_divergence_coef"),
        ld_alpha=params.get("ld_alpha"),
        use_weighting=False,
    )
    if "ld_alpha" in params:
        # Weights the reference's tokens too, which is only seen where the reference is asked and not precomputed.
        stand_in.precompute_ref_logps = False
        stand_in.ref_model = model_of(given.ref)
        stand_in.args.gradient_checkpointing = False
        stand_in.args.gradient_checkpointing_kwargs = None
        stand_in.model.is_gradient_checkpointing = False
    inputs = {
        "input_ids": torch.zeros(ROWS, LENGTH + 1, dtype=torch.long),
        "attention_mask": torch.ones(ROWS, LENGTH + 1),
        "completion_mask": with_prompt(given.mask),
        "ref_chosen_logps": ref_chosen,
        "ref_rejected_logps": ref_rejected,
    }
    loss = DPOTrainer._compute_loss(stand_in, model_of(given.logp, bits), inputs, False)
    return case(objective, params, fields(given), loss, given.logp, logged(stand_in, *metrics))


def pair_batch(mask):
    """What CPO's and ORPO's collators make: ids, attention and labels of chosen and rejected rows."""
    labels = torch.where(with_prompt(mask).bool(), 0, -100)
    batch = {}
    for side, part in zip(("chosen", "rejected"), labels.chunk(2), strict=True):
        batch[f"{side}_labels"] = part
        batch[f"{side}_input_ids"] = torch.zeros_like(part)
        batch[f"{side}_attention_mask"] = (part != -100).long()
    return batch


def without_reference(draws, Trainer, objective, params, **settings):
    given = draws.rows(ROWS, LENGTH)
    stand_in = trainer(**settings)
    for method in ("concatenated_inputs", "concatenated_forward", "get_batch_logps", "cpo_loss", "odds_ratio_loss"):
        function = getattr(Trainer, method, None)
        if function is not None:
            static = isinstance(Trainer.__dict__[method], staticmethod)
            setattr(stand_in, method, function if static else function.__get__(stand_in))
    loss, metrics = Trainer.get_batch_loss_metrics(stand_in, model_of(given.logp), pair_batch(given.mask))
    weight = params.get("cpo_alpha", params.get("alpha", 1))
    left_out = {"logits/chosen", "logits/rejected"} | (set() if weight else {"nll_loss"})
    kept = {name: value for name, value in metrics.items() if name not in left_out}
    return case(objective, params, fields(given, False), loss, given.logp, kept)


def cpo(draws, objective, params, loss_type="sigmoid"):
    return without_reference(
        draws,
        CPOTrainer,
        objective,
        params,
        loss_type=loss_type,
        beta=params["beta"],
        simpo_gamma=params.get("gamma"),
        cpo_alpha=params.get("cpo_alpha", params["alpha"]),
        alpha=params["alpha"] if "cpo_alpha" in params else 0.0,
        label_smoothing=params.get("label_smoothing", 0.0),
        pad_token_id=0,
    )


def orpo(draws, params):
    return without_reference(draws, ORPOTrainer, "orpo", params, beta=params["beta"], padding_value=0)


def main():
    draws = Draws(20240229)
    times = lambda make: [make(i) for i in range(BATCHES)]
    betas = (0.01, 0.1, 0.3, 1.0, 2.0)
    beta = lambda i: {"beta": betas[i % len(betas)]}
    smoothing = lambda i: {"label_smoothing": (0.05, 0.1, 0.2, 0.4)[i // len(betas)]}
    dpo_cases = times(lambda i: dpo(draws, "dpo", beta(i), ["sigmoid"]))
    for loss_type in "hinge ipo sigmoid_norm nca_pair bco_pair sppo_hard apo_zero apo_down".split():
        dpo_cases += times(lambda i: dpo(draws, loss_type, beta(i)))
    for loss_type in ("robust", "exo_pair"):
        dpo_cases += times(lambda i: dpo(draws, loss_type, beta(i) | smoothing(i)))
    dpo_cases += times(lambda i: dpo(draws, "discopop", beta(i) | {"discopop_tau": (0.05, 0.1, 1.0)[i % 3]}))
    for i in range(BATCHES):
        weight = (0.0, 0.5, 1.0, 2.0)[i % 4]
        dpo_cases.append(dpo(draws, "rpo", beta(i) | {"alpha": weight}, ["sigmoid", "sft"], (1.0, weight)))
    likelihoods = ("logps/chosen", "logps/rejected")
    dpo_cases += times(lambda _: dpo(draws, "pref-ft", {}, ["sft"], metrics=likelihoods))
    write("dpo", dpo_cases)

    alpha = lambda i: {"alpha": (0.0, 0.5, 1.0, 2.0)[i % 4]}
    gamma = lambda i: {"gamma": (0.0, 0.5, 1.6)[i % 3]}
    cpo_cases = times(lambda i: cpo(draws, "cpo", beta(i) | alpha(i)))
    cpo_cases += times(lambda i: cpo(draws, "simpo", beta(i) | gamma(i) | alpha(i), "simpo"))
    cpo_cases += times(lambda i: orpo(draws, beta(i)))
    for objective, loss_type in (("cpo_hinge", "hinge"), ("cpo_ipo", "ipo")):
        cpo_cases += times(lambda i: cpo(draws, objective, beta(i) | alpha(i), loss_type))
    shape = lambda i: {"alpha": (0.25, -0.5, 1.0, 0.0, 2.0)[i // 4], "cpo_alpha": (0.0, 1.0)[i % 2]}
    cpo_cases += times(lambda i: cpo(draws, "alphapo", beta(i) | gamma(i) | shape(i), "simpo"))
    write("cpo", cpo_cases)

    draws = Draws(20240301)
    more = []
    for name in ("forward_kl", "js_divergence"):
        more += times(lambda i: dpo(draws, f"dpo_{name}", beta(i), ["sigmoid"], divergence=name))
    coefficient = lambda i: {"f_alpha_divergence_coef": (0.5, 0.0, 0.2, 1.0, 2.0)[i // 4]}
    for i in range(BATCHES):
        params, name = beta(i) | coefficient(i), "alpha_divergence"
        more.append(dpo(draws, f"dpo_{name}", params, ["sigmoid"], metrics=(*likelihoods, "entropy"), divergence=name))
    noise = lambda i: {"label_smoothing": (0.0, 0.1, 0.2, 0.4)[i // len(betas)]}
    for loss_type in ("aot", "aot_unpaired"):
        more += times(lambda i: dpo(draws, loss_type, beta(i) | noise(i)))
    more += times(lambda i: dpo(draws, "ld_dpo", beta(i) | {"ld_alpha": (0.5, 0.0, 0.3, 1.0)[i // 5]}, ["sigmoid"]))
    write("divergences", more)


if __name__ == "__main__":
    main()
