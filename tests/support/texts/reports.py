"""One invented report in many languages, for tests of languages and charsets."""

import tomllib
from pathlib import Path
from typing import Final

__all__ = ["REPORTS"]

REPORTS: Final[dict[str, str]] = tomllib.loads(
    (Path(__file__).parents[2] / "data" / "reports.toml").read_text(encoding="utf-8")
)
"""Two sentences or three, by the code of their language; "zh-hant" is Chinese in traditional characters."""
