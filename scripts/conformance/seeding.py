"""Seeded weights, each tensor's by its name alone, and the statistics that calibrate them."""

import zlib

import numpy

SEED = 20131112
SPREAD = 0.2


def he_normal(name, shape, fan_in):
    """Normal with a variance of 2 / fan_in (He et al. 2015)."""
    return _normal(name, shape) * numpy.float32((2 / fan_in) ** 0.5)


def near(centre, name, count, unit=1.0):
    """`count` values around `centre` with a spread of SPREAD × `unit`."""
    return numpy.float32(centre) + numpy.float32(SPREAD * unit) * _normal(name, count)


def by_channel(values):
    """Mean and variance of each channel of `[N, C, ...]`."""
    rows = numpy.asarray(values, dtype=numpy.float64).swapaxes(0, 1).reshape(values.shape[1], -1)
    return rows.mean(1).astype(numpy.float32), rows.var(1).astype(numpy.float32)


def across(vector, values):
    """A value for each channel, shaped to be computed with `[N, C, ...]`."""
    return vector.reshape(-1, *[1] * (values.ndim - 2))


def _normal(name, shape):
    generator = numpy.random.default_rng([SEED, zlib.crc32(name.encode())])
    return generator.standard_normal(shape, dtype=numpy.float32)
