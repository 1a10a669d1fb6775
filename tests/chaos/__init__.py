"""Chaos: rounds of real faults on a real mill, each drawn from a seed, compared with a run without faults."""
