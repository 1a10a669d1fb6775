"""The faults: each strikes a running mill when its block is entered, and is over when it is left."""

from tests.chaos.faults import disk, postgres, processes, valkey
from tests.chaos.faults.kinds import Fault

__all__ = ["FAULTS"]

FAULTS: dict[str, Fault] = processes.FAULTS | valkey.FAULTS | postgres.FAULTS | disk.FAULTS
"""All of them, in an order that stays: a seed draws by it."""
