"""Producers walk through a watched folder at random, by a seed, beside a real watcher that is killed now and then.

`FAULT_SEED=7 pytest tests/faults/test_watched_folder_walk.py` takes another walk.
"""

import os
import random
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tests.support.inboxes import WatchedInbox, sha256

SEED = int(os.environ.get("FAULT_SEED", "1"))
STEPS = 300
REST_EVERY = 40


@dataclass(eq=False)
class File:
    """A file's content, under whatever name, and its writer."""

    content: bytes = b""
    writers: list[BinaryIO] = field(default_factory=list)


class Walk:
    """Producers, and a model of their acts: `files` by name, and the contents of each name while nobody wrote."""

    def __init__(self, inbox: WatchedInbox, outside: Path, choice: random.Random) -> None:
        self.inbox = inbox
        self.outside = outside
        self.choice = choice
        self.files: dict[str, File] = {}
        self.complete: defaultdict[str, set[str]] = defaultdict(set)
        self.folders = {""}
        self._numbers = iter(range(10**6))

    def step(self) -> None:
        """Does one random act of a producer."""
        acts = {
            self.create: 6, self.begin: 4, self.write: 8, self.close: 5, self.append: 3, self.rewrite: 2,
            self.rename: 3, self.replace: 2, self.move_in: 3, self.delete: 2, self.recreate: 1, self.copy_over: 1,
            self.make_folder: 2, self.move_folder_in: 1, self.rename_folder: 1, self.delete_folder: 1, self.link: 1,
            self.swap_folder: 1,
        }  # fmt: skip
        (act,) = self.choice.choices(list(acts), list(acts.values()))
        act()
        for name, file in self.files.items():
            if not file.writers:
                self.complete[name].add(sha256(file.content))

    def rest(self) -> None:
        """Waits until every file that nobody is writing is taken with its present content.

        Of several hard links, one is enough: a write to one causes no event for the others, and only a scan finds them.
        """
        names: defaultdict[File, list[str]] = defaultdict(list)
        for name, file in self.files.items():
            if not file.writers:
                names[file].append(name)

        def missing() -> list[list[str]]:
            taken = self.inbox.taken()
            return [
                links
                for file, links in names.items()
                if not any(sha256(file.content) in taken.get(name, []) for name in links)
            ]

        try:
            self.inbox.wait(lambda: not missing(), what="everything that stands still is taken")
        except BaseException as error:
            error.add_note(f"missing: {missing()}")
            raise

    def end(self) -> None:
        """Closes all writers. Then no content is missing, none is there twice, and each was complete at some time."""
        for file in self.files.values():
            for writer in file.writers:
                writer.close()
            file.writers.clear()
        for name, file in self.files.items():
            self.complete[name].add(sha256(file.content))
        self.rest()
        halves = {
            name: digests for name, digests in self.inbox.taken().items() if not set(digests) <= self.complete[name]
        }
        assert halves == {}
        self.inbox.assert_nothing_doubled()
        self.inbox.wait(lambda: self.inbox.failures() == [], what="no failure is left")

    # Acts of producers

    def create(self) -> None:
        name, content = self._new_name(), self._words()
        self._path(name).write_bytes(content)
        self.files[name] = File(content)

    def begin(self) -> None:
        name = self._new_name()
        self.files[name] = File(writers=[self._path(name).open("ab", buffering=0)])

    def write(self) -> None:
        if being_written := [file for file in self.files.values() if file.writers]:
            file, words = self.choice.choice(being_written), self._words()
            self.choice.choice(file.writers).write(words)
            file.content += words

    def close(self) -> None:
        if being_written := [file for file in self.files.values() if file.writers]:
            writers = self.choice.choice(being_written).writers
            writers.pop(self.choice.randrange(len(writers))).close()

    def append(self) -> None:
        for name in self._any_file():
            self.files[name].writers.append(self._path(name).open("ab", buffering=0))

    def rewrite(self) -> None:
        for name in self._any_file():
            content = self._words()
            self._path(name).write_bytes(content)
            self.files[name].content = content

    def rename(self) -> None:
        for name in self._any_file():
            new_name = self._new_name()
            self._path(name).rename(self._path(new_name))
            self.files[new_name] = self.files.pop(name)

    def replace(self) -> None:
        for name in self._any_file():
            (self.outside / "new").write_bytes(content := self._words())
            (self.outside / "new").replace(self._path(name))
            self._let_go(name)
            self.files[name] = File(content)

    def copy_over(self) -> None:
        for name in self._any_file():
            (self.outside / "new").write_bytes(content := self._words())
            shutil.copy2(self.outside / "new", self._path(name))
            self.files[name].content = content

    def move_in(self) -> None:
        name = self._new_name()
        (self.outside / "new").write_bytes(content := self._words())
        (self.outside / "new").rename(self._path(name))
        self.files[name] = File(content)

    def delete(self) -> None:
        for name in self._any_file():
            self._path(name).unlink()
            self._let_go(name)

    def recreate(self) -> None:
        for name in self._any_file():
            self._path(name).unlink()
            self._let_go(name)
            self._path(name).write_bytes(content := self._words())
            self.files[name] = File(content)

    def link(self) -> None:
        for name in self._any_file():
            new_name = self._new_name()
            os.link(self._path(name), self._path(new_name))
            self.files[new_name] = self.files[name]

    def make_folder(self) -> None:
        folder = os.path.join(self._any_folder(), f"folder{next(self._numbers)}")
        self._path(folder).mkdir()
        self.folders.add(folder)
        name = os.path.join(folder, f"{next(self._numbers)}.txt")
        self._path(name).write_bytes(content := self._words())
        self.files[name] = File(content)

    def move_folder_in(self) -> None:
        folder = os.path.join(self._any_folder(), f"folder{next(self._numbers)}")
        (self.outside / "tree" / "deep").mkdir(parents=True)
        for part in ("a.txt", "deep/b.txt"):
            (self.outside / "tree" / part).write_bytes(content := self._words())
            self.files[os.path.join(folder, part)] = File(content)
        (self.outside / "tree").rename(self._path(folder))
        self.folders |= {folder, os.path.join(folder, "deep")}

    def rename_folder(self) -> None:
        for folder in self._any_but_the_inbox():
            new_folder = f"folder{next(self._numbers)}"
            self._path(folder).rename(self._path(new_folder))
            below = folder + "/"
            moved = [name for name in self.files if name.startswith(below)]
            self.files |= {new_folder + "/" + name.removeprefix(below): self.files.pop(name) for name in moved}
            gone = {name for name in self.folders if name == folder or name.startswith(below)}
            self.folders = (self.folders - gone) | {new_folder + name.removeprefix(folder) for name in gone}

    def delete_folder(self) -> None:
        for folder in self._any_but_the_inbox():
            shutil.rmtree(self._path(folder))
            below = folder + "/"
            self.folders = {name for name in self.folders if name != folder and not name.startswith(below)}
            for name in [name for name in self.files if name.startswith(below)]:
                self._let_go(name)

    def swap_folder(self) -> None:
        """A link takes the place of a folder: nothing that lies where it points may be taken under any name."""
        for folder in self._any_but_the_inbox():
            number = next(self._numbers)
            self._path(folder).rename(self.outside / f"swapped{number}")
            (self.outside / f"swapped{number}" / "payroll.txt").write_text(f"what nobody dropped {number}")
            self._path(folder).symlink_to(self.outside / f"swapped{number}")
            below = folder + "/"
            self.folders = {name for name in self.folders if name != folder and not name.startswith(below)}
            for name in [name for name in self.files if name.startswith(below)]:
                self._let_go(name)

    def _let_go(self, name: str) -> None:
        """Removes a name of a file. A file without another name is out of reach for good."""
        file = self.files.pop(name)
        if file not in self.files.values():
            for writer in file.writers:
                writer.close()

    def _path(self, name: str) -> Path:
        return self.inbox.folder / name

    def _any_file(self) -> Iterator[str]:
        if self.files:
            yield self.choice.choice(sorted(self.files))

    def _any_folder(self) -> str:
        return self.choice.choice(sorted(self.folders))

    def _any_but_the_inbox(self) -> Iterator[str]:
        if below := sorted(self.folders - {""}):
            yield self.choice.choice(below)

    def _new_name(self) -> str:
        return os.path.join(self._any_folder(), f"{next(self._numbers)}.txt")

    def _words(self) -> bytes:
        """Returns content, often one that was written before: equal contents are one document."""
        return f"words {self.choice.randrange(40)}\n".encode()


def test_whatever_producers_do_each_content_is_taken_once_and_never_half(inbox: WatchedInbox, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    choice = random.Random(f"walk {SEED}")
    walk = Walk(inbox, tmp_path / "outside", choice)
    try:
        watcher = inbox.watch(quiet_ms=30)
        for number in range(1, STEPS + 1):
            walk.step()
            if number % REST_EVERY == 0:
                walk.rest()
            if number % 130 == 0:
                watcher.kill()
                watcher.wait()
                for _ in range(10):
                    walk.step()
                watcher = inbox.watch(quiet_ms=30)
        walk.end()
    except BaseException as error:
        error.add_note(f"repeat with: FAULT_SEED={SEED} pytest tests/faults/test_watched_folder_walk.py")
        raise
