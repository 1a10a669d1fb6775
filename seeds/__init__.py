"""Sample articles of our own writing, which `newsmill demo` drops and tests read."""

from pathlib import Path

__all__ = ["sample_files"]


def sample_files() -> list[Path]:
    """The sample files of this package, sorted by name."""
    return sorted(path for path in Path(__file__).parent.iterdir() if _is_sample(path))


def _is_sample(path: Path) -> bool:
    return path.is_file() and path.suffix != ".py" and path.name != "README.md" and not path.name.startswith(".")
