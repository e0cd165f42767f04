"""NumPy and PyTorch as peers.

Standard input holds requests, a line of JSON each, until it ends; standard
output gets a line of JSON about what there is, and one for each request. A pass
is over rows of one length, with a call for each, as it is in Go.
"""

import functools
import json
import os
import sys
import time

# What the modules print while they are loaded must not get among the answers.
answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def answer(value):
    json.dump(value, answers)
    answers.write("\n")
    answers.flush()


found = {"Peers": [], "Versions": [], "Missing": []}
try:
    import numpy

    found["Peers"].append("numpy")
    found["Versions"].append("NumPy " + numpy.__version__)
    import torch

    found["Peers"] += ["torch-1", "torch-2"]
    found["Versions"].append("PyTorch " + torch.__version__)
    torch.set_grad_enabled(False)
except ImportError as missing:
    found["Missing"].append("Python's " + str(missing))
answer(found)

TILE = 4096
MOST_WARM = 8 << 20


def numpy_in_place(rows):
    maximum, zero = numpy.maximum, rows[0][0].dtype.type(0)
    for x, y in rows:
        maximum(x, zero, out=x)


def numpy_to(rows):
    maximum, zero = numpy.maximum, rows[0][0].dtype.type(0)
    for x, y in rows:
        maximum(x, zero, out=y)


def torch_in_place(rows):
    relu_ = torch.relu_
    for x, y in rows:
        relu_(x)


def torch_to(rows):
    # torch.relu has no out.
    clamp_min = torch.clamp_min
    for x, y in rows:
        clamp_min(x, 0, out=y)


PASSES = {
    ("numpy", "InPlace"): numpy_in_place,
    ("numpy", "To"): numpy_to,
    ("torch", "InPlace"): torch_in_place,
    ("torch", "To"): torch_to,
}


@functools.lru_cache(maxsize=1)
def memory(dtype, n, rows):
    return numpy.ones(n * rows, dtype), numpy.ones(n * rows, dtype)


@functools.lru_cache(maxsize=1)
def normal(dtype):
    return numpy.random.default_rng(1).standard_normal(TILE // numpy.dtype(dtype).itemsize).astype(dtype)


def fill(x, numbers):
    """Puts fresh numbers into x, half of them negative."""
    whole = len(x) // len(numbers) * len(numbers)
    x[:whole].reshape(-1, len(numbers))[:] = numbers
    x[whole:] = numbers[: len(x) - whole]


def of(library, arrays):
    return [torch.from_numpy(a) for a in arrays] if library == "torch" else arrays


def timed(library, op, dtype, n, count):
    arrays = memory(dtype, n, count)
    x, y = of(library, arrays)
    rows = [(x[i : i + n], y[i : i + n]) for i in range(0, n * count, n)]
    run = PASSES[library, op]
    if arrays[0].nbytes <= MOST_WARM:
        run(rows)
    fill(arrays[0], normal(dtype))
    start = time.perf_counter_ns()
    run(rows)
    return time.perf_counter_ns() - start


def applied(library, op, dtype, bits):
    array = numpy.array(bits, "uint64").astype("u" + dtype.replace("float", "int"))
    x = array.view(dtype)
    PASSES[library, op]([of(library, [x, x])])
    return array.tolist()


for line in sys.stdin:
    r = json.loads(line)
    library, _, threads = r["Peer"].partition("-")
    if threads:
        torch.set_num_threads(int(threads))
    if r["Bits"]:
        answer({"Bits": applied(library, r["Op"], r["Type"], r["Bits"])})
        continue
    ns = timed(library, r["Op"], r["Type"], r["N"], r["Rows"])
    if threads == "2":
        time.sleep(0.005)  # its second thread spins on for a while
    answer({"Ns": ns})
