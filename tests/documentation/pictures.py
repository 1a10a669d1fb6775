"""Draws docs/images anew, from real runs: `python -m tests.documentation.pictures`.

Each picture is the window of a terminal as SVG: the commands run on a pseudo-terminal, and Rich draws what they print.
"""

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import tempfile
import termios
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.text import Text

from seeds import sample_files
from tests.conftest import eventually
from tests.support.commands import SCRIPT, Commands

__all__ = ["IMAGES"]

IMAGES = Path(__file__).parents[2] / "docs/images"

_ROWS = 60
_READ_BYTES = 65_536

# Rich's own template loads fonts from a server. GitHub blocks that, and a picture should ask no server for anything.
_SVG = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
font: {char_height}px/{line_height}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


@dataclass
class _Terminal:
    """A terminal of so many columns; what runs in it is remembered as text with its colours."""

    columns: int
    environment: dict[str, str]
    folder: Path
    screen: Text = field(default_factory=Text)

    def run(self, line: str, *, shown: str = "") -> None:
        """Runs a line of bash to its end; `shown` stands in for it where the real one holds paths of this machine."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, self.columns, 0, 0))
        environment = self.environment | {"PATH": f"{SCRIPT.parent}:{os.environ['PATH']}", "TERM": "xterm-256color"}
        with subprocess.Popen(
            ["bash", "-c", line], cwd=self.folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            said = b"".join(_until_closed(ours))
        os.close(ours)
        if process.returncode:
            raise RuntimeError(f"{line}: exit code {process.returncode}: {said.decode()}")
        gap = "\n" if self.screen else ""
        self.screen.append(f"{gap}$ {shown or line}\n", style="bold")
        self.screen.append_text(Text.from_ansi(said.decode().replace("\r\n", "\n")))
        self.screen.rstrip()
        self.screen.append("\n")

    def save(self, name: str, title: str) -> None:
        """Writes the picture of all that ran."""
        with open(os.devnull, "w") as nowhere:
            console = Console(record=True, width=self.columns, file=nowhere, force_terminal=True)
            console.print(self.screen, end="")
            svg = console.export_svg(title=title, code_format=_SVG, unique_id="t")
        (IMAGES / name).write_text("\n".join(line.strip() for line in svg.splitlines() if line.strip()) + "\n")


def _until_closed(descriptor: int) -> "list[bytes]":
    parts = []
    while True:
        try:
            part = os.read(descriptor, _READ_BYTES)
        except OSError:  # how Linux says that nobody has the other end open any more
            return parts
        parts.append(part)


def _draw_demo() -> None:
    """The samples, and what became of them."""
    with tempfile.TemporaryDirectory() as folder:
        terminal = _Terminal(116, dict(os.environ), Path(folder))
        terminal.run("newsmill demo")
    terminal.save("demo.svg", "newsmill demo")


def _draw_show() -> None:
    """Files that are dropped, where everything stands, and the history of one of them."""
    commands = Commands(Path(tempfile.gettempdir(), "news"))  # a short path, because it is printed
    commands.folder.mkdir()
    samples = sample_files()
    terminal = _Terminal(116, commands.environment, commands.folder)
    try:
        commands.start("up")
        eventually(lambda: commands.said(" ready."), what="`newsmill up` runs")
        terminal.run(f"cp {' '.join(map(str, samples))} inbox/", shown="cp samples/* inbox/")
        eventually(lambda: commands.status().files.by_state["done"] == len(samples), what="all samples are finished")
        terminal.run("newsmill status")
        terminal.run("newsmill show inbox/05_tunnel_treaty_truncated_copy.txt")
    finally:
        commands.stop()
        shutil.rmtree(commands.folder)
    terminal.save("show.svg", "a watched folder")


if __name__ == "__main__":
    _draw_demo()
    _draw_show()
