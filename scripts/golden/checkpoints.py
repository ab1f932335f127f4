"""The same weights in every form that PyTorch writes: tests/fixtures/checkpoints, for the zoo's network `tiny`.

Shapes are read from `deconvscope model show`'s source of truth, the list below; values are seeded. The files are small.
"""

import argparse
import collections
import datetime
import enum
import functools
import os
import pathlib
import pickle
import random
from pathlib import Path

import numpy
import torch
from safetensors.torch import save_file

OUT = Path("tests/fixtures/checkpoints")


def weights(shapes):
    generator = torch.Generator().manual_seed(20131112)
    state = collections.OrderedDict()
    for name, shape in shapes.items():
        values = torch.randn(shape, generator=generator) * 0.1
        state[name] = values.abs() + 0.5 if name.endswith("running_var") else values
    return state


class Whole(torch.nn.Module):
    """A pickled module refers to its class, which must not be imported."""

    def __init__(self, state):
        super().__init__()
        for name, values in state.items():
            self.register_buffer(name.replace(".", "_"), values)


class Harmful:
    def __reduce__(self):
        return os.system, ("touch /tmp/deconvscope-was-here",)


class Colour(enum.Enum):
    RED = 1


class Settings(dict):
    """A dict of a class of its own, and one with attributes."""

    def __init__(self, **items):
        super().__init__(items)
        self.path = pathlib.PurePosixPath("a/b")


class Meter:
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


class Reduced:
    def __reduce__(self):
        return Reduced, (), None, iter([1, 2]), iter([("a", torch.ones(2))])

    def append(self, item):
        pass

    def extend(self, items):
        pass

    def __setitem__(self, key, item):
        pass


def objects():
    """What stands in checkpoints beside the weights, and that no tensor depends on."""
    torch.manual_seed(20131112)
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    counts = collections.defaultdict(list, {"a": [1]})
    counts["self"] = counts
    return {
        "best_acc1": numpy.float64(71.5), "count": numpy.int64(3), "array": numpy.arange(6.0).reshape(2, 3),
        "dtype": numpy.dtype("float32"), "names": numpy.array(["cat", "dog"]), "args": argparse.Namespace(lr=0.1, seed=None),
        "when": datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.timezone.utc), "took": datetime.timedelta(seconds=3),
        "path": pathlib.PurePosixPath("runs/1"), "classes": {"cat", "dog"}, "frozen": frozenset({1, 2}), "counts": counts,
        "counter": collections.Counter("abca"), "queue": collections.deque([1, 2], 3), "ordered": collections.OrderedDict(a=1),
        "colour": Colour.RED, "partial": functools.partial(int, base=2), "settings": Settings(lr=0.1), "meter": Meter(0.5),
        "reduced": Reduced(), "size": torch.Size([2, 3]), "device": torch.device("cpu"), "kind": torch.float16,
        "layout": torch.strided, "complex": 1 + 2j, "bytes": b"\xff\x00", "array_of_bytes": bytearray(b"ab"), "large": 1 << 80,
        "range": range(3), "slice": slice(1, 2), "module": torch.nn.ReLU, "function": len, "loss": float("nan"),
        "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(), "torch_rng": torch.get_rng_state(),
        "python_rng": random.Random(1).getstate(), "numpy_rng": numpy.random.RandomState(1).get_state(),
        "sparse": torch.eye(3).to_sparse(), "quantised": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
        "surrogate": "\udcff", 7: "a number for a key", ("a", 1): "a tuple for one",
    }


def beside(state):
    """The forms of a checkpoint that holds objects of all kinds."""
    for protocol in (2, 4, 5):
        held = {**objects(), "state_dict": state}
        torch.save(held, OUT / f"objects-{protocol}.pth", pickle_protocol=protocol)
    torch.save({**objects(), "state_dict": state}, OUT / "objects-legacy.pth", _use_new_zipfile_serialization=False)
    for protocol in (1, 3, 4, 5):
        torch.save({"count": 1 << 40, "state_dict": state}, OUT / f"legacy-{protocol}.pth", pickle_protocol=protocol,
                   _use_new_zipfile_serialization=False)
    torch.save({"count": 1 << 70, "state_dict": state}, OUT / "zip-1.pth", pickle_protocol=1)
    first = next(iter(state))
    with_attribute = torch.nn.Parameter(state[first])
    with_attribute.decay = 0.1
    plain = state[first].clone()
    plain.origin = "here"
    for name, instead in {
        "parameter": with_attribute, "attribute": plain, "array": state[first].numpy(), "meter": Meter(state[first]),
        "sparse": state[first].to_sparse(), "quantised": torch.quantize_per_tensor(state[first], 0.1, 0, torch.qint8),
    }.items():
        torch.save(collections.OrderedDict(state, **{first: instead}), OUT / f"first-{name}.pth")


def main():
    shapes = {}
    for line in (OUT / "shapes.txt").read_text().splitlines():
        name, *sides = line.split()
        shapes[name] = [int(side) for side in sides]
    state = weights(shapes)
    save_file({name: values.contiguous() for name, values in state.items()}, OUT / "tiny.safetensors")
    torch.save(state, OUT / "tiny.pth")
    torch.save(state, OUT / "tiny-legacy.pth", _use_new_zipfile_serialization=False)
    save_file({name: values.half() for name, values in state.items()}, OUT / "tiny-half.safetensors")
    torch.save({name: values.half() for name, values in state.items()}, OUT / "tiny-half.pth")
    torch.save({name: values.double() for name, values in state.items()}, OUT / "tiny-double.pth",
               _use_new_zipfile_serialization=False)
    torch.save({name: values.bfloat16() for name, values in state.items()}, OUT / "tiny-bfloat16.pth")
    wrapped = collections.OrderedDict((f"module.{name}", torch.nn.Parameter(values)) for name, values in state.items())
    wrapped["module.bn.num_batches_tracked"] = torch.tensor(7)
    torch.save({"epoch": 3, "best": 0.71, "args": ["--lr", 1e-2, None, True], "arch": "tiny",
                "optimizer": {"state": {}, "param_groups": [{"lr": 0.1, "params": [0, 1]}]},
                "state_dict": wrapped}, OUT / "tiny-training.pth")
    # Views of one storage, transposed and cut out of the middle.
    one = torch.zeros(sum(values.numel() for values in state.values()) + 5)
    views, at = collections.OrderedDict(), 5
    for name, values in state.items():
        part = one[at:at + values.numel()]
        if values.dim() == 2:
            part = part.view(values.shape[1], values.shape[0]).t()
        else:
            part = part.view(values.shape)
        part.copy_(values)
        views[name], at = part, at + values.numel()
    for kind, new in (("", True), ("-legacy", False)):
        torch.save(views, OUT / f"tiny-views{kind}.pth", _use_new_zipfile_serialization=new)
    torch.save({"a": state, "b": collections.OrderedDict(state)}, OUT / "tiny-twice.pth")
    torch.save({"a": state, "b": state}, OUT / "tiny-alias.pth")
    torch.save(Whole(state), OUT / "whole.pth")
    torch.save({"net": Whole(state), "rng": torch.get_rng_state()}, OUT / "whole-beside.pth")
    torch.save(Whole(state), OUT / "whole-legacy.pth", _use_new_zipfile_serialization=False)
    beside(state)
    small = torch.nn.Linear(2, 2).eval()
    torch.export.save(torch.export.export(small, (torch.zeros(1, 2),)), OUT / "program.pt2")
    torch.save({"x": Harmful()}, OUT / "harmful.pth")
    torch.save({"epoch": 3}, OUT / "nothing.pth")
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(OUT / "scripted.pt"))
    (OUT / "plain.pkl").write_bytes(pickle.dumps({"features.0.weight": [1.0]}))
    state_nan = collections.OrderedDict(state)
    state_nan[next(iter(state))] = torch.full_like(next(iter(state.values())), float("nan"))
    torch.save(state_nan, OUT / "tiny-nan.pth")
    whole_numbers = collections.OrderedDict((name, (values * 10).long()) for name, values in state.items())
    torch.save(whole_numbers, OUT / "tiny-long.pth")


if __name__ == "__main__":
    main()
