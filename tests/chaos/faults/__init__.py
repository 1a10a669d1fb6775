"""The faults. Each strikes a running Newsmill when its block begins, and ends with the block."""

from tests.chaos.faults import disk, postgres, processes, rot, setbacks, surroundings, valkey
from tests.chaos.faults.kinds import Fault

__all__ = ["FAULTS"]

FAULTS: dict[str, Fault] = (
    processes.FAULTS
    | valkey.FAULTS
    | postgres.FAULTS
    | disk.FAULTS
    | setbacks.FAULTS
    | rot.FAULTS
    | surroundings.FAULTS
)
"""All faults, in a fixed order: a seed draws by it."""
