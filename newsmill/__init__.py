"""The ground all other packages stand on: settings, exceptions, logging, the version. It imports none of them."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__: str = version("newsmill")
