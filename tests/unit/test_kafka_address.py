"""What the address of a Kafka cluster may say, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from trivium.adapters.events import open_broker
from trivium.adapters.events.address import address_of
from trivium.errors import UsageError


def test_hosts_have_the_usual_port_unless_they_say_another() -> None:
    address = address_of("kafka://one,two.example.com:9093,[::1]:9094,10.0.0.1")
    assert address.settings == {
        "bootstrap.servers": "one:9092,two.example.com:9093,[::1]:9094,10.0.0.1:9092",
        "security.protocol": "PLAINTEXT",
    }
    assert address.url == "kafka://one,two.example.com:9093,[::1]:9094,10.0.0.1"


def test_who_has_a_user_speaks_tls_and_scram_unless_it_says_otherwise() -> None:
    address = address_of("kafka://so%40me:se%3Acr%2Fet@host")
    assert address.settings == {
        "bootstrap.servers": "host:9092",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "so@me",
        "sasl.password": "se:cr/et",
    }
    assert address.url == "kafka://so%40me:***@host"
    plain = address_of("kafka://some:secret@host?security=sasl_plaintext&mechanism=plain").settings
    assert (plain["security.protocol"], plain["sasl.mechanism"]) == ("SASL_PLAINTEXT", "PLAIN")


def test_certificates_are_files(tmp_path: Path) -> None:
    for name in ("ca", "cert", "key"):
        (tmp_path / name).touch()
    url = f"kafka://host?security=SSL&ca={tmp_path}/ca&cert={tmp_path}/cert&key={tmp_path}/key"
    assert address_of(url).settings == {
        "bootstrap.servers": "host:9092",
        "security.protocol": "SSL",
        "ssl.ca.location": f"{tmp_path}/ca",
        "ssl.certificate.location": f"{tmp_path}/cert",
        "ssl.key.location": f"{tmp_path}/key",
    }


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("kafka://", "nothing is no host"),
        ("kafka://host,,other", "nothing is no host"),
        ("kafka://host:0", "host:0 is no host"),
        ("kafka://host:65536", "host:65536 is no host"),
        ("kafka://host:x", "host:x is no host"),
        ("kafka://ho st", "ho st is no host"),
        ("kafka://[::1", "is no address"),
        ("kafka://host/topic", "names more than a cluster"),
        ("kafka://host#x", "names more than a cluster"),
        ("kafka://user@host", "needs a user and a password"),
        ("kafka://:password@host", "needs a user and a password"),
        ("kafka://host?security=SASL_SSL", "needs a user and a password"),
        ("kafka://host?security=TLS", "security is TLS"),
        ("kafka://u:p@host?mechanism=GSSAPI", "the mechanism is GSSAPI"),
        ("kafka://u:p@host?security=SSL", "SSL knows no user"),
        ("kafka://host?mechanism=PLAIN", "PLAINTEXT knows no user"),
        ("kafka://host?group.id=x", "group.id is no setting of it"),
        ("kafka://host?ca=/x", "PLAINTEXT has no use for ca"),
        ("kafka://host?security=SSL&security=SSL", "security is there twice"),
        ("kafka://host?security=SSL&ca=", "ca is empty"),
        ("kafka://host?security=SSL&ca=/no/such/file", "ca is no file that can be read: /no/such/file"),
        ("kafka://host?security=SSL&cert=/dev/null", "cert is no file"),
        ("amqp://user:secret@host", r"amqp://user:\*\*\*@host is no kind of broker"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_starts(url: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        open_broker(url)


def test_a_file_that_holds_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(UsageError, match=r"ssl\.ca\.location"):
        open_broker(f"kafka://u:secret-word@host?ca={tmp_path}/ca.pem")
    (tmp_path / "cert.pem").write_text("none")
    with pytest.raises(UsageError, match="cert and key go together"):
        open_broker(f"kafka://host?security=SSL&cert={tmp_path}/cert.pem")


@pytest.mark.parametrize("topic", ["", "^orders.*", "a b", "..", "x" * 250, "ä"])
def test_what_cannot_be_a_topic_is_refused(topic: str) -> None:
    with pytest.raises(UsageError, match="cannot be a topic"):
        open_broker("kafka://127.0.0.1:1").consumer(
            "group", [topic], positions=lambda parts: {}, released=lambda parts: None
        )


def test_a_consumer_of_no_topic_is_refused() -> None:
    with pytest.raises(UsageError, match="no topic"):
        open_broker("kafka://127.0.0.1:1").consumer("group", [], positions=lambda _: {}, released=lambda _: None)
