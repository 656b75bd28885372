"""Temperature scaling: one number that the logits are divided by, so that a probability of 0.8 is right 8 times in 10."""

import numpy as np
import numpy.typing as npt

LOWEST, HIGHEST = 0.05, 20.0
MIN_ROWS = 10  # fewer say too little: the scores stay as they are
DECIMALS = 4  # more would differ between processors


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities [N, C] of logits [N, C], without overflow."""
    scores: npt.NDArray[np.float64] = np.exp(logits - logits.max(1, keepdims=True))
    return scores / scores.sum(1, keepdims=True)


def fit_temperature(logits: npt.NDArray[np.float64], targets: npt.NDArray[np.int64]) -> float:
    """The temperature from 0.05 to 20 at which the log loss of held-out rows is smallest; 1.0 for fewer than 10 rows.

    Logits are [N, C], targets [N]. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017,
    section 4.2. Where every row is right, the plain loss falls all the way to temperature 0 and certainty;
    so each row counts as another label, too, with the weight 1 / (N + 2) in all: Platt, "Probabilistic
    Outputs for Support Vector Machines", 1999, section 2.2.
    """
    rows, labels = logits.shape
    if rows < MIN_ROWS:
        return 1.0
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    doubt = 1 / (rows + 2)
    weights = np.full(logits.shape, doubt / (labels - 1))
    weights[np.arange(rows), targets] = 1 - doubt
    aimed = float((weights * logits).sum()) / rows

    def loss(log_temperature: float) -> float:
        temperature = np.exp(log_temperature)
        return float(logsumexp(logits / temperature, axis=1).mean() - aimed / temperature)

    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded", options={"xatol": 1e-8})
    return round(float(np.exp(found.x)), DECIMALS)
