"""What NumPy and PyTorch make of relu's functions.

Standard input holds requests until it ends. A request is a line of JSON with
the function, the element type, how many neighbours share a channel and the
sizes of the arrays in bytes, and then the arrays, little-endian. Standard
output gets a line of JSON about the frameworks, and then for each request a line
with the names of the answers and the sizes of their arrays, and the arrays.
"""

import contextlib
import json
import os
import re
import sys

# PyTorch's AVX2 and AVX-512 code need not agree: ask for the same on every CPU.
with contextlib.suppress(OSError), open("/proc/cpuinfo") as cpuinfo:
    if " avx2 " in cpuinfo.read():
        os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

# What the frameworks print while they are loaded must not get among the answers.
answers_file = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

import numpy
import torch
from torch.nn import functional

numpy.seterr(all="ignore")
torch.set_num_threads(1)


def zero(x):
    return x.dtype.type(0)


def tensor(x):
    return torch.from_numpy(x.copy())


def autograd(function, grad, *inputs):
    """The gradients of function, with respect to each of its inputs."""
    inputs = [tensor(x).requires_grad_() for x in inputs]
    return [g.numpy() for g in torch.autograd.grad(function(*inputs), inputs, tensor(grad))]


def to(inner, x):
    return {
        "numpy.maximum(x, 0)": [numpy.maximum(x, zero(x))],
        "numpy.maximum(0, x)": [numpy.maximum(zero(x), x)],
        "torch.relu(x)": [torch.relu(tensor(x)).numpy()],
    }


def in_place(inner, x):
    rectified = x.copy()
    numpy.maximum(rectified, zero(x), out=rectified)
    return {
        "numpy.maximum(x, 0, out=x)": [rectified],
        "torch.relu_(x)": [torch.relu_(tensor(x)).numpy()],
    }


def in_place_float16(inner, x):
    # PyTorch 1.13 has no relu for float16 on a CPU.
    return {
        "numpy.maximum(x, 0)": [numpy.maximum(x, zero(x))],
        "numpy.maximum(0, x)": [numpy.maximum(zero(x), x)],
    }


def in_place_bfloat16(inner, x):
    # A bfloat16 is the upper half of a float32.
    single = (x.view("uint16").astype("uint32") << 16).view("float32")
    rectified = torch.relu_(tensor(x).view(torch.bfloat16))
    return {
        "numpy.where(x <= 0, 0, x)": [numpy.where(single <= 0, zero(x), x)],
        "torch.relu_(x)": [rectified.view(torch.int16).numpy()],
    }


def grad(inner, grad, x):
    return {
        "numpy.where(x <= 0, 0, grad)": [numpy.where(x <= 0, zero(x), grad)],
        "torch.autograd.grad of relu": autograd(torch.relu, grad, x),
    }


def leaky(inner, x, slope):
    return {
        "numpy.where(x <= 0, slope*x, x)": [numpy.where(x <= 0, slope * x, x)],
        "torch.nn.functional.leaky_relu(x, slope)": [
            functional.leaky_relu(tensor(x), float(slope[0])).numpy()
        ],
    }


def leaky_grad(inner, grad, x, slope):
    return {
        "numpy.where(x <= 0, slope*grad, grad)": [numpy.where(x <= 0, slope * grad, grad)],
        "torch.autograd.grad of leaky_relu": autograd(
            lambda x: functional.leaky_relu(x, float(slope[0])), grad, x
        ),
    }


def spread(x, slopes, inner):
    """The slope of each element of x."""
    return slopes[numpy.arange(len(x)) // inner % len(slopes)]


def channels_first(inner):
    return lambda x, slopes: torch.prelu(x.reshape(-1, len(slopes), inner), slopes).reshape(-1)


def channels_last(x, slopes):
    """An image of 1 by n pixels whose channels are neighbours in memory."""
    image = x.reshape(1, 1, -1, len(slopes)).permute(0, 3, 1, 2)
    return torch.prelu(image, slopes).permute(0, 2, 3, 1).reshape(-1)


def prelu(inner, x, slopes):
    answers = {
        "numpy.where(x <= 0, slopes*x, x)": [
            numpy.where(x <= 0, spread(x, slopes, inner) * x, x)
        ],
        "torch.prelu(x, slopes)": [channels_first(inner)(tensor(x), tensor(slopes)).numpy()],
    }
    if inner == 1:
        answers["torch.prelu(x, slopes), channels last"] = [
            channels_last(tensor(x), tensor(slopes)).numpy()
        ]
    return answers


def prelu_grad(inner, grad, x, slopes):
    terms = numpy.where(x <= 0, grad * x, zero(x))
    sums = terms.reshape(-1, len(slopes), inner).sum(axis=(0, 2), dtype=numpy.longdouble)
    answers = {
        "numpy.where(x <= 0, slopes*grad, grad), sums in numpy.longdouble": [
            numpy.where(x <= 0, spread(x, slopes, inner) * grad, grad),
            # Adding 0 makes a sum of nothing but -0 the +0 that sums start at.
            (sums + 0).astype(x.dtype),
        ],
        "torch.autograd.grad of prelu": autograd(channels_first(inner), grad, x, slopes),
    }
    if inner == 1:
        answers["torch.autograd.grad of prelu, channels last"] = autograd(
            channels_last, grad, x, slopes
        )
    return answers


def clip(inner, x, limit):
    limit = limit[0]
    answers = {
        "numpy.clip(x, 0, limit)": [numpy.clip(x, zero(x), limit)],
        "torch.nn.functional.hardtanh(x, 0, limit)": [
            functional.hardtanh(tensor(x), 0, limit.item()).numpy()
        ],
    }
    if limit == 6:
        answers["torch.nn.functional.relu6(x)"] = [functional.relu6(tensor(x)).numpy()]
    return answers


def clip_grad(inner, grad, x, limit):
    limit = limit[0]
    answers = {
        "numpy.where((x <= 0) | (x >= limit), 0, grad)": [
            numpy.where((x <= 0) | (x >= limit), zero(x), grad)
        ],
        "torch.autograd.grad of hardtanh": autograd(
            lambda x: functional.hardtanh(x, 0, limit.item()), grad, x
        ),
    }
    if limit == 6:
        answers["torch.autograd.grad of relu6"] = autograd(functional.relu6, grad, x)
    return answers


def clamp(inner, x, bounds):
    lo, hi = bounds
    answers = {"numpy.clip(x, lo, hi)": [numpy.clip(x, lo, hi)]}
    if x.dtype.kind == "f":
        answers["torch.nn.functional.hardtanh(x, lo, hi)"] = [
            functional.hardtanh(tensor(x), lo.item(), hi.item()).numpy()
        ]
    elif x.dtype != "uint16":  # which PyTorch 1.13 has not
        answers["torch.clamp(x, lo, hi)"] = [torch.clamp(tensor(x), lo.item(), hi.item()).numpy()]
    return answers


def clamp_grad(inner, grad, x, bounds):
    lo, hi = bounds
    return {
        "numpy.where((x <= lo) | (x >= hi), 0, grad)": [
            numpy.where((x <= lo) | (x >= hi), zero(x), grad)
        ],
        "torch.autograd.grad of hardtanh": autograd(
            lambda x: functional.hardtanh(x, lo.item(), hi.item()), grad, x
        ),
    }


def square(inner, x):
    return {
        "numpy.square(numpy.maximum(x, 0))": [numpy.square(numpy.maximum(x, zero(x)))],
        "torch.square(torch.relu(x))": [torch.square(torch.relu(tensor(x))).numpy()],
    }


def square_grad(inner, grad, x):
    return {"numpy.where(x <= 0, 0, grad*(x+x))": [numpy.where(x <= 0, zero(x), grad * (x + x))]}


def gate(inner, a, b):
    return {"numpy.where(a <= 0, 0, a*b)": [numpy.where(a <= 0, zero(a), a * b)]}


def gate_grad(inner, grad, a, b):
    return {
        "numpy.where(a <= 0, 0, grad*b) and grad*a": [
            numpy.where(a <= 0, zero(a), grad * b),
            numpy.where(a <= 0, zero(a), grad * a),
        ],
        # The gradient of b is grad*relu(a) there, which is -0 or NaN for some.
        "torch.autograd.grad of relu(a)*b": autograd(
            lambda a: torch.relu(a) * tensor(b), grad, a
        ),
    }


def bits(x):
    """A bit for each element, in words of 64."""
    packed = numpy.packbits(numpy.asarray(~(x <= 0)), bitorder="little")
    return numpy.pad(packed, (0, -len(packed) % 8))


def mask(inner, x):
    return {"numpy.packbits(~(x <= 0))": [bits(x)]}


def in_place_mask(inner, x):
    return {
        "numpy.where(x <= 0, 0, x) and packbits": [numpy.where(x <= 0, zero(x), x), bits(x)]
    }


def active(inner, x):
    return {
        "numpy.count_nonzero(~(x <= 0))": [
            numpy.array([numpy.count_nonzero(~(x <= 0))], "int64")
        ]
    }


def bias(inner, x, bias):
    rows = x.reshape(-1, len(bias))
    return {
        "numpy.maximum(x + bias, 0)": [numpy.maximum(rows + bias, zero(x))],
        "torch.relu(x + bias)": [torch.relu(tensor(rows) + tensor(bias)).numpy()],
    }


def add(inner, a, b):
    return {
        "numpy.maximum(a + b, 0)": [numpy.maximum(a + b, zero(a))],
        "torch.relu(a + b)": [torch.relu(tensor(a) + tensor(b)).numpy()],
    }


# The functions on half floats, in the frameworks' own arithmetic on them: where, zero and
# the arrays are NumPy's or PyTorch's.
HALVES = {
    "To": lambda where, zero, x: where(x <= 0, zero, x),
    "Grad": lambda where, zero, grad, x: where(x <= 0, zero, grad),
    "Clip": lambda where, zero, x, limit: where(x <= 0, zero, where(x > limit, limit, x)),
    "ClipGrad": lambda where, zero, grad, x, limit: where((x <= 0) | (x >= limit), zero, grad),
    "Leaky": lambda where, zero, x, slope: where(x <= 0, slope * x, x),
    "LeakyGrad": lambda where, zero, grad, x, slope: where(x <= 0, slope * grad, grad),
    "Square": lambda where, zero, x: where(x <= 0, zero, x * x),
    "Add": lambda where, zero, a, b: where(a + b <= 0, zero, a + b),
    "Bias": lambda where, zero, x, bias: HALVES["Add"](
        where, zero, x.reshape(-1, len(bias)), bias
    ).reshape(-1),
}


def halves(function, dtype, *arrays):
    """What the framework that has the type makes of a function."""
    if dtype == "float16":
        if function == "Mask":
            return {"numpy.packbits(~(x <= 0)) of float16": [bits(*arrays)]}
        result = HALVES[function](numpy.where, numpy.float16(0), *arrays)
        return {"numpy.where on float16": [result]}
    tensors = [tensor(x).view(torch.bfloat16) for x in arrays]
    if function == "Mask":
        return {"~(x <= 0) of torch.bfloat16": [bits(tensors[0].float().numpy())]}
    result = HALVES[function](torch.where, torch.zeros(1, dtype=torch.bfloat16), *tensors)
    return {"torch.where on bfloat16": [result.view(torch.int16).numpy()]}


FUNCTIONS = {
    "To": to,
    "InPlace": in_place,
    "InPlaceFloat16": in_place_float16,
    "InPlaceBFloat16": in_place_bfloat16,
    "Grad": grad,
    "Leaky": leaky,
    "LeakyGrad": leaky_grad,
    "PReLU": prelu,
    "PReLUGrad": prelu_grad,
    "Clip": clip,
    "ClipGrad": clip_grad,
    "Clamp": clamp,
    "ClampGrad": clamp_grad,
    "Mask": mask,
    "InPlaceMask": in_place_mask,
    "GradMask": grad,
    "Active": active,
    "Square": square,
    "SquareGrad": square_grad,
    "Gate": gate,
    "GateGrad": gate_grad,
    "Bias": bias,
    "Add": add,
}

# NumPy has no bfloat16: its bits travel as integers.
NUMPY_TYPES = {"bfloat16": "int16"}


def write_line(value):
    answers_file.write(json.dumps(value).encode() + b"\n")


def main():
    capability = re.search("CPU capability usage: (.*)", torch.__config__.show()).group(1)
    versions = ["NumPy " + numpy.__version__, "PyTorch " + torch.__version__]
    write_line({"versions": versions, "capability": capability})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        dtype = numpy.dtype(NUMPY_TYPES.get(request["type"], request["type"]))
        arrays = [
            numpy.frombuffer(sys.stdin.buffer.read(size), dtype) for size in request["sizes"]
        ]
        function = request["function"]
        if request["type"].endswith("float16") and not function.startswith("InPlace"):
            answers = halves(function, request["type"], *arrays)
        else:
            answers = FUNCTIONS[function](request["inner"], *arrays)
        write_line(
            [{"name": n, "sizes": [a.nbytes for a in arrays]} for n, arrays in answers.items()]
        )
        for arrays in answers.values():
            for array in arrays:
                answers_file.write(array.tobytes())
    answers_file.close()


main()
