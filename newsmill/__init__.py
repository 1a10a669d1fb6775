"""The base of all other packages: settings, exceptions, logging and the version. It imports none of them."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__: str = version("newsmill")
