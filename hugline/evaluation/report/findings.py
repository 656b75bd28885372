"""The first screen: what was found, compared with what, and what to weigh before a release, in whole sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from hugline.evaluation.report.scores import weakest_labels
from hugline.evaluation.report.words import called, count, in_hundred, listed, percent, points, sentence, signed, strongest_first

Tree = Mapping[str, Any]


def headline(metrics: Tree) -> str:
    """The result in one sentence."""
    return f"On {count(metrics['rows'], 'test row')} the model is right in {in_hundred(metrics['accuracy'])} of 100."


def findings(metrics: Tree, details: Tree, confidence: str) -> Iterator[tuple[str, str]]:
    """What a reader in a hurry should know: a word for the topic, and sentences."""
    if metrics["baselines"]:
        yield "Compared", " ".join(comparisons(metrics, confidence))
    yield "Release", _release(list(reasons_to_weigh(metrics, details)))
    weak = list(_weak_spots(details))
    if weak:
        yield "Weakest", f"{sentence('; '.join(weak))}."
    if metrics.get("abstain"):
        yield "When unsure", abstain_sentence(metrics["abstain"])


def comparisons(metrics: Tree, confidence: str) -> Iterator[str]:
    """Sentences on the baselines, the strongest first, that claim no more than the intervals."""
    beaten = []
    for name, found in strongest_first(metrics):
        gain, said = found["gain"], points(found["gain"])
        other, interval = f"{called(name)} (right in {in_hundred(found['accuracy'])} of 100)", f"{confidence} interval {said['low']} to {said['high']}"
        if gain["low"] > 0:
            beaten.append(f"{other} by {said['mean'].lstrip('+')} points ({interval})")
        elif gain["high"] < 0:
            yield f"{sentence(other)} is better: {said['mean']} points for this model ({interval})."
        else:
            yield f"{sentence(other)} is as good, as far as these rows tell: {said['mean']} points, and the {interval} includes zero."
    if beaten:
        yield f"The model beats {listed(beaten)}."


def abstain_sentence(abstain: Tree) -> str:
    """What a service gains that holds its unsure answers back."""
    if abstain["threshold"] is None:
        return "No threshold of confidence made the answers that stay right often enough on the validation rows: abstaining does not help here."
    if abstain["threshold"] == 0 and abstain["accuracy"] is not None:
        right = in_hundred(abstain["accuracy"])
        return f"The service need not abstain: enough validation rows are right with every row answered, and of the test rows {right} of 100."
    said = f"If the service answers only when it is at least {percent(abstain['threshold'])} sure, it answers {in_hundred(abstain['coverage'])} of 100 rows"
    return f"{said}." if abstain["accuracy"] is None else f"{said} and is right in {in_hundred(abstain['accuracy'])} of 100 of these."


def reasons_to_weigh(metrics: Tree, details: Tree) -> Iterator[str]:
    """What on this page speaks against a release, each as a clause."""
    gains = [(called(name), found["gain"]) for name, found in strongest_first(metrics)]
    worse_than, level_with = ([name for name, gain in gains if gain["low"] <= 0 and (gain["high"] < 0) == worse] for worse in (True, False))
    if worse_than:
        yield f"it is worse than {listed(worse_than)}"
    if level_with:
        yield f"it is not clearly better than {listed(level_with)}"
    tried = [outcome for outcome in details.get("behaviour") or [] if outcome["cases"]]
    failing = sum(outcome["passed"] < outcome["cases"] for outcome in tried)
    if failing:
        yield f"{failing} of {count(len(tried), 'behaviour test')} {'fails' if failing == 1 else 'fail'} in some of the cases"
    worse = [found["slice"] for found in details.get("slices") or [] if found["high"] < metrics["accuracy"]]
    if worse:
        yield f"it is clearly worse than overall on {count(len(worse), 'slice')} ({listed(worse[:3])}{' and others' if len(worse) > 3 else ''})"
    leaks = (details.get("data") or {}).get("leaks", 0)
    if leaks:
        yield f"{count(leaks, 'validation or test row')} {'has' if leaks == 1 else 'have'} a near-duplicate in training, so the figures may flatter"


def _release(reasons: list[str]) -> str:
    weighed = f"To weigh: {'; '.join(reasons)}." if reasons else "Nothing on this page speaks against it."
    return f"{weighed} The verdict follows in reports/gate.json, by the rules under gate in params.yaml."


def _weak_spots(details: Tree) -> Iterator[str]:
    for name in [name for name in weakest_labels(details) if details["per_label"][name]["f1"] < 1][:1]:
        yield f"label {name} (F1 {details['per_label'][name]['f1']:.3f} on {count(details['per_label'][name]['rows'], 'row')})"
    for found in [found for found in details.get("slices") or [] if found["gap"] < 0][:1]:
        apart = f"{signed(100 * found['gap'], 1)} points from the whole"
        yield f"slice {found['slice']} ({percent(found['accuracy'])} right, {apart}, {count(found['rows'], 'row')})"
    tried = [outcome for outcome in details.get("behaviour") or [] if outcome["passed"] < outcome["cases"]]
    for worst in sorted(tried, key=lambda outcome: outcome["rate"])[:1]:
        yield f"behaviour test {worst['test']} (passes {worst['passed']:,} of {count(worst['cases'], 'case')})"
