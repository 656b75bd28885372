"""Temperature scaling: the scores of overconfident and underconfident models are put right, and nothing runs away."""

import numpy as np
import numpy.typing as npt
import pytest

from hugline.core.temperature import HIGHEST, LOWEST, MIN_ROWS, fit_temperature, softmax

Logits = npt.NDArray[np.float64]


def drawn(rows: int = 4000, temperature: float = 1.0) -> tuple[Logits, npt.NDArray[np.int64]]:
    """Logits, and labels that occur as often as the logits say at a temperature."""
    random = np.random.default_rng(5)
    logits = random.normal(0, 2, (rows, 3))
    below = softmax(logits / temperature).cumsum(1) < random.random((rows, 1))
    return logits, below.sum(1)


def test_softmax_is_the_share_of_exponentials_and_does_not_overflow() -> None:
    assert softmax(np.log([[1.0, 2.0, 5.0]])) == pytest.approx(np.array([[0.125, 0.25, 0.625]]))
    assert softmax(np.array([[1e4, -1e4]])).tolist() == [[1.0, 0.0]]


def test_honest_logits_have_temperature_1() -> None:
    assert fit_temperature(*drawn()) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("factor", [0.5, 2.0, 4.0])
def test_logits_of_twice_the_size_need_twice_the_temperature(factor: float) -> None:
    logits, targets = drawn()
    assert fit_temperature(factor * logits, targets) == pytest.approx(factor * fit_temperature(logits, targets), abs=2e-4)


def test_the_temperature_of_two_scores_is_the_one_at_which_confidence_is_accuracy() -> None:
    # 40 rows, all with logits (4, 0); 30 are right, so that softmax(4 / T) is 30 / 40, with the doubt of 1 / 42 a little less
    logits, targets = np.tile([4.0, 0.0], (40, 1)), np.array([0] * 30 + [1] * 10)
    share = 0.75 * 41 / 42 + 0.25 * 1 / 42
    assert fit_temperature(logits, targets) == pytest.approx(4 / np.log(share / (1 - share)), abs=1e-4)


def test_the_log_loss_is_smaller_at_the_temperature_than_beside_it() -> None:
    logits, targets = drawn(temperature=2.5)

    def loss(temperature: float) -> float:
        return float(-np.log(softmax(logits / temperature)[np.arange(len(targets)), targets]).mean())

    found = fit_temperature(logits, targets)
    assert found == pytest.approx(2.5, abs=0.2)
    assert loss(found) < min(loss(1.0), loss(found * 0.9), loss(found * 1.1))


def test_fewer_than_ten_rows_change_nothing() -> None:
    assert [fit_temperature(10 * np.eye(2)[[0] * rows], np.array([1] * rows)) for rows in (0, 1, MIN_ROWS - 1)] == [1.0, 1.0, 1.0]


def test_rows_that_are_all_right_do_not_become_certain() -> None:
    # softmax(3 / T) is aimed at 1 - 1 / 102
    assert fit_temperature(np.tile([3.0, 0.0], (100, 1)), np.zeros(100, np.int64)) == pytest.approx(3 / np.log(101), abs=1e-4)


def test_temperatures_stay_within_their_bounds() -> None:
    wrong, tiny = np.tile([3.0, 0.0], (50, 1)), np.tile([1e-3, 0.0], (50, 1))
    assert fit_temperature(wrong, np.ones(50, np.int64)) == pytest.approx(HIGHEST, abs=1e-3)
    assert fit_temperature(tiny, np.zeros(50, np.int64)) == pytest.approx(LOWEST, abs=1e-3)
