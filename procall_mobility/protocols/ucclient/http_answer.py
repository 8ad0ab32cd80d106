"""An HTTP answer as a transport takes it."""

from attrs import define, field


@define
class HttpAnswer:
    """Status, header lines in order, and the body.  Nobody changes one; there are many.

    Content-Length is among the headers whenever HTTP wants one: a transport adds none of its own
    and never uses chunked coding (Wire 1.1).
    """

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """Give the first value of the header `name`, whatever its case."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), None)
