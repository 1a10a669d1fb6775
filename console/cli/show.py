"""`newsmill show`: the whole history of a file or document, and the other versions of its story."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, Group
from rich.text import Text

from console.cli.accounts import account_text
from console.cli.command import command, out, settings_with
from console.cli.options import JsonOption
from console.cli.pause import pause_text, since_text
from console.cli.printing import counted, local, print_json, visible
from newsmill.errors import TerminalError
from newsmill.settings import Settings
from newsmill.vocabulary import Stage

if TYPE_CHECKING:
    from console.services.items.history import DocumentRecord, FailureRecord, FileHistory, Related, Revision, Version
    from console.services.items.names import Unseen

__all__ = ["run_show", "show"]

_SENTENCES_SHOWN = 3
_SENTENCE_CHARS = 120


@command("show")
def show(
    item: Annotated[str, typer.Argument(metavar="PATH|ID", help="A file's path, or an id.", show_default=False)],
    removed: Annotated[
        bool,
        typer.Option(
            "--removed", help="Instead, what was taken out of the document or left of its page, and by which rule."
        ),
    ] = False,
    text: Annotated[bool, typer.Option("--text", help="Instead, the clean text of the document alone.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Instead, the bytes of its file as they were taken.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The whole history of a file or document, and the other versions of its story."""
    if raw:
        from console.cli.raw import run_raw

        run_raw(settings_with(), item)
    elif text:
        from console.cli.article_text import run_text

        run_text(settings_with(), item)
    elif removed:
        from console.cli.removed import run_removed

        run_removed(settings_with(), item, as_json=as_json, out=out)
    else:
        run_show(settings_with(), item, as_json=as_json, out=out)


def run_show(settings: Settings, item: str, *, as_json: bool, out: Console) -> None:
    """Prints the whole history of a document (by id) or of every file that was seen at a path.

    Raises TerminalError if nothing of that name or id is known.
    """
    from console.processes.opening import opened_database
    from console.services.items.history import history

    with opened_database(settings, "show") as database:
        found = history(database, settings, item)
    failure = found.intake_error
    if found.unseen is not None and found.forgotten_at is not None:
        at = f"{found.forgotten_at.astimezone():%Y-%m-%d}"
        raise TerminalError(f"{item}: was forgotten on {at}; see `newsmill allow`")
    if found.unseen is not None and failure is None:
        raise TerminalError(f"{item}: {_unseen_text(found.unseen, settings)}")
    if as_json:
        files = [one.fields() for one in found.files]
        print_json({"files": files, "intake_error": None if failure is None else asdict(failure)})
        return
    if failure is not None:
        out.print(Text(f"not taken yet: {visible(failure.message)} ({counted(failure.attempts, 'time')})"))
    for one in found.files:
        out.print(_history(one), soft_wrap=True)


def _unseen_text(unseen: "Unseen", settings: Settings) -> str:
    """Why nothing is known of what was named, in words that follow the name."""
    from console.services.items.names import UnseenReason, absolute

    match unseen.reason:
        case UnseenReason.FOLDER:
            return "this is a folder: name a file in it, or see `newsmill status`"
        case UnseenReason.OUTSIDE:
            inbox = absolute(str(settings.inbox))
            return f"it was not taken, and lies outside of the inbox {inbox}: newsmill ingest PATH"
        case UnseenReason.LEFT_ALONE:
            return f"it is left alone: by its name, {unseen.name} is {unseen.what}; rename it if it is an article"
        case UnseenReason.IRREGULAR:
            return "it is left alone, as all that is no regular file (a symlink, a pipe, a device)"
        case UnseenReason.PAUSED if unseen.paused is not None:
            return f"it is there and not taken yet: paused is {pause_text(unseen.paused)}"
        case UnseenReason.WAITING:
            return "it is there and not taken yet: a watcher that runs (`newsmill up`) takes it once it is finished"
        case _:
            return "no file was seen at this path and nothing has this id; see `newsmill status`"


def _history(one: "FileHistory") -> Group:
    file = one.file
    lines = [
        f"file {file.id}  {file.media_type}  {counted(file.size_bytes, 'byte')}  {counted(file.documents, 'document')}",
        *([f"  {account_text(file.account)}"] if file.account else []),
        f"  sha256 {file.sha256}",
        *(f"  seen {local(sighting.seen_at)} at {visible(sighting.path)}" for sighting in one.sightings),
        *_failure_lines(file.failures),
        *_pause_lines(Stage.UNPACK, file.paused_since),
    ]
    if file.error and not _is_told(file.error, file.failures):
        lines.append(f"  could not be unpacked: {visible(file.error)}")
    for document in one.documents:
        lines += _document_lines(document)
    if file.documents > len(one.documents) > 1:
        lines.append(f"… and {counted(file.documents - len(one.documents), 'more document')}")
    return Group(*map(Text, lines))


def _document_lines(document: "DocumentRecord") -> list[str]:
    state = document.state + (f" (next: {document.stage})" if document.stage else "")
    lines = [
        "",
        f"document {document.id}  number {document.ordinal}  {state}"
        + (f"  {document.outcome.replace('_', ' ')}" if document.outcome else ""),
    ]
    if document.place:
        lines.append(f"  place        {visible(document.place)}")
    lines += [
        f"  {fact.name.replace('_', ' '):<12} {visible(fact.value)}" + (f"  ({fact.source})" if fact.source else "")
        for fact in document.facts()
        if fact.value is not None
    ]
    if document.word_count is not None:
        lines.append(f"  word count   {document.word_count}")
    if document.reason is not None and not _is_told(document.reason, document.failures):
        lines.append(f"  reason       {visible(document.reason)}")
    lines += _pause_lines(document.stage, document.paused_since)
    lines.append(f"  registered   {local(document.registered_at)}, generation {document.generation}")
    if document.finished_at:
        lines.append(f"  finished     {local(document.finished_at)}")
    if document.journey:
        journey = ", ".join(f"{step.stage} {step.milliseconds:.1f} ms" for step in document.journey)
        lines.append(f"  journey      {journey}")
    lines += _failure_lines(document.failures, retried=document.generation > 0)
    return lines + _digest_lines(document) + _cluster_lines(document) + _revision_lines(document)


def _digest_lines(document: "DocumentRecord") -> list[str]:
    """What a digest holds, and the digests that hold the document."""
    lines = []
    if document.digest:
        lines.append(f"  digest       it holds these in full, and joins none of them: {len(document.contains):,}")
        lines += map(_related_line, document.contains)
    if document.contained_in:
        lines.append(f"  held by      {counted(len(document.contained_in), 'digest')}")
        lines += map(_related_line, document.contained_in)
    return lines


def _related_line(one: "Related") -> str:
    return f"    {one.id}  {visible(one.title) or '-'}  ({visible(one.file)})"


def _cluster_lines(document: "DocumentRecord") -> list[str]:
    """The members of its cluster, the canonical one first: how each relates to that one, what it adds and lacks."""
    size, members = document.cluster_size, document.cluster
    if len(members) <= 1:
        return []
    lines = [f"  cluster {document.cluster_id}: {size:,} versions of one story, compared with the first"]
    for member in members:
        lines += _version_lines(member)
    if size > len(members):
        lines.append(f"    … and {size - len(members):,} more; all: newsmill export --versions")
    return lines


def _revision_lines(document: "DocumentRecord") -> list[str]:
    """What stood at its address, in order: what each adds to the one before it, and lacks of it."""
    if not document.revisions:
        return []
    lines = [f"  revisions    {len(document.revisions):,} of its address, each compared with the one before it"]
    for one in document.revisions:
        at = "-" if one.at is None else local(one.at)
        lines.append(f"    {one.id}  {at:<19}  {visible(one.title) or '-'}  ({visible(one.file)})")
        lines += _difference_lines(one)
    return lines


def _version_lines(member: "Version") -> list[str]:
    relation = "" if member.kind is None else f"{member.kind} {member.score:.2f}"
    lines = [
        f"    {member.id}  {member.outcome.replace('_', ' '):<15}  {relation:<13}"
        f"  {visible(member.title) or '-'}  ({visible(member.file)})"
    ]
    return lines + _difference_lines(member)


def _difference_lines(member: "Version | Revision") -> list[str]:
    lines = []
    for verb, count, sentences in (
        ("adds", member.adds_count, member.adds),
        ("lacks", member.lacks_count, member.lacks),
    ):
        if count and sentences is not None:
            told = sentences[:_SENTENCES_SHOWN]
            lines.append(f"        {verb} {counted(count, 'sentence')}:")
            lines += [f"          - {_shortened(visible(sentence))}" for sentence in told]
            if count > len(told):
                lines.append(f"          and {count - len(told):,} more")
    return lines


def _is_told(reason: str | None, failures: "Sequence[FailureRecord]") -> bool:
    """Whether the lines of the failures end with this very reason, which need not be said twice."""
    return bool(failures) and failures[-1].message == reason


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= _SENTENCE_CHARS else f"{sentence[:_SENTENCE_CHARS]}…"


def _pause_lines(scope: str | None, since: datetime | None) -> list[str]:
    return [] if since is None else [f"  waits        paused: {since_text(str(scope), since)}"]


def _failure_lines(failures: "Sequence[FailureRecord]", *, retried: bool = False) -> list[str]:
    """In order; those of a document that was retried say of which generation they are."""
    return [
        f"  failure      {local(one.occurred_at)} "
        + (f"generation {one.generation} " if retried else "")
        + f"at {one.stage}: {visible(one.message)}"
        for one in failures
    ]
