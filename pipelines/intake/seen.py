"""What earlier pulls saw of each file, so that one which did not change is not fetched again.

What belongs here: the cache file `seen.json` of the data root. What does not: knowledge, which is
in the archive; without this file the next pull fetches and hashes everything once more.
"""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

from pipelines import durable
from pipelines.intake.channel_list import Channel
from pipelines.intake.sources import Listed

log = logging.getLogger(__name__)

SETTLED_SECONDS = 2.0
"""A file that changed later than this before it was taken may change again within one tick of the
clock that stamps it: it is looked at once more next time."""
_SAVE_SECONDS = 5.0

Key = tuple[str, str, str]
"""Agency, address of its channel, path of the file there."""


class Seen:
    """By file, its stamp when it was taken and the submission that it was taken as."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = _load(path)
        self._is_changed = False
        self._saved_at = time.monotonic()

    def submission_id(self, channel: Channel, listed: Listed) -> str | None:
        """The submission as which this very file was taken; None when it is new or has changed."""
        stamp, submission_id = self._known.get(_key(channel, listed.path), ("", ""))
        return submission_id if stamp and stamp == listed.stamp else None

    def remember(self, channel: Channel, listed: Listed, submission_id: str) -> None:
        """Note that a file was taken; saved now and then, so that a killed pull goes on."""
        if listed.stamp and time.time() - listed.changed_at > SETTLED_SECONDS:
            self._known[_key(channel, listed.path)] = (listed.stamp, submission_id)
            self._is_changed = True
            if time.monotonic() - self._saved_at > _SAVE_SECONDS:
                self.save()

    def forget_all_but(self, channel: Channel, paths: set[str]) -> None:
        """Leave out the files of a channel that are there no longer."""
        for key in list(self._known):
            if key[:2] == _key(channel, "")[:2] and key[2] not in paths:
                del self._known[key]
                self._is_changed = True

    def save(self) -> None:
        """Write the file, when there is something new."""
        if self._is_changed:
            entries = [[*key, *value] for key, value in self._known.items()]
            with durable.file_aside(self._path) as aside:
                aside.write_text(json.dumps(entries, indent=0), encoding="ascii")
            self._is_changed, self._saved_at = False, time.monotonic()


def _key(channel: Channel, path: str) -> Key:
    return channel.agency_code, channel.url, path


def _load(path: Path) -> dict[Key, tuple[str, str]]:
    try:
        entries = json.loads(path.read_bytes())
        return {(one[0], one[1], one[2]): (one[3], one[4]) for one in entries}
    except FileNotFoundError:
        return {}
    except (ValueError, LookupError, TypeError):
        log.warning("%s cannot be read and is made anew", path.name)
        return {}
