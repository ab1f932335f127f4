"""Reads a pickle of nested dicts and lists of float32 numpy arrays, and nothing else: no numpy, no code of the file's."""

import io
import math
import pickle
from array import array

from .files import SetupError


class StoredArray:
    """Stands in for numpy.ndarray: shape and raw little-endian float32 words, in C order."""

    def __setstate__(self, state):
        _, self.shape, dtype, fortran_order, content = state
        if not isinstance(dtype, StoredType) or not dtype.is_float32 or fortran_order:
            raise pickle.UnpicklingError("an array that is not little-endian float32 in C order")
        if len(content) != 4 * math.prod(self.shape):
            raise pickle.UnpicklingError(f"{len(content)} bytes for an array of shape {self.shape}")
        # As integers: the words are only moved, never computed with, and keep their bits.
        self.words = array("I", content)


class StoredType:
    """Stands in for numpy.dtype."""

    def __init__(self, name, *_):
        self.name = name
        self.is_float32 = False

    def __setstate__(self, state):
        self.is_float32 = self.name == "f4" and state[1] == "<"


def _reconstruct(*_):
    return StoredArray()


class _Reader(pickle.Unpickler):
    ALLOWED = {
        ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy", "ndarray"): StoredArray,
        ("numpy", "dtype"): StoredType,
    }

    def find_class(self, module, name):
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return self.ALLOWED[module, name]


def read_arrays(name, content):
    """The pickle's dicts and lists with `StoredArray` leaves."""
    try:
        return _Reader(io.BytesIO(content)).load()
    except Exception as error:  # a hostile pickle can raise anything
        raise SetupError(f"{name} is not a plain pickle of arrays: {error}") from error
