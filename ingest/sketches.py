"""Bottom-k sketches as stored bytes, and what two of them say about the texts they were made from."""

import numpy as np
from numpy.typing import NDArray

from ingest.fingerprint import SKETCH_SIZE, sketch_order

__all__ = ["estimate_containment", "pack_sketch", "unpack_sketch"]


def pack_sketch(sketch: NDArray[np.int64]) -> bytes:
    """The signed 64-bit shingles one after the other, big-endian."""
    return sketch.astype(">i8").tobytes()


def unpack_sketch(packed: bytes) -> NDArray[np.int64]:
    """The inverse of pack_sketch."""
    return np.frombuffer(packed, ">i8").astype(np.int64)


def estimate_containment(a: NDArray[np.int64], a_size: int, b: NDArray[np.int64], b_size: int) -> float:
    """About how much of the smaller text's shingles the larger one has, 0 to 1; the sizes are in distinct shingles.

    The resemblance of two sets is estimated by the share of the union's k smallest hashes that both have (Broder 1997);
    containment follows from it and the sizes.
    """
    if not len(a) or not len(b):
        return 0.0
    union = np.union1d(a, b)
    smallest = union[np.argsort(sketch_order(union))[:SKETCH_SIZE]]
    in_both = np.isin(smallest, np.intersect1d(a, b))
    resemblance = float(in_both.sum()) / len(smallest)
    common = resemblance * (a_size + b_size) / (1 + resemblance)
    return min(1.0, common / min(a_size, b_size))
