"""Sample articles of our own writing, for a first look and for tests; `README.md` says what is in them."""

from pathlib import Path

__all__ = ["sample_files"]


def sample_files() -> list[Path]:
    """The paths of the sample files, by name."""
    folder = Path(__file__).parent
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name[0].isdigit())
