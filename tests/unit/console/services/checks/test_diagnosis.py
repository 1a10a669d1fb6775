"""What doctor says of the machine."""

from pathlib import Path

import pytest

from console.services.checks.diagnosis import hard_links


def test_a_kernel_that_lets_anybody_link_anything_is_told(tmp_path: Path) -> None:
    (tmp_path / "setting").write_text("0\n")
    assert [(one.name, one.ok, one.message) for one in hard_links(tmp_path / "setting")] == [
        (
            "hard links",
            None,
            "who drops files may link those of others into the inbox: set the sysctl fs.protected_hardlinks to 1",
        )
    ]


@pytest.mark.parametrize("value", ["1\n", "", None])
def test_any_other_says_nothing(tmp_path: Path, value: str | None) -> None:
    if value is not None:
        (tmp_path / "setting").write_text(value)
    assert list(hard_links(tmp_path / "setting")) == []
