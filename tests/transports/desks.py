"""A desk that does as it is told, a request for it, and its answer."""

from attrs import define, field

from procall_mobility.gateway.customer_door import Reply
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest

OK = HttpAnswer(202, (("Content-Type", "text/plain"), ("Content-Length", "2")), b"ok")
PLAIN = b"POST /desk/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"


@define
class Desk:
    """A desk that answers at once, later, or fails."""

    answers: bool = True
    fails: bool = False
    asked: list[HttpRequest] = field(factory=list)
    replies: list[Reply] = field(factory=list)

    def wants(self, path: str) -> bool:
        return path.startswith("/desk/")

    def serve(self, request: HttpRequest, reply: Reply) -> None:
        self.asked.append(request)
        if self.fails:
            raise RuntimeError("a bug")
        if self.answers:
            reply(OK)
        else:
            self.replies.append(reply)
