"""SFTP for fsspec, with the keys of servers checked.

What belongs here: the connection. What does not: what is done over it (`remote.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem


class UnknownHost(PermissionError):
    """The server is not one that somebody has put into `known_hosts`."""


class CheckedSftp(SFTPFileSystem):
    """fsspec's own accepts any key of a new server; this one none that is not known.

    Neither keys of an agent nor of a home folder are tried: credentials are those of the channel.
    """

    def __init__(
        self,
        host: str,
        known_hosts: Path,
        seconds: float,
        **options: Any,  # noqa: ANN401
    ) -> None:
        self._known_hosts, self._seconds = known_hosts, seconds
        super().__init__(host, **options)

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.set_missing_host_key_policy(_Refuse(self._known_hosts))
        if self._known_hosts.is_file():
            self.client.load_host_keys(str(self._known_hosts))
        limits = dict.fromkeys(("timeout", "banner_timeout", "auth_timeout"), self._seconds)
        try:
            self.client.connect(
                self.host, **self.ssh_kwargs, **limits, allow_agent=False, look_for_keys=False
            )
        except paramiko.BadHostKeyException as error:
            raise UnknownHost(_unknown(self._name, error.key, self._known_hosts)) from error
        except paramiko.AuthenticationException as error:
            raise PermissionError(f"not let in: {error}") from error
        self.ftp = self.client.open_sftp()
        channel = self.ftp.get_channel()
        if channel is not None:
            channel.settimeout(self._seconds)

    @property
    def _name(self) -> str:
        """As `known_hosts` calls the server."""
        port = self.ssh_kwargs.get("port", 22)
        return self.host if port == 22 else f"[{self.host}]:{port}"

    def _open(self, path: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """Ask for several blocks at once: one by one, each waits for the line there and back."""
        handle = super()._open(path, *arguments, **options)
        handle.prefetch(max_concurrent_requests=64)
        return handle


class _Refuse(paramiko.MissingHostKeyPolicy):
    def __init__(self, known_hosts: Path) -> None:
        self._known_hosts = known_hosts

    def missing_host_key(self, client: object, hostname: str, key: paramiko.PKey) -> None:
        raise UnknownHost(_unknown(hostname, key, self._known_hosts))


def _unknown(host: str, key: paramiko.PKey, known_hosts: Path) -> str:
    line = f"{host} {key.get_name()} {key.get_base64()}"
    return (
        f"khóa {key.fingerprint} của {host} không có trong {known_hosts.name}"
        f" · the key {key.fingerprint} of {host} is not in {known_hosts.name} of the data root;"
        f" when the server's owner confirms it, add the line: {line}"
    )
