"""Chaos: rounds of real faults on a running Newsmill, each drawn from a seed and compared with a run without faults."""
