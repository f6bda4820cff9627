"""Channels over SFTP, against a real sshd on loopback."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.intake import archive, remote
from pipelines.intake.channels import PullSummary, pull
from pipelines.settings import Settings

pytestmark = pytest.mark.system
SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
NOW = datetime(2025, 9, 23, 8, 0, 0, tzinfo=UTC)
SENT = datetime(2025, 9, 22, 5, 26, 40, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A daemon with two host keys that lets in whoever has the client's key."""
    folder = tmp_path_factory.mktemp("sshd")
    for name, kind in (("host_ed25519", "ed25519"), ("host_rsa", "rsa"), ("client", "ed25519")):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", folder / name], check=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (folder / "authorized").write_bytes((folder / "client.pub").read_bytes())
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": f"{folder}/host_ed25519\nHostKey {folder}/host_rsa",
        "AuthorizedKeysFile": folder / "authorized",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "Subsystem": "sftp internal-sftp",
    }
    lines = (f"{name} {value}\n" for name, value in settings.items())
    (folder / "sshd_config").write_text("".join(lines))
    Path("/run/sshd").mkdir(exist_ok=True)  # where the daemon insists on locking itself up
    command = [SSHD, "-D", "-e", "-f", folder / "sshd_config"]
    with (folder / "log").open("w") as log, subprocess.Popen(command, stderr=log) as daemon:
        _wait(port, folder / "log")
        yield folder, port
        daemon.terminate()


def _wait(port, log):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(log.read_text())


@pytest.fixture
def settings(tmp_path, monkeypatch, server):
    monkeypatch.setattr(remote, "PAUSE_SECONDS", 0)
    data = tmp_path / "data"
    data.mkdir()
    folder, port = server
    sent = tmp_path / "gửi"
    url = f"sftp://127.0.0.1:{port}{sent}"
    (data / "channels.yml").write_text(f"- {{agency_code: BKHCN, url: '{url}'}}\n")
    (data / "inbox" / "BTC").mkdir(parents=True)
    (data / "inbox" / "BTC" / "z.xlsx").write_bytes(b"of another agency")
    monkeypatch.setenv("NQ57_CHANNEL_BKHCN_USER", getpass.getuser())
    monkeypatch.setenv("NQ57_CHANNEL_BKHCN_KEY_FILE", str(folder / "client"))
    know(data, server, "host_ed25519")
    put(sent / "báo cáo.xlsx", b"1")
    put(sent / "2025" / "b.csv", b"2" * 300_000)
    put(sent / ".hidden", b"3")
    put(tmp_path / "secret.xlsx", b"4")
    (sent / "out.xlsx").symlink_to(tmp_path / "secret.xlsx")
    (sent / "tree").symlink_to(tmp_path)
    return Settings(data_root=data, real_input=tmp_path)


def know(data, server, name):
    folder, port = server
    kind, key, *_ = (folder / f"{name}.pub").read_text().split()
    (data / "known_hosts").write_text(f"[127.0.0.1]:{port} {kind} {key}\n")


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (SENT.timestamp(), SENT.timestamp()))


def receipts(settings):
    return {one.file_name: one for one in archive.read_receipts(settings.archive)}


def test_files_are_taken_links_are_not(settings):
    expected = PullSummary(new=3, refused=2, by_reason={"link_not_followed": 2})
    assert pull(settings, NOW) == expected
    found = receipts(settings)
    assert set(found) == {"báo cáo.xlsx", "b.csv", "z.xlsx"}
    taken = found["b.csv"]
    assert (taken.agency_code, taken.sent_at, taken.received_at) == ("BKHCN", SENT, NOW)
    assert archive.stored_file(settings.archive, taken).read_bytes() == b"2" * 300_000


def test_only_what_changed_is_fetched_again(settings, tmp_path, monkeypatch):
    pull(settings, NOW)
    fetched = []
    write = remote.Remote._write
    monkeypatch.setattr(
        remote.Remote,
        "_write",
        lambda self, one, *rest: fetched.append(one.name) or write(self, one, *rest),
    )
    pull(settings, NOW)
    assert fetched == []
    put(tmp_path / "gửi" / "báo cáo.xlsx", b"12")
    assert pull(settings, NOW).new == 1
    assert fetched == ["báo cáo.xlsx"]


def test_either_key_of_a_server_will_do(settings, server):
    know(settings.data_root, server, "host_rsa")
    assert pull(settings, NOW).down == []


@pytest.mark.parametrize("known", [None, "", "client"])
def test_a_server_whose_key_is_not_known_is_not_talked_to(settings, server, known):
    """The line to be added stands in the sentence; added, it lets the server in."""
    hosts = settings.known_hosts
    hosts.unlink()
    if known:
        know(settings.data_root, server, known)
    elif known is not None:
        hosts.write_text(known)
    summary = pull(settings, NOW)
    assert set(receipts(settings)) == {"z.xlsx"}
    assert len(summary.down) == 1
    assert "không có trong known_hosts · the key SHA256:" in summary.down[0]
    hosts.write_text(summary.down[0].partition("add the line: ")[2] + "\n")
    assert pull(settings, NOW).down == []


def test_who_is_not_let_in_is_told_so(settings, server, monkeypatch):
    monkeypatch.setenv("NQ57_CHANNEL_BKHCN_KEY_FILE", str(server[0] / "host_ed25519"))
    (sentence,) = pull(settings, NOW).down
    assert "not let in" in sentence
    assert set(receipts(settings)) == {"z.xlsx"}


def test_a_folder_that_is_not_there_is_told(settings):
    settings.channels.write_text(settings.channels.read_text().replace("gửi", "none"))
    (sentence,) = pull(settings, NOW).down
    assert "BKHCN" in sentence
