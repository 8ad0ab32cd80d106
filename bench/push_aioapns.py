"""A peer: aioapns behind an HTTP ingress of aiohttp's, which keeps nothing.

    python -m bench.push_aioapns PORT APNS_PORT CA KEY KEY_ID TEAM TOPIC

It takes what our gateway takes, for one customer, and answers when Apple has.
"""

import asyncio
import hmac
import ssl
import sys
from pathlib import Path
from typing import Any

import aioapns
from aioapns.connection import APNsTLSClientProtocol
from aiohttp import web

from bench.push_load import PATH, SHOWN

LARGEST = 10_000_000


def client(apns_port: int, authority: str, key: str, **account: str) -> Any:
    """Make the client as its documentation does; it has no setting for where Apple is."""
    context = ssl.create_default_context(cafile=authority)
    context.set_alpn_protocols(["h2"])
    made = aioapns.APNs(key=Path(key).read_text(), ssl_context=context, **account)
    here = {"APNS_SERVER": "127.0.0.1", "APNS_PORT": apns_port}
    made.pool.protocol_class = type("Here", (APNsTLSClientProtocol,), here)
    return made


def said(message: dict[str, Any]) -> Any:
    """Say a message as our gateway says it."""
    aps = {"alert": {"title": "Bench"}, "sound": "default", "mutable-content": 1}
    named = {"id": message["id"], "kind": message["kind"]}
    return aioapns.NotificationRequest(
        device_token=message["token"],
        message={"aps": aps, **named, **message["payload"]},
        notification_id=message["id"],
        collapse_key=message["id"],
        time_to_live=86_400,
        priority=10,
        push_type=aioapns.PushType.ALERT,
    )


async def serve(port: int, apns: Any) -> None:
    """Serve until we are ended."""

    async def take(request: Any) -> Any:
        if not hmac.compare_digest(request.headers.get("authorization", ""), SHOWN):
            return web.json_response({"error": "wrong password"}, status=401)
        messages = (await request.json())["messages"]
        if len(messages) == 1:
            ended = [await apns.send_notification(said(messages[0]))]
        else:
            ended = await asyncio.gather(*(apns.send_notification(said(m)) for m in messages))
        results = [{"id": each.notification_id, "status": each.status} for each in ended]
        return web.json_response({"results": results}, status=202)

    application = web.Application(client_max_size=LARGEST)
    application.router.add_post(PATH, take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


async def main() -> None:
    """Run."""
    port, apns_port, authority, key, key_id, team, topic = sys.argv[1:]
    apns = client(int(apns_port), authority, key, key_id=key_id, team_id=team, topic=topic)
    await serve(int(port), apns)


if __name__ == "__main__":
    asyncio.run(main())
