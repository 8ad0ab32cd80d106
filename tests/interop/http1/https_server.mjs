// Node's HTTPS server, which does what a request's path asks for.
// node https_server.mjs <key> <certificate>; prints its port, and what it notices.
// A line to it ends the connections that are idle, as everybody's do some day.
import https from "node:https";
import fs from "node:fs";

const [key, cert] = process.argv.slice(2).map((name) => fs.readFileSync(name));
const say = (words) => process.stdout.write(words + "\n");

const server = https.createServer({ key, cert }, (request, response) => {
  const body = [];
  request.on("data", (piece) => body.push(piece));
  request.on("end", () => {
    const text = Buffer.concat(body).toString();
    const length = Number(request.headers["content-length"]);
    say(`${request.socket.remotePort} ${length === Buffer.concat(body).length}`);
    switch (request.url) {
      case "/hang":
        return undefined;
      case "/die":
        return request.socket.destroy();
      case "/half":
        response.writeHead(200, { "content-length": 100 });
        return response.write("half", () => request.socket.destroy());
      case "/last":
        response.setHeader("connection", "close");
        break;
      case "/interim":
        response.writeEarlyHints({ link: "</style.css>; rel=preload" });
        break;
      case "/long":
        return response.end("x".repeat(100_000));
      case "/chunks":
        // Without a length, node sends chunks.
        response.write("chunk by chunk: ");
        break;
      case "/nothing":
        response.statusCode = 204;
        return response.end();
    }
    response.end(text);
  });
});
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1", () => say(String(server.address().port)));
process.stdin.on("data", () => server.closeIdleConnections()).on("end", () => process.exit(0));
