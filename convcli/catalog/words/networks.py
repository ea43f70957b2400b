"""Words of the help on the layers of networks: their formulas, the meanings of their parameters, and uses."""

from __future__ import annotations

# x is a share of full scale.
FORMULAS = {
    "sigmoid": "1 / (1 + exp(−x)), in shares of full scale",
    "tanh": "tanh(x), in shares of full scale",
    "elu": "x where x > 0, alpha · (exp(x) − 1) elsewhere",
    "celu": "x where x > 0, alpha · (exp(x / alpha) − 1) elsewhere",
    "selu": "1.0507 · x where x > 0, 1.7581 · (exp(x) − 1) elsewhere",
    "gelu": "x · Φ(x), Φ being the normal distribution",
    "silu": "x / (1 + exp(−x))",
    "mish": "x · tanh(log(1 + exp(x)))",
    "softplus": "log(1 + exp(beta · x)) / beta",
    "hard-sigmoid": "min(max(alpha · x + beta, 0), 1)",
    "hard-swish": "x · min(max(x / 6 + 1/2, 0), 1)",
    "softmax": "exp(x) over the sum of exp(x) of all channels",
    "log-softmax": "x − log(Σ exp(x)) over the channels",
}

# By filter and name, or by name.
MEANINGS = {
    "alpha": "scale of what is negative",
    "hard-sigmoid.alpha": "slope in the middle; 1/6 as in PyTorch",
    "hard-sigmoid.beta": "value at 0",
    "approximate": "tanh in place of the normal distribution",
    "beta": "how sharp it bends at 0",
    "softplus.threshold": "of beta · x, from which on it is x",
}

USES = {
    "sigmoid": ("sobel-x | sigmoid",),
    "elu": ("sobel-x | elu:0.5",),
    "celu": ("sobel-x | celu:0.5",),
    "gelu": ("sobel-x | gelu", "sobel-x | gelu:tanh"),
    "softplus": ("sobel-x | softplus:10",),
    "softmax": ("linear:10 | softmax",),
    "log-softmax": ("linear:10 | log-softmax",),
}
