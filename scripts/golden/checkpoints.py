"""The same weights in every form that PyTorch writes: tests/fixtures/checkpoints, for the zoo's network `tiny`.

Shapes are read from `deconvscope model show`'s source of truth, the list below; values are seeded. The files are small.
"""

import collections
import os
import pickle
from pathlib import Path

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
    torch.save({"a": state, "b": state}, OUT / "tiny-twice.pth")
    torch.save(Whole(state), OUT / "whole.pth")
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
