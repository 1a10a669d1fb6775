"""Writes the generated parts of the documentation anew: `make docs`."""

from tests.documentation.blocks import BLOCKS

for block in BLOCKS:
    block.write()
