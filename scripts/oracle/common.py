"""What the oracle scripts share: random batches, a stand-in for a trainer, a vocabulary of two, and the writing of cases.

Nothing here computes a loss. The scripts beside this one call the frameworks' own functions, unchanged, on tensors made
here and differentiate what they return.
"""

import ast
import json
import os
import pathlib
import sys
from collections import defaultdict
from types import SimpleNamespace

import torch

FIXTURES = pathlib.Path(__file__).parents[2] / "src/objectives/fixtures"
BATCHES = 20

torch.set_default_dtype(torch.float64)


class Draws:
    """Random tensors as exact decimals, so that a fixture holds the very inputs."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def uniform(self, *shape, low=0.0, high=1.0, decimals=3):
        draw = torch.rand(*shape, generator=self.generator)
        return (low + (high - low) * draw).round(decimals=decimals)

    def whole(self, low, high, *shape):
        """Whole numbers from low to high, both included."""
        return torch.randint(low, high + 1, shape, generator=self.generator)

    def mask(self, rows, length):
        """Ragged rows: a prompt of none or one token, a completion of at least one, padding."""
        first = self.whole(0, 1, rows, 1)
        tokens = self.whole(1, length - 1, rows, 1)
        place = torch.arange(length)
        return ((place >= first) & (place < first + tokens)).double()

    def rows(self, rows, length, spread=0.8):
        """Log-probabilities under the policy, and near them under the reference and the policy that sampled."""
        mask = self.mask(rows, length)
        logp = self.uniform(rows, length, low=-2.1, high=-0.1) * mask

        def near():
            moved = logp + self.uniform(rows, length, low=-spread / 2, high=spread / 2)
            return moved.clamp(max=-0.001).round(decimals=3) * mask

        return SimpleNamespace(mask=mask, ref=near(), old=near(), logp=logp.requires_grad_())


def binary(logp):
    """
    Logits [R, T + 1, 2] of a vocabulary of two: token 0 has the log-probability, token 1 the rest, never quite nothing.
    Trainers predict position t + 1 from t, so the last position is a filler that no loss reads.
    """
    rest = torch.log(-torch.expm1(logp - 1e-12))
    logits = torch.stack([logp, rest], -1)
    return torch.cat([logits, logits[:, :1].detach()], 1)


def binary_entropy(given):
    """Entropy [R, T] of that vocabulary at the completion's tokens, in nats."""
    logits = binary(given.logp.detach())[:, :-1]
    return -(logits.exp() * logits).sum(-1) * given.mask


def model_of(logp, bits=torch.float64):
    """Stands for a model: whatever it is asked, it answers with these log-probabilities."""
    return lambda *_, **__: SimpleNamespace(logits=binary(logp).to(bits), aux_loss=None)


def with_prompt(mask):
    """The mask with one position before it, as trainers have it for input ids [R, T + 1]."""
    return torch.cat([torch.zeros(len(mask), 1), mask], 1)


accelerator = SimpleNamespace(
    device="cpu",
    num_processes=1,
    process_index=0,
    is_main_process=True,
    use_distributed=False,
    gather=lambda x: x,
    gather_for_metrics=lambda x: x,
    reduce=lambda x, reduction="sum": x,
    unwrap_model=lambda x: x,
    sync_gradients=True,
)


def trainer(**settings):
    """A stand-in for a trainer: its settings and what every loss reads besides."""
    return SimpleNamespace(
        accelerator=accelerator,
        model=SimpleNamespace(training=True),
        aux_loss_enabled=False,
        is_encoder_decoder=False,
        precompute_ref_logps=True,
        _metrics={"train": defaultdict(list)},
        _total_train_tokens=0,
        _tp_size=1,
        **settings,
    )


def logged(stand_in, *names):
    """The values that the trainer logged under these names."""
    found = stand_in._metrics["train"]
    return {name: found[name][0] for name in names if name in found}


def lines_of(function, first, last):
    """
    Some lines of a function as code to be executed, unchanged: from the line that begins with `first` to the statement
    that begins with `last`. For what cannot be called because it sits in the middle of something that needs a model.
    """
    import inspect
    import textwrap

    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    statements = [(ast.unparse(node), node) for node in tree.body[0].body]
    start = next(i for i, (text, _) in enumerate(statements) if text.startswith(first))
    end = next(i for i, (text, _) in enumerate(statements) if i >= start and text.startswith(last))
    module = ast.Module([node for _, node in statements[start : end + 1]], [])
    return compile(ast.fix_missing_locations(module), function.__qualname__, "exec")


def sources(variable, project):
    """The folder of a checkout, which the reader of the docstring has named in an environment variable."""
    folder = os.environ.get(variable)
    if folder is None:
        sys.exit(f"set {variable} to a checkout of {project}")
    return pathlib.Path(folder)


def definitions(path, names, **namespace):
    """
    Functions and classes of a file by name, executed unchanged but for decorators, which only register them. Importing
    the file itself would ask for the framework's whole stack.
    """
    tree = ast.parse(path.read_text())
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names]
    missing = set(names) - {node.name for node in found}
    if missing:
        sys.exit(f"{path} has no {', '.join(sorted(missing))}")
    for node in found:
        node.decorator_list = []
    future = ast.parse("from __future__ import annotations").body
    exec(compile(ast.Module(future + found, []), str(path), "exec"), namespace)
    return SimpleNamespace(**{name: namespace[name] for name in names})


def plain(value):
    """Nine significant digits, and whole numbers without a point."""
    if isinstance(value, torch.Tensor):
        value = value.detach().tolist()
    if isinstance(value, list):
        return [plain(x) for x in value]
    if isinstance(value, dict):
        return {name: plain(x) for name, x in value.items() if x is not None}
    if isinstance(value, bool | str | int):
        return value
    number = float(f"{value:.9g}")
    return int(number) if number.is_integer() else number


def case(objective, params, fields, loss=None, logp=None, metrics=None, **others):
    """
    One entry of a fixture. `fields` in the lab's names; `loss` is differentiated with respect to `logp` and to `others`,
    which appear under `gradients` by their names.
    """
    entry = {"objective": objective, "params": params, **fields}
    if loss is not None:
        inputs = {"logp": logp, **others}
        wanted = [x for x in inputs.values() if x is not None]
        found = iter(torch.autograd.grad(loss, wanted, allow_unused=True))
        gradients = {name: next(found) for name, x in inputs.items() if x is not None}
        zero = {name: torch.zeros_like(inputs[name]) for name in gradients}
        filled = {name: zero[name] if x is None else x for name, x in gradients.items()}
        entry |= {"logp": logp, "loss": loss.item(), "gradient": filled.pop("logp", None)}
        entry |= {name: inputs[name] for name in filled}
        entry["gradients"] = filled or None
    entry["metrics"] = metrics or None
    return plain(entry)


def write(name, cases):
    """One case per line, so that a change of one is a change of one line."""
    path = FIXTURES / f"{name}.json"
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
    path.write_text(f"[\n{lines}\n]\n")
    print(f"{len(cases)} cases, {path.stat().st_size / 1000:.0f} kB in {path.name}")
