"""What became of the members of a container, in a line."""

from typing import TYPE_CHECKING

from console.cli.printing import counted, visible

if TYPE_CHECKING:
    from console.services.overview import Account

__all__ = ["account_text"]


def account_text(one: "Account") -> str:
    """Says how many of its documents have ended, how, and what was left out."""
    of = f"{one.documents:,}" + ("" if one.is_unpacked else " found so far")
    ended = {counted(one.articles, "article"): one.articles, f"{one.rejected:,} rejected": one.rejected}
    ended[f"{one.failed:,} failed"] = one.failed
    parts = ", ".join(text for text, count in ended.items() if count)
    besides = ", ".join(f"{count:,} × {visible(reason)}" for reason, count in one.skipped.items())
    return (
        f"{one.accounted:,} of {of} accounted for"
        + (f": {parts}" if parts else "")
        + (f"; besides: {besides}" if besides else "")
    )
