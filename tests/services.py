"""Starts a private broker or a private PostgreSQL for tests, each in a folder of its own, and stops exactly what it started."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from provisioning.broker import BrokerPlan, default_user
from provisioning.centre import open_centre
from provisioning.settings import CentreSettings

START_TIMEOUT_S = 20


def free_port() -> int:
    """A TCP port on loopback that nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass
class PrivateBroker:
    """A running mosquitto with the configuration that the centre wrote."""

    folder: Path
    port: int
    log: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    host: str = "localhost"
    _said: threading.Condition = field(default_factory=threading.Condition)

    @property
    def pid(self) -> int:
        assert self.process is not None, "the broker is not running"
        return self.process.pid

    def start(self) -> None:
        """Start it and wait until it listens."""
        command = [_program("mosquitto"), "-c", str(self.folder / "mosquitto.conf")]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        seen = len(self.log)
        threading.Thread(target=self._read_log, args=(self.process,), daemon=True).start()
        self.wait_for(" running", seen)

    def stop(self) -> None:
        """Stop it and wait for its end."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(START_TIMEOUT_S)
            self.process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(START_TIMEOUT_S)
            self.process = None

    def wait_for(self, words: str, seen: int = 0) -> None:
        """Wait until a line of its log, after the first `seen`, holds these words."""
        with self._said:
            said = self._said.wait_for(lambda: any(words in line for line in self.log[seen:]), START_TIMEOUT_S)
        if not said:
            raise RuntimeError(f"mosquitto did not say {words!r}: {''.join(self.log[-5:])}")

    def _read_log(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        with process.stderr as lines:
            for line in lines:
                with self._said:
                    self.log.append(line)
                    self._said.notify_all()


@contextmanager
def private_broker(tmp: Path, centre_data: Path) -> Iterator[PrivateBroker]:
    """Run a mosquitto for the centre in `centre_data`, on a free loopback port; its log ends up in `tmp`/mosquitto.log.

    Its configuration lies in a folder that its account can enter, which a private test folder is not.
    """
    with _enterable_folder("lifecert-broker-") as folder:
        port = free_port()
        settings = CentreSettings(data=centre_data, broker_port=port)
        with open_centre(settings) as centre:
            centre.found_broker(BrokerPlan(folder, "127.0.0.1", port, None, default_user()))
        broker = PrivateBroker(folder, port)
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()
            (tmp / "mosquitto.log").write_text("".join(broker.log))


@dataclass
class PrivatePostgres:
    """A running PostgreSQL that only this machine's socket folder leads to."""

    folder: Path
    binaries: Path
    _databases: int = 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str) -> str:
        """The address of a database in it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def new_database(self, like: str = "template1") -> str:
        """The address of a database that nobody has used; empty, or a copy of the database `like`."""
        self._databases += 1
        name = f"centre_{self._databases}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Give the place of a database back, whoever is still connected to it."""
        self._administer(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c max_connections=50 -c fsync=off"
        self._pg_ctl("start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        """Stop it as a crash would: at once, without writing anything more."""
        self._pg_ctl("stop", "-m", "immediate")

    def _pg_ctl(self, *arguments: str) -> None:
        _run_as_owner([str(self.binaries / "pg_ctl"), "-D", str(self.data), *arguments])


@contextmanager
def private_postgres(tmp: Path) -> Iterator[PrivatePostgres]:
    """Run a PostgreSQL of its own, without a TCP port; its log ends up in `tmp`/postgres.log."""
    with _enterable_folder("lifecert-postgres-") as folder:
        _give_to_owner(folder)
        postgres = PrivatePostgres(folder, _postgres_binaries())
        initdb = [str(postgres.binaries / "initdb"), "-D", str(postgres.data), "-U", "postgres", "-A", "trust", "-N"]
        _run_as_owner([*initdb, "--locale=C", "--encoding=UTF8"])
        postgres.start()
        try:
            yield postgres
        finally:
            if (postgres.data / "postmaster.pid").exists():
                postgres.stop()
            shutil.copyfile(folder / "log", tmp / "postgres.log")


@contextmanager
def _enterable_folder(prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"{name} is not installed: run scripts/ci-services")
    return found


def _postgres_binaries() -> Path:
    """The newest installed server; Debian keeps it outside of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        raise RuntimeError("postgresql is not installed: run scripts/ci-services")
    return found[-1].parent if found else Path(str(on_path)).parent


def _run_as_owner(command: list[str]) -> None:
    """PostgreSQL refuses to run as root, so root hands it to the account postgres."""
    user = "postgres" if os.geteuid() == 0 else None
    done = subprocess.run(command, user=user, cwd="/", capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")


def _give_to_owner(folder: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)


def is_up(postgres: PrivatePostgres) -> bool:
    """Whether it answers."""
    engine = create_engine(postgres.url("postgres"))
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()
