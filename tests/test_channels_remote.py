"""Channels on servers, against real ones on loopback: S3 (moto) and HTTP."""

import errno
import logging
import os
import socket
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from moto.server import ThreadedMotoServer

from pipelines.intake import archive, channels, remote, web
from pipelines.intake.channels import PullSummary, pull
from pipelines.intake.web import links_below
from pipelines.settings import Settings

NOW = datetime(2025, 9, 23, 8, 0, 0, tzinfo=UTC)
LATER = datetime(2025, 9, 24, 8, 0, 0, tzinfo=UTC)
SENT = datetime(2025, 9, 22, 5, 26, 40, tzinfo=UTC)
HUSH = "hush-57"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.intake.seen.SETTLED_SECONDS", -60)
    monkeypatch.setattr(remote, "PAUSE_SECONDS", 0)
    (tmp_path / "data").mkdir()
    return Settings(data_root=tmp_path / "data", real_input=tmp_path / "none")


@pytest.fixture
def fetched(monkeypatch):
    """Names of the files that were fetched."""
    names = []
    write = remote.Remote._write

    def note(self, listed, *arguments):
        names.append(listed.name)
        return write(self, listed, *arguments)

    monkeypatch.setattr(remote.Remote, "_write", note)
    return names


def agree(settings, *lines):
    settings.channels.write_text("".join(f"- {{{line}}}\n" for line in lines), encoding="utf-8")


def receipts(settings):
    return {one.file_name: one for one in archive.read_receipts(settings.archive)}


def everything_written(settings):
    paths = (path for path in settings.data_root.rglob("*") if path.is_file())
    return b"".join(path.read_bytes() for path in paths)


@pytest.fixture(scope="module")
def store():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class TestS3:
    @pytest.fixture
    def bucket(self, store, monkeypatch, request):
        access = {"USER": "nq57", "PASSWORD": HUSH, "ENDPOINT": store, "REGION": "us-east-1"}
        for name, value in access.items():
            monkeypatch.setenv(f"NQ57_CHANNEL_BKHCN_{name}", value)
        client = boto3.client(
            "s3", "us-east-1", endpoint_url=store, aws_access_key_id="a", aws_secret_access_key="b"
        )
        name = f"bucket-{abs(hash(request.node.name))}"
        client.create_bucket(Bucket=name)
        return client, name

    @pytest.fixture
    def channel(self, settings, bucket):
        client, name = bucket
        agree(settings, f"agency_code: BKHCN, url: 's3://{name}/gửi'")

        def put(key, content):
            client.put_object(Bucket=name, Key=key, Body=content)

        put("gửi/báo cáo tháng 9.xlsx", b"1")
        put("gửi/BTC/2025/b.csv", b"2")
        put("gửi/.hidden.xlsx", b"3")
        put("gửi/~$a.xlsx", b"4")
        put("another/c.xlsx", b"5")
        return put

    def test_files_below_the_address_are_taken_as_the_agency_s_own(self, settings, channel):
        assert pull(settings, NOW) == PullSummary(new=2)
        found = receipts(settings)
        assert set(found) == {"báo cáo tháng 9.xlsx", "b.csv"}
        assert {one.agency_code for one in found.values()} == {"BKHCN"}
        sent = found["b.csv"].sent_at
        assert abs((datetime.now(UTC) - sent).total_seconds()) < 60
        assert found["b.csv"].received_at == NOW
        assert archive.stored_file(settings.archive, found["b.csv"]).read_bytes() == b"2"
        assert HUSH.encode() not in everything_written(settings)

    def test_only_what_changed_is_fetched_again(self, settings, channel, fetched):
        pull(settings, NOW)
        fetched.clear()
        assert pull(settings, LATER) == PullSummary(known=2)
        assert fetched == []
        channel("gửi/BTC/2025/b.csv", b"3")
        channel("gửi/copy of b.csv", b"3")
        assert pull(settings, LATER) == PullSummary(new=1, known=2)
        assert sorted(fetched) == ["b.csv", "copy of b.csv"]

    def test_names_are_only_text(self, settings, channel, tmp_path):
        channel("gửi/../../../evil.xlsx", b"6")
        channel("gửi/x%2f..%2f..%2fevil.xlsx", b"7")
        channel("gửi/a\u202eb.xlsx", b"8")
        assert pull(settings, NOW) == PullSummary(new=4)
        assert {"x%2f..%2f..%2fevil.xlsx", "a\ufffdb.xlsx"} <= set(receipts(settings))
        assert list(tmp_path.rglob("*evil*")) == []

    def test_an_object_over_the_limit_is_refused_and_not_fetched(
        self, settings, channel, fetched, monkeypatch
    ):
        monkeypatch.setattr(channels, "MAX_BYTES", 10)
        channel("gửi/large.xlsx", b"x" * 11)
        expected = PullSummary(new=2, refused=1, by_reason={"too_large": 1})
        assert pull(settings, NOW) == expected
        refused = receipts(settings)["large.xlsx"]
        assert (refused.reason_code, refused.size_bytes, refused.sha256) == ("too_large", 11, "")
        assert pull(settings, LATER) == PullSummary(known=2, refused=1, by_reason={"too_large": 1})
        assert "large.xlsx" not in fetched

    @pytest.mark.parametrize("url", ["s3://no-such-bucket", "s3://UPPER_case!/a"])
    def test_a_bucket_that_is_not_there_is_a_channel_that_is_down(self, settings, bucket, url):
        agree(settings, f"agency_code: BKHCN, url: '{url}'")
        summary = pull(settings, NOW)
        assert len(summary.down) == 1
        assert f"BKHCN ({url})" in summary.down[0]


class Handler(SimpleHTTPRequestHandler):
    """A folder over HTTP, with what some servers do beside it."""

    def do_GET(self):
        if not self._may():
            self.send_response(401)
            self.end_headers()
        elif self.path.endswith("/moved.xlsx"):
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/secret.xlsx")
            self.end_headers()
        elif self.path.endswith("/broken.xlsx"):
            self.send_error(500)
        elif self.path.endswith("/cut.xlsx") and self.server.is_cutting:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half")
        elif self.path.endswith("/endless.xlsx"):
            self.send_response(200)
            self.end_headers()
            self._drip()
        else:
            super().do_GET()

    def do_HEAD(self):
        if self.path.endswith(("/endless.xlsx", "/moved.xlsx")):
            self.do_GET() if "moved" in self.path else self.send_error(405)
        elif self._may():
            super().do_HEAD()
        else:
            self.send_error(401)

    def _may(self):
        wanted = self.server.wanted
        return wanted is None or self.headers.get("Authorization") == wanted

    def _drip(self):
        for _ in range(10_000):
            self.wfile.write(b"x" * 100)

    def handle(self):
        with suppress(BrokenPipeError, ConnectionResetError):
            super().handle()

    def log_message(self, *_):
        pass


class TestHttp:
    @pytest.fixture
    def folder(self, tmp_path):
        folder = tmp_path / "www" / "bkhcn"
        folder.mkdir(parents=True)
        return folder

    @pytest.fixture
    def server(self, folder):
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder.parent))
        server.wanted, server.is_cutting = None, True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()
        server.server_close()

    @pytest.fixture
    def channel(self, settings, server, folder):
        url = f"http://127.0.0.1:{server.server_port}/bkhcn"
        agree(settings, f"agency_code: BKHCN, url: '{url}'")

        def put(name, content=b"workbook", at=SENT):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, (at.timestamp(), at.timestamp()))

        return put

    def test_files_of_a_listing_are_taken(self, settings, channel):
        channel("báo cáo & số liệu.xlsx", b"1")
        channel("2025/tháng 9/b 100%.csv", b"2")
        channel(".hidden.xlsx", b"3")
        channel("../above.xlsx", b"4")
        assert pull(settings, NOW) == PullSummary(new=2)
        found = receipts(settings)
        assert set(found) == {"báo cáo & số liệu.xlsx", "b 100%.csv"}
        assert {one.sent_at for one in found.values()} == {SENT}
        assert archive.stored_file(settings.archive, found["b 100%.csv"]).read_bytes() == b"2"

    def test_only_what_changed_is_fetched_again(self, settings, channel, fetched):
        channel("a.xlsx", b"1")
        channel("b.xlsx", b"2")
        pull(settings, NOW)
        fetched.clear()
        assert pull(settings, LATER) == PullSummary(known=2)
        assert fetched == []
        channel("b.xlsx", b"3", LATER)
        assert pull(settings, LATER) == PullSummary(new=1, known=1)
        assert fetched == ["b.xlsx"]

    def test_a_password_comes_from_the_environment_and_is_written_nowhere(
        self, settings, channel, server, monkeypatch, caplog
    ):
        channel("a.xlsx")
        server.wanted = "Basic bnE1NzpodXNoLTU3"
        caplog.set_level(logging.DEBUG)
        refused = pull(settings, NOW)
        assert len(refused.down) == 1
        assert "HTTP 401" in refused.down[0]
        monkeypatch.setenv("NQ57_CHANNEL_BKHCN_USER", "nq57")
        monkeypatch.setenv("NQ57_CHANNEL_BKHCN_PASSWORD", HUSH)
        assert pull(settings, NOW) == PullSummary(new=1)
        assert HUSH not in caplog.text
        assert HUSH.encode() not in everything_written(settings)

    def test_redirects_and_faults_of_one_file_leave_the_others(self, settings, channel, caplog):
        for name in ("a.xlsx", "broken.xlsx", "moved.xlsx", "z.xlsx"):
            channel(name, name.encode())
        expected = PullSummary(new=2, refused=2, by_reason={"not_readable_yet": 2})
        assert pull(settings, NOW) == expected
        assert "moved.xlsx: HTTP 302 to http://169.254.169.254/secret.xlsx" in caplog.text

    def test_dead_links_leave_the_others(self, settings, channel, server, folder):
        """However many in a row: the server answers."""
        links = "".join(f"<a href=dead{number}.xlsx>" for number in range(5))
        channel("z.xlsx")
        channel("index.html", f"{links}<a href=z.xlsx>".encode())
        expected = PullSummary(new=1, refused=5, by_reason={"not_readable_yet": 5})
        assert pull(settings, NOW) == expected

    def test_a_full_disk_is_no_fault_of_a_channel(self, settings, channel, monkeypatch):
        def full(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(remote, "PAUSE_SECONDS", 0)
        monkeypatch.setattr(remote.Remote, "_write", full)
        channel("a.xlsx")
        with pytest.raises(OSError, match="No space left"):
            pull(settings, NOW)
        assert list(settings.archive.rglob("*")) == []

    def test_of_a_page_of_too_many_links_none_is_asked_for(self, settings, channel, monkeypatch):
        monkeypatch.setattr(web, "MAX_LINKS", 3)
        channel("index.html", b"".join(b"<a href=%d.xlsx>" % number for number in range(4)))
        (said,) = pull(settings, NOW).down
        assert "> 3 links" in said

    def test_a_listing_without_end_is_left(self, settings, channel, server, monkeypatch):
        monkeypatch.setattr(remote, "LIST_SECONDS", 0.5)
        monkeypatch.setattr(remote, "PAUSE_SECONDS", 0)
        monkeypatch.setattr(Handler, "do_HEAD", lambda _: time.sleep(5))
        channel("a.xlsx")
        started = time.monotonic()
        (said,) = pull(settings, NOW).down
        assert "kênh chưa dùng được" in said
        assert time.monotonic() - started < 4

    def test_half_a_file_is_no_file(self, settings, channel, server):
        channel("cut.xlsx", b"whole")
        expected = PullSummary(refused=1, by_reason={"not_readable_yet": 1})
        assert pull(settings, NOW) == expected
        assert list(settings.archive.rglob("*")) == []
        server.is_cutting = False
        assert pull(settings, LATER) == PullSummary(new=1)

    def test_the_limit_holds_while_fetching(self, settings, channel, monkeypatch):
        """Of a file whose size nobody announced."""
        monkeypatch.setattr(channels, "MAX_BYTES", 200_000)
        channel("endless.xlsx")
        expected = PullSummary(refused=1, by_reason={"too_large": 1})
        assert pull(settings, NOW) == expected
        assert receipts(settings)["endless.xlsx"].sha256 == ""
        assert {path.name for path in settings.archive.iterdir()} == {"receipts"}

    def test_a_killed_pull_goes_on_where_it_was(self, settings, channel, fetched, monkeypatch):
        monkeypatch.setattr("pipelines.intake.seen._SAVE_SECONDS", -1)
        for number in range(5):
            channel(f"{number}.xlsx", str(number).encode())

        class Killed(BaseException):
            pass

        def kill(done, _):
            if done == 3:
                monkeypatch.setattr("pipelines.intake.seen.Seen.save", lambda _: None)
                raise Killed

        monkeypatch.setattr("pipelines.intake.channels.durable.discard", lambda _: None)
        with pytest.raises(Killed):
            pull(settings, NOW, kill)
        monkeypatch.undo()
        again = []
        write = remote.Remote._write
        monkeypatch.setattr(
            remote.Remote,
            "_write",
            lambda self, one, *rest: again.append(one.name) or write(self, one, *rest),
        )
        assert pull(settings, LATER) == PullSummary(new=2, known=3)
        assert again == ["3.xlsx", "4.xlsx"]
        assert [path.name for path in settings.archive.glob(".*")] == []

    def test_a_listing_has_limits(self, settings, channel, monkeypatch):
        monkeypatch.setattr(remote, "MAX_FILES", 3)
        monkeypatch.setattr(remote, "MAX_DEPTH", 2)
        for number in range(5):
            channel(f"{number}.xlsx", str(number).encode())
        summary = pull(settings, NOW)
        assert (summary.new, "> 3 files" in summary.down[0]) == (3, True)
        for number in range(5):
            channel(f"{number}.xlsx", b"x")
        monkeypatch.setattr(remote, "MAX_FILES", 30)
        channel("one/two/three/deep.xlsx", b"deep")
        summary = pull(settings, NOW)
        assert "> 2 folders deep" in summary.down[0]
        assert "deep.xlsx" not in receipts(settings)


@contextmanager
def silent_server():
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "s3", "sftp"])
@pytest.mark.parametrize("fault", ["closed", "silent"])
def test_a_channel_that_is_down_is_named_and_the_others_go_on(
    settings, scheme, fault, monkeypatch, caplog
):
    monkeypatch.setattr(remote, "ANSWER_SECONDS", 0.5)
    folder = settings.inbox / "BTC"
    folder.mkdir(parents=True)
    (folder / "a.xlsx").write_bytes(b"1")
    with silent_server() as silent:
        address = f"127.0.0.1:{closed_port() if fault == 'closed' else silent}"
        if scheme == "s3":
            monkeypatch.setenv("NQ57_CHANNEL_BKHCN_ENDPOINT", f"http://{address}")
            address = "bucket"
        monkeypatch.setenv("NQ57_CHANNEL_BKHCN_USER", "nq57")
        monkeypatch.setenv("NQ57_CHANNEL_BKHCN_PASSWORD", HUSH)
        agree(settings, f"agency_code: BKHCN, url: '{scheme}://{address}/a'")
        started = time.monotonic()
        summary = pull(settings, NOW)
    assert time.monotonic() - started < 20
    assert (summary.new, len(summary.down)) == (1, 1)
    assert f"BKHCN ({scheme}://{address}/a): kênh chưa dùng được" in summary.down[0]
    assert "the next pull tries again" in summary.down[0]
    assert HUSH not in caplog.text


def test_a_password_is_not_sent_in_the_clear(settings, monkeypatch):
    """Nothing is sent at all: the name of the server need not even exist."""
    agree(settings, "agency_code: BKHCN, url: 'http://files.example/a'")
    monkeypatch.setattr(remote, "PAUSE_SECONDS", 0)
    monkeypatch.setenv("NQ57_CHANNEL_BKHCN_USER", "nq57")
    monkeypatch.setenv("NQ57_CHANNEL_BKHCN_PASSWORD", HUSH)
    (said,) = pull(settings, NOW).down
    assert "use https://" in said
    assert HUSH not in said


PAGE = "http://host:8000/bkhcn/"


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ("a.xlsx", "a.xlsx"),
        ("./b%C3%A1o%20c%C3%A1o.xlsx", "b%C3%A1o%20c%C3%A1o.xlsx"),
        ("báo cáo.xlsx", "b%C3%A1o%20c%C3%A1o.xlsx"),
        ("a&amp;b.xlsx", "a%26b.xlsx"),
        ("/bkhcn/2025/", "2025/"),
        ("http://host:8000/bkhcn/a.xlsx#x", "a.xlsx"),
        ("b%E1o.xlsx", "b%E1o.xlsx"),
        ("../", None),
        ("../btc/a.xlsx", None),
        ("/bkhcn", None),
        ("/bkhcn2/a.xlsx", None),
        ("%2e%2e/btc/a.xlsx", None),
        ("..%2fbtc%2fa.xlsx", None),
        ("a%2F..%2F..%2Fb.xlsx", None),
        ("..\\btc\\a.xlsx", None),
        ("?C=N;O=D", None),
        ("a.xlsx?id=3", None),
        ("http://host:8001/bkhcn/a.xlsx", None),
        ("https://host:8000/bkhcn/a.xlsx", None),
        ("http://user@host:8000/bkhcn/a.xlsx", None),
        ("//elsewhere/bkhcn/a.xlsx", None),
        ("file:///bkhcn/a.xlsx", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_only_links_below_the_address_are_followed(link, followed):
    found = links_below(PAGE, f'<p><a class="x" href="{link}">a</a> http://host:8000/bkhcn/no.xlsx')
    assert found == ([PAGE + followed] if followed else [])
