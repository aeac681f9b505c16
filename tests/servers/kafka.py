"""Real Kafka, by Maven: one broker, or a cluster of several that a test may kill one by one."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psutil

from tests.servers import missing
from tests.servers.certificates import write_certificates
from tests.servers.tools import CACHE, answers, free_port, wait_until

_POM = Path(__file__).with_name("kafka.pom.xml")
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
# A class-data archive spares 0.4 s of 2.5 and takes 5 s to make: it does not pay.
_JAVA = ["-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Dlog4j2.level=WARN"]
_CLUSTER: Final = "trivium-tests-kafka-00"
USER, PASSWORD = "someone", "secret-of:some@one"
"""Who is let in at the secured door, by SCRAM-SHA-512."""
_SETTINGS = """\
process.roles=broker,controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL
listener.name.secured.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secured.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secured.ssl.keystore.type=PEM
auto.create.topics.enable=false
num.partitions=1
offsets.topic.num.partitions=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
controller.quorum.fetch.timeout.ms=1000
controller.quorum.election.timeout.ms=500
controller.quorum.election.backoff.max.ms=300
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=0
log.cleaner.backoff.ms=100
log.cleaner.dedupe.buffer.size=2097152
num.network.threads=2
num.io.threads=4
background.threads=2
"""


class Node:
    """One broker, which is a controller too. Its ports stay the same when it is started again."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number, self.folder = number, folder
        self.port, self.secured_port, self.controller_port = free_port(), free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self, voters: str, copies: int, keys: Path) -> None:
        """Gives it its settings and a folder as a new one has it."""
        shutil.copytree(_formatted(self.number), self.folder / "data")
        doors = f"PLAINTEXT://127.0.0.1:{self.port},SECURED://127.0.0.1:{self.secured_port}"
        (self.folder / "server.properties").write_text(
            f"{_SETTINGS}node.id={self.number}\ncontroller.quorum.voters={voters}\nlog.dirs={self.folder / 'data'}\n"
            f"listeners={doors},CONTROLLER://127.0.0.1:{self.controller_port}\nadvertised.listeners={doors}\n"
            f"listener.name.secured.ssl.keystore.location={keys}\n"
            f"offsets.topic.replication.factor={copies}\ntransaction.state.log.replication.factor={copies}\n"
            f"transaction.state.log.min.isr={min(copies, 2)}\nmin.insync.replicas={min(copies, 2)}\n"
            f"share.coordinator.state.topic.replication.factor={copies}\n"
            f"share.coordinator.state.topic.min.isr={min(copies, 2)}\n"
        )

    def start(self) -> None:
        """Starts it, or starts it again with what it had; returns at once."""
        words = _java("kafka.Kafka", str(self.folder / "server.properties"))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log)

    def wait(self) -> None:
        """Returns when it answers."""
        wait_until(lambda: answers(self.port), f"Kafka {self.number} answers; see {self.folder / 'log'}", 60)

    @property
    def runs(self) -> bool:
        return self._process is not None

    def kill(self) -> None:
        """As by kill -9. Idempotent."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Within the block it takes connections, and answers none."""
        assert self._process is not None
        process = psutil.Process(self._process.pid)
        process.suspend()
        try:
            yield
        finally:
            process.resume()


class Kafka:
    """A cluster of so many brokers, with a folder of its own; both are gone after the block."""

    def __init__(self, nodes: int = 1) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trivium-kafka-"))
        self.nodes = [Node(number, self.folder / str(number)) for number in range(1, nodes + 1)]

    @property
    def servers(self) -> str:
        """As drivers call them."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    @property
    def url(self) -> str:
        """As Trivium calls them."""
        return f"kafka://{self.servers}"

    @property
    def secured(self) -> str:
        """The servers' door for those only who have a password, behind TLS."""
        return ",".join(f"127.0.0.1:{node.secured_port}" for node in self.nodes)

    @property
    def authority(self) -> Path:
        """The certificate by which the secured door is known."""
        return self.folder / "authority.pem"

    def __enter__(self) -> Self:
        with ExitStack() as failed:
            failed.callback(self.remove)
            voters = ",".join(f"{node.number}@127.0.0.1:{node.controller_port}" for node in self.nodes)
            keys = self.folder / "keys.pem"
            write_certificates(self.authority, keys)
            for node in self.nodes:
                node.prepare(voters, len(self.nodes), keys)
            for node in self.nodes:
                node.start()
            for node in self.nodes:
                node.wait()
            failed.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.remove()

    def mend(self) -> None:
        """Starts those again that a test has killed."""
        dead = [node for node in self.nodes if not node.runs]
        for node in dead:
            node.start()
        for node in dead:
            node.wait()

    def remove(self) -> None:
        """Ends it and removes what it had."""
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _home() -> Path:
    return CACHE / f"kafka-{hashlib.sha256(_POM.read_bytes()).hexdigest()[:16]}"


def _jars() -> Path:
    """The folder of the jars, copied at the first use, which takes half a minute."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            missing(f"there is no Kafka: {program} is missing; install Java 17 and Maven")
    jars = _home() / "libs"
    with _once(jars) as new:
        if new is not None:
            words = ["mvn", "-q", "-B", "-f", str(_POM), _COPY, "-DincludeScope=runtime", f"-DoutputDirectory={new}"]
            copied = subprocess.run(words, capture_output=True, text=True, check=False)
            if copied.returncode:
                missing(f"Kafka cannot be copied by Maven: {(copied.stdout + copied.stderr)[-400:]}")
    return jars


def _formatted(number: int) -> Path:
    """The folder of a broker that never ran, made at the first use."""
    folder = _home() / f"formatted-{number}"
    with _once(folder) as new:
        if new is not None:
            settings = new.with_name(f"{folder.name}.properties")
            settings.write_text(
                f"{_SETTINGS}node.id={number}\nlog.dirs={new}\ncontroller.quorum.voters={number}@127.0.0.1:1\n"
                "listeners=PLAINTEXT://127.0.0.1:2,CONTROLLER://127.0.0.1:1\n"
            )
            user = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
            words = ["format", "-t", _CLUSTER, "-c", str(settings), "--add-scram", user]
            subprocess.run(_java("kafka.tools.StorageTool", *words), check=True, capture_output=True)
    return folder


@contextmanager
def _once(folder: Path) -> Iterator[Path | None]:
    """Where the folder is not there yet, the one to make, which then takes its place; two sessions make it once."""
    if folder.exists():
        yield None
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            yield None
            return
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        yield new
        new.replace(folder)


def _java(*words: str) -> list[str]:
    return ["java", *_JAVA, "-cp", f"{_jars()}/*", *words]
