"""Real servers on which files arrive: S3 (versitygw), Google Cloud Storage (fake-gcs-server), SFTP (OpenSSH)."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.servers.tools import answers, debian_program, free_port, go_program, wait_until

S3_GATEWAY = ("github.com/versity/versitygw/cmd/versitygw", "v1.8.0")
GCS_SERVER = ("github.com/fsouza/fake-gcs-server", "v1.56.1")


class Server:
    """A process that answers at a port, with a folder of its own; both are gone after the block."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="trivium-server-"))
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    @property
    def url(self) -> str:
        """The address of its root."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """What a client has to have in its environment."""
        return {}

    def start(self) -> None:
        """Starts it, or starts it again at the same port with the data that was there."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        wait_until(lambda: answers(self.port), f"{type(self).__name__} answers")

    def kill(self) -> None:
        """As by kill -9."""
        if self._process is not None:
            children = psutil.Process(self._process.pid).children(recursive=True)  # sshd has one for each connection
            for process in (psutil.Process(self._process.pid), *children):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._process.wait()
            psutil.wait_procs(children)
            self._process = None

    def freeze(self) -> None:
        """From now on it takes connections, and answers none."""
        assert self._process is not None
        psutil.Process(self._process.pid).suspend()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class S3(Server):
    """An S3 gateway over a folder, with the bucket `landing`."""

    def command(self) -> list[str]:
        (self.folder / "data" / "landing").mkdir(parents=True, exist_ok=True)
        words = ["--port", f"127.0.0.1:{self.port}", "--access", "someone", "--secret", "secret-of-someone"]
        return [str(go_program(*S3_GATEWAY)), *words, "posix", str(self.folder / "data")]

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "someone",
            "AWS_SECRET_ACCESS_KEY": "secret-of-someone",
            "AWS_REGION": "us-east-1",
        }

    @property
    def url(self) -> str:
        return "s3://landing"


class Gcs(Server):
    """A Google Cloud Storage with the bucket `landing`, in memory."""

    def command(self) -> list[str]:
        url = f"http://127.0.0.1:{self.port}"
        words = ["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", str(self.port)]
        seed = self.folder / "seed" / "landing"
        seed.mkdir(parents=True, exist_ok=True)
        (seed / ".keep").touch()
        return [str(go_program(*GCS_SERVER)), *words, "-external-url", url, "-data", str(seed.parent)]

    def environment(self) -> dict[str, str]:
        return {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{self.port}"}

    @property
    def url(self) -> str:
        return "gs://landing"


class Sftp(Server):
    """An OpenSSH server that lets this user in by a key, over a folder."""

    def command(self) -> list[str]:
        sshd = debian_program("sshd", "openssh-server")
        Path("/run/sshd").mkdir(exist_ok=True)
        keys = {name: self.folder / name for name in ("host", "user")}
        for path in keys.values():
            if not path.exists():
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
        home = self.folder / "home" / ".ssh"
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(keys["user"], home / "id_ed25519")
        host = keys["host"].with_suffix(".pub").read_text().rsplit(" ", 1)[0]
        (home / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {host}\n")
        (self.folder / "authorized").write_text(keys["user"].with_suffix(".pub").read_text())
        (self.folder / "data").mkdir(exist_ok=True)
        config = self.folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {keys['host']}\nPidFile {self.folder}/pid\n"
            f"AuthorizedKeysFile {self.folder}/authorized\nStrictModes no\nPermitRootLogin yes\nUsePAM no\n"
            "PasswordAuthentication no\nSubsystem sftp internal-sftp\n"
        )
        return [str(sshd), "-D", "-e", "-f", str(config)]

    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.folder / "home"), "SSH_AUTH_SOCK": ""}

    @property
    def url(self) -> str:
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{self.folder}/data"


def let(environment: dict[str, str]) -> dict[str, str]:
    """The environment of a process with these variables; those that are empty are not there."""
    merged = os.environ | environment
    return {name: value for name, value in merged.items() if value}
