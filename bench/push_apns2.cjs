// A peer: apns2 behind an HTTP ingress of node's, which keeps nothing.
//
//     node bench/push_apns2.cjs PORT APNS_PORT KEY KEY_ID TEAM TOPIC AUTHORIZATION
//
// It takes what our gateway takes, for one customer, and answers when Apple has.
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { timingSafeEqual } = require("node:crypto");
const { ApnsClient, Notification } = require("apns2");
const { Pool } = require("undici");

const [port, apnsPort, key, keyId, team, topic, shown] = process.argv.slice(2);
const expected = Buffer.from(shown);

const client = new ApnsClient({ team, keyId, signingKey: readFileSync(key), defaultTopic: topic });
// It has no setting for a port.  It also sends one push at a time by each connection, where 100 at a
// time cost it less.
client.client.close();
client.client = new Pool(`https://127.0.0.1:${apnsPort}`, {
  connections: 32, pipelining: 100, allowH2: true, maxConcurrentStreams: 100,
});

async function send(message) {
  const push = new Notification(message.token, {
    alert: { title: "Bench" },
    sound: "default",
    mutableContent: true,
    collapseId: message.id,
    expiration: new Date(Date.now() + 86_400_000),
    data: { id: message.id, kind: message.kind, ...message.payload },
  });
  try {
    await client.send(push);
    return { id: message.id, status: "200" };
  } catch (error) {
    return { id: message.id, status: String(error.statusCode ?? error.message) };
  }
}

function isRight(authorization = "") {
  const given = Buffer.from(authorization);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", async () => {
    if (!isRight(request.headers.authorization)) {
      response.writeHead(401, { "content-length": 0 }).end();
      return;
    }
    const { messages } = JSON.parse(Buffer.concat(parts));
    const body = JSON.stringify({ results: await Promise.all(messages.map(send)) });
    response.writeHead(202, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(Number(port), "127.0.0.1");
