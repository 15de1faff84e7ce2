"""A folder that keeps one network: its files, how they get there, and how they are removed.

<folder>/network.json           what the network is, and the names of the other files
<folder>/best_model.keras, ...  the model, its weights, its script, README.md, requirements.txt
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept.exchange import put_in_place
from hwsearch.measurements.reading import mapping

RECORD = "network.json"
#: What a file of the folder is made of: its bytes, or another file.
Content = bytes | Path


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """The folder of one network; it need not exist.

    Attributes:
        path: Where it is.
    """

    path: Path

    def network(self) -> BestNetwork | None:
        """The network that is in it; None if the folder is not one of ours, or a link."""
        if self.path.is_symlink():
            return None
        return BestNetwork.from_json(self._record())

    def replace(self, network: BestNetwork, files: dict[str, Content]) -> None:
        """Puts a network into the folder; readers find the former one or the new one.

        Files that are not ours move from the former folder to the new one.

        Args:
            network: The network.
            files: By path in the folder.

        Raises:
            OSError: It could not be written; the former folder is in place. Or what is there is
                not a folder of this run.
        """
        former = self.network()
        if os.path.lexists(self.path) and (former is None or former.run != network.run):
            raise FileExistsError(
                errno.EEXIST,
                "a file or folder of this name exists that this run did not write",
                str(self.path),
            )
        new = self._beside()
        try:
            new.path.mkdir(parents=True)
            document = network.to_json() | {"files": sorted(files)}
            text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
            # First, so that a folder which a killed process leaves is known as ours.
            new._write(RECORD, text.encode())
            for name, content in files.items():
                new._write(name, content)
            aside = put_in_place(new.path, self.path)
        except BaseException:
            new.move_rest(self.path)
            raise
        if aside is not None:
            KeptFolder(aside).move_rest(self.path)

    def move_rest(self, place: Path) -> None:
        """Removes our files; all others move to another folder, if their names are free there."""
        with contextlib.suppress(OSError):
            self._remove_files()
            for path in list(self.path.iterdir()):
                if path.name != RECORD and place.is_dir():
                    _move_free(path, place / path.name)
            self._remove_record()

    def remove(self) -> None:
        """Removes our files, and the folder if nothing else is in it.

        Readers find the whole folder or none. Nothing happens if it is not one of ours.

        Raises:
            OSError: A file cannot be removed.
        """
        if self.network() is None:
            return
        hidden = self._beside()
        self.path.rename(hidden.path)
        try:
            hidden._remove_files()
            hidden._remove_record()
        finally:
            if hidden.path.exists() and not os.path.lexists(self.path):  # with the user's files
                hidden.path.rename(self.path)

    def leftovers(self) -> list[KeptFolder]:
        """Folders that processes which were killed have left beside it."""
        name = re.compile(rf"\.{re.escape(self.path.name)}-[0-9a-f]{{8}}(-former)?")
        return [
            KeptFolder(path)
            for path in sorted(self.path.parent.glob(".*"))
            if name.fullmatch(path.name) and path.is_dir() and not path.is_symlink()
        ]

    def tidy(self, run: str) -> None:
        """Completes what killed processes left.

        Args:
            run: The run whose folder returns to its place if it was taken away from there.
        """
        for left in self.leftovers():
            network = left.network()
            is_own = network is not None and network.run == run
            if is_own and left.path.name.endswith("-former") and not os.path.lexists(self.path):
                with contextlib.suppress(OSError):
                    left.path.rename(self.path)
            elif network is not None or left._is_just_begun():
                left.move_rest(self.path)
            else:
                with contextlib.suppress(OSError):  # not empty, so it is not ours
                    left.path.rmdir()

    def _is_just_begun(self) -> bool:
        """Whether its record alone exists and is empty: its process was killed before it wrote."""
        with contextlib.suppress(OSError):
            record = self.path / RECORD
            return list(self.path.iterdir()) == [record] and not record.read_bytes()
        return False

    def _beside(self) -> KeptFolder:
        """A hidden folder for a moment, which `leftovers` finds if that is interrupted."""
        return KeptFolder(self.path.with_name(f".{self.path.name}-{secrets.token_hex(4)}"))

    def _record(self) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError, RecursionError):
            text = (self.path / RECORD).read_text(encoding="utf-8")
            return dict(mapping(json.loads(text)))
        return {}

    def _remove_files(self) -> None:
        """Removes the files that the record names, and what Python has compiled of them."""
        names = [name for name in self._record().get("files") or [] if _is_inside(name)]
        for name in names:
            path = self.path / name
            path.unlink(missing_ok=True)
            if path.suffix == ".py":
                for compiled in (path.parent / "__pycache__").glob(f"{_literal(path.stem)}.*.pyc"):
                    compiled.unlink(missing_ok=True)
        for folder in _folders(self.path, names):
            with contextlib.suppress(OSError):  # not there, or something else is in it
                folder.rmdir()

    def _remove_record(self) -> None:
        """Removes the last file of ours, and the folder if it is empty then."""
        (self.path / RECORD).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # something else is in it
            self.path.rmdir()

    def _write(self, name: str, content: Content) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            link(content, path)


def _move_free(path: Path, target: Path) -> None:
    """Moves a file or folder, or of a folder that exists there what has a free name in it.

    Raises:
        OSError: A file cannot be moved.
    """
    if not os.path.lexists(target):
        path.rename(target)
    elif all(one.is_dir() and not one.is_symlink() for one in (path, target)):
        for inner in list(path.iterdir()):
            _move_free(inner, target / inner.name)
        with contextlib.suppress(OSError):  # not empty
            path.rmdir()


def link(file: Path, place: Path) -> None:
    """Gives a file a second name; copies it where the file system cannot do that.

    Raises:
        OSError: It could not be copied either.
    """
    try:
        place.hardlink_to(file)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(file, place)


def _folders(root: Path, names: Iterable[str]) -> list[Path]:
    """The folders below a root that files are in and that Python compiles into, deepest first."""
    parents = {path for name in names for path in (root / name).parents if path != root}
    inside = {path for path in parents if path.is_relative_to(root)}
    compiled = {path / "__pycache__" for path in (root, *inside)}
    return sorted(inside | compiled, key=lambda path: len(path.parts), reverse=True)


def _is_inside(name: Any) -> bool:
    return isinstance(name, str) and not Path(name).is_absolute() and ".." not in Path(name).parts


def _literal(name: str) -> str:
    """A name as a pattern of `glob`."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
