"""The page about settings, and the files of one: they say what the code says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from drainage_api.server.serving import limits_of
from drainage_api.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = ("settings.md", "settings.zh.md")
DEPLOY = ROOT / "deploy"


def documented(page: str = PAGES[0]) -> dict[str, str]:
    text = (ROOT / "docs/server" / page).read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `(DRAINAGE_[A-Z_]+)` \| (.*?) \|", text, re.MULTILINE))


def text_of(default: object) -> str:
    """A default as the table has it: nothing for none, true and false in small letters."""
    if default is None or default == ():
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


@pytest.mark.parametrize("page", PAGES)
def test_the_table_has_every_setting_and_its_default(page: str) -> None:
    defaults = {f"DRAINAGE_{name.upper()}": text_of(field.default) for name, field in Settings.model_fields.items()}
    found = {name: told.strip(" `") for name, told in documented(page).items()}
    assert found.pop("DRAINAGE_AS_OF") == "today"
    defaults.pop("DRAINAGE_AS_OF")
    assert found == defaults


@pytest.mark.parametrize("file", ["Containerfile", "compose.yaml", "nginx.conf", "server.env"])
def test_the_files_name_settings_that_there_are(file: str) -> None:
    named = set(re.findall(r"DRAINAGE_[A-Z_]+", (DEPLOY / file).read_text(encoding="utf-8")))
    assert named
    assert named <= documented().keys()


def test_the_proxy_gives_up_its_connections_before_the_server_does() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    kept = [
        int(seconds) for seconds in re.findall(r"server server:8000;\s+keepalive 64;\s+keepalive_timeout (\d+)s", text)
    ]
    assert kept
    assert max(kept) < Settings.model_fields["idle_timeout_s"].default


def test_the_proxy_lets_through_what_the_server_takes_in() -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    limits = limits_of(Settings.model_construct())
    most = re.findall(r"client_max_body_size (\d+)m;", text.partition("server {")[0])
    assert [int(mega) * 2**20 for mega in most] == [limits.body_bytes]
    places = re.findall(r"location (=|~) (\S+) \{([^}]*client_max_body_size (\d+)m;[^}]*)\}", text)
    for path, wanted in limits.larger.items():
        found = [
            (int(mega) * 2**20, inside)
            for kind, where, inside, mega in places
            if where == path.decode() or (kind == "~" and re.search(where, path.decode()))
        ]
        assert found, path
        for largest, inside in found:
            assert wanted <= largest < wanted + 2 * 2**20
            assert "proxy_request_buffering off;" in inside  # the temporary space of the proxy is small


def test_the_proxy_overwrites_what_a_client_claims_of_itself() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for name in ("X-Forwarded-For $remote_addr", 'X-Forwarded-Host ""', 'Forwarded ""', 'Via ""'):
        assert f"proxy_set_header {name};" in text


def test_the_unit_and_the_container_are_closed() -> None:
    unit = (DEPLOY / "drainage.service").read_text(encoding="utf-8")
    for line in (
        "NoNewPrivileges=true",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=\n",
        "User=drainage",
        "ProtectHome=true",
    ):
        assert line in unit
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert container.index("USER 10001") < container.index("ENTRYPOINT")
    assert "ADD " not in container
    assert ":latest" not in container
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert compose.count("read_only: true") == 2
    assert compose.count("cap_drop: [ALL]") == 2


@pytest.mark.long
def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    """With the services of the compose file on loopback, and a certificate of its own."""
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        pytest.skip("nginx is not installed")
    names = ["-subj", "/CN=drainage.example", "-nodes", "-x509", "-newkey", "rsa:2048", "-days", "1"]
    keys = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    subprocess.run(["openssl", "req", *names, *keys], check=True, capture_output=True)
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for there, here in (("server:8000", "127.0.0.1:8000"), ("public:8000", "127.0.0.1:8001")):
        text = text.replace(f" server {there}", f" server {here}")
    text = re.sub(r"(pid|_temp_path) /\w+/", rf"\1 {tmp_path}/", text).replace("/etc/nginx/tls", str(tmp_path))
    text = re.sub(r"listen \[::\].*?;", "", text)
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["nginx", "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True, check=False
    )
    assert "test is successful" in done.stderr, done.stderr


@pytest.mark.long
def test_systemd_takes_the_unit() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(DEPLOY / "drainage.service")], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if "drainage.service" in line and "not executable" not in line]
    assert told == []
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--json=short", str(DEPLOY / "drainage.service")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    exposure = sum(float(row["exposure"] or 0) for row in json.loads(rated.stdout) if row["set"] is False)
    assert exposure < 3
