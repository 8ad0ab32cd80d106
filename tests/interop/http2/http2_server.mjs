// Node's HTTP/2 server, which does what a request's path asks for.
// node http2_server.mjs <key> <certificate>; prints its port, and what it notices.
import http2 from "node:http2";
import fs from "node:fs";

const [key, certificate] = process.argv.slice(2).map((name) => fs.readFileSync(name));
const server = http2.createSecureServer({
  key,
  cert: certificate,
  settings: { maxConcurrentStreams: 100 },
});

const say = (words) => process.stdout.write(words + "\n");
const { NGHTTP2_REFUSED_STREAM, NGHTTP2_NO_ERROR } = http2.constants;

const sockets = new Map();
server.on("connection", (socket) => sockets.set(socket.remotePort, socket));

server.on("session", (session) => {
  say("session");
  session.on("goaway", (code) => say(`goaway ${code}`));
  session.on("ping", () => say("ping"));
});

server.on("stream", (stream, headers) => {
  const body = [];
  stream.on("error", () => {});
  stream.on("aborted", () => say(`aborted ${headers[":path"]} ${stream.rstCode}`));
  stream.on("data", (piece) => body.push(piece));
  stream.on("end", () => {
    const text = Buffer.concat(body).toString();
    switch (headers[":path"]) {
      case "/refuse":
        return stream.close(NGHTTP2_REFUSED_STREAM);
      case "/hang":
        return say("hangs");
      case "/shrink":
        stream.session.settings({ maxConcurrentStreams: 1 });
        break;
      case "/leave":
        // What the client sent beside this one is not looked at.
        stream.session.goaway(NGHTTP2_NO_ERROR, stream.id, Buffer.from('{"reason":"Shutdown"}'));
        break;
      case "/long":
        stream.respond({ ":status": 200 });
        return stream.end("x".repeat(100_000));
      case "/interim":
        stream.additionalHeaders({ ":status": 103 });
        break;
      case "/die":
        return sockets.get(stream.session.socket.remotePort).destroy();
    }
    stream.respond({ ":status": 200, "apns-id": headers["apns-id"] });
    stream.end(text);
  });
});

server.listen(0, "127.0.0.1", () => say(String(server.address().port)));
process.stdin.on("end", () => process.exit(0)).resume();
