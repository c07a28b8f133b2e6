"""Medians, ratios pair by pair, and how far they spread."""

import statistics


def median(values):
    return statistics.median(values)


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def ratios(ours, theirs):
    """One for each round: both were measured one after the other, in the same weather."""
    return [a / b for a, b in zip(ours, theirs) if b > 0]


def noise(values):
    """What a median of so many values may be off by: half the width of its 95 % interval, roughly."""
    if len(values) < 2:
        return 0.0
    low, high = quartiles(values)
    return 1.57 * (high - low) / len(values) ** 0.5
