"""Objectives that no framework has, from the code that was published with their papers: RLAG, SAMI, pass@k advantages.

    git clone https://github.com/ChaojunNie/RLAG && git -C RLAG checkout ebc874f3da31b949c29ded7b298a5d6e60eb8cfc
    git clone https://github.com/janphilippfranken/sami && git -C sami checkout 120837110e9f4da3600f9cf418cf6ce13ce20e73
    git clone https://github.com/RUCAIBox/Passk_Training
    git -C Passk_Training checkout c3ba575ecb31f47fd9f5c43b18c081d4a295f783
    RLAG=RLAG SAMI=sami PASSK=Passk_Training python scripts/oracle/published.py

Runs `compute_rlag_batch_loss`, `sami_loss` with `get_batch_logprobs`, and `compute_advantage` of the pass@k training,
unchanged; only these definitions are read from the checkouts, so torch and numpy are all that has to be installed
(`scipy.special.comb` is replaced by Python's own).

Where the lab differs by construction:
- RLAG's released batches hold the weights of each question: (.5, 0) where both options are one, else the two of the
  configuration. `same` [N] tells which. Its code works in float32.
- SAMI's loss is per question in the code, which takes one at a time; the mean over questions is made here. `sami_sum` is the
  paper's text: the code's loss on sums of log-probabilities, where the code itself takes their means.
"""

import contextlib
import io
import math
from collections import defaultdict
from types import SimpleNamespace
from typing import Dict, List, Union

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from common import BATCHES, Draws, binary, case, definitions, sources, with_prompt, write

LENGTH = 6
FLAGS = "Ablation NoRejected NoGamma NoInformation PureChosen PureInformation PureRejected FixBeta_AD".split()


def rlag(draws, code, i):
    questions = 2
    given = draws.rows(3 * questions, LENGTH)
    # Some options are so unlikely that they are no longer pushed, some so likely that they are no longer pulled.
    given.logp.data[-1] *= (1, 1, 4, 6)[i % 4]
    given.logp.data[questions] *= (1, 0.05)[i % 2]
    same = draws.whole(0, 1, questions)
    params = {"beta_delta": (0.2, 0.5)[i % 2], "beta_a": (0.5, 1.0)[i // 2 % 2], "gamma": (8.0, 0.8, 1.0)[i % 3]}
    # The lab's rows are text, chosen, rejected; the code's are chosen, rejected, text.
    turned = lambda x: torch.cat([x[questions:], x[:questions]])
    ids = torch.zeros(3 * questions, LENGTH + 1, dtype=torch.long)
    batch = {
        "beta_D": torch.where(same > 0, 0.5, params["beta_delta"]),
        "beta_A": torch.where(same > 0, 0.0, params["beta_a"]),
        "concatenated": ids,
        "concatenated_attention_mask": torch.ones_like(ids),
        "concatenated_mask": with_prompt(turned(given.mask)),
        "chosen": ids[:questions],
        "rejected": ids[:questions],
    }
    config = SimpleNamespace(chosen_is_standard_answer=False, **dict.fromkeys(FLAGS, False))

    class Model:
        device = "cpu"

        def __call__(self, *_, **__):
            return SimpleNamespace(logits=binary(turned(given.logp)))

    loss, text, chosen, _ = code.compute_rlag_batch_loss(batch, Model(), None, params["gamma"], config)
    fields = {"mask": given.mask, "same": same}
    return case("rlag", params, fields, loss, given.logp, {"rlag/text": text, "rlag/chosen": chosen})


def sami(draws, code, i, summed):
    questions, principles = 2, (2, 3)[i % 2]
    size = principles * principles
    given = draws.rows(questions * size, LENGTH)
    labels = torch.where(with_prompt(given.mask).bool(), 0, -100)
    averages = code.get_batch_logprobs(binary(given.logp), labels)
    known = (given.logp * given.mask).sum(1) if summed else averages
    losses = [code.sami_loss(part.view(principles, principles)) for part in known.split(size)]
    objective = "sami_sum" if summed else "sami"
    return case(objective, {}, {"mask": given.mask, "group": principles}, sum(losses) / questions, given.logp)


def pass_at_k(draws, code, i):
    rows, length, group = 16, 3, 8
    mask = draws.mask(rows, length)
    rewards = (draws.uniform(rows) < (0.1, 0.3, 0.6, 0.9)[i % 4]).double()
    k = (2, 4, 3)[i % 3]
    with contextlib.redirect_stdout(io.StringIO()):
        advantages, _ = code.compute_advantage(rewards[:, None].clone(), mask, np.arange(rows) // group, k)
    fields = {"mask": mask, "rewards": rewards, "group": group, "advantages": advantages}
    return case("pass-at-k", {"k": k}, fields)


def main():
    draws = Draws(20240208)
    names = {"torch": torch, "nn": nn, "F": functional, "Dict": Dict, "List": List, "Union": Union, "np": np}
    names |= {"defaultdict": defaultdict, "comb": lambda n, k: math.comb(n, k) if n >= 0 else 0}
    rlag_path = sources("RLAG", "https://github.com/ChaojunNie/RLAG") / "RLAG/utils.py"
    sami_path = sources("SAMI", "https://github.com/janphilippfranken/sami") / "src/sami/trainers/sami_trainer.py"
    pass_path = sources("PASSK", "https://github.com/RUCAIBox/Passk_Training") / "code/passk_adv.py"
    rlag_code = definitions(rlag_path, ["RLAGLoss", "compute_logprobs", "compute_rlag_batch_loss"], **names)
    sami_code = definitions(sami_path, ["sami_loss", "get_batch_logprobs"], **names)
    pass_code = definitions(pass_path, ["calc_adv", "compute_advantage"], **names)
    cases = [rlag(draws, rlag_code, i) for i in range(BATCHES)]
    cases += [sami(draws, sami_code, i, summed) for summed in (False, True) for i in range(BATCHES)]
    cases += [pass_at_k(draws, pass_code, i) for i in range(BATCHES)]
    write("published", cases)


if __name__ == "__main__":
    main()
