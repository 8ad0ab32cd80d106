"""Reads a unit of systemd, as far as starting a service needs it (systemd.syntax(7))."""

import shlex
from pathlib import Path

from attrs import frozen

UNITS = {"": 1.0, "s": 1.0, "min": 60.0}


@frozen
class Unit:
    """Values of each setting in [Service], in order; an empty one has begun anew."""

    name: str
    service: dict[str, list[str]]

    @classmethod
    def read(cls, file: Path) -> "Unit":
        service: dict[str, list[str]] = {}
        section = ""
        for line in file.read_text("utf-8").splitlines():
            line = line.strip()
            if line.startswith("[") and line.endswith("]"):
                section = line[1:-1]
            elif section == "Service" and line and line[0] not in "#;":
                name, _, value = line.partition("=")
                values = service.setdefault(name.strip(), [])
                values.append(value.strip())
                if not value.strip():
                    values.clear()
        return cls(file.name, service)

    def one(self, name: str, default: str | None = None) -> str:
        """Return the value that counts, which is the last."""
        values = self.service.get(name, [])
        if values:
            return values[-1]
        assert default is not None, f"{self.name} has no {name}="
        return default

    def words(self, name: str) -> list[str]:
        """Return the words of all values."""
        return [word for value in self.service.get(name, []) for word in value.split()]

    def command(self, name: str) -> list[str]:
        return shlex.split(self.one(name))

    def seconds(self, name: str) -> float:
        value = self.one(name)
        number = value.rstrip("smin ")
        return float(number) * UNITS[value.removeprefix(number).strip()]

    def is_on(self, name: str) -> bool:
        return self.one(name, "no") in {"yes", "true", "on", "1"}

    def folders(self) -> list[tuple[str, str]]:
        """Return the folders the daemon may write to, with their permissions."""
        kinds = (("State", "var/lib"), ("Runtime", "run"), ("Logs", "var/log"))
        return [
            (f"{above}/{name}", self.one(f"{kind}DirectoryMode", "0755"))
            for kind, above in kinds
            for name in self.words(f"{kind}Directory")
        ]
