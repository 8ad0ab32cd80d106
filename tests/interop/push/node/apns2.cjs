// apns2 sends pushes to the simulated APNs; prints what it was told.
const { readFileSync } = require("node:fs");
const { ApnsClient, Notification, SilentNotification } = require("apns2");
const { Pool } = require("undici");

const { apns, device, count } = JSON.parse(readFileSync(0, "utf8"));

async function main() {
  const client = new ApnsClient({
    team: apns.team,
    keyId: apns.key_id,
    signingKey: readFileSync(apns.key),
    defaultTopic: apns.topic,
    keepAlive: false,
  });
  // It has no setting for a port.
  await client.client.close();
  client.client = new Pool(apns.production, { connections: 1, allowH2: true, maxConcurrentStreams: 100 });
  const told = [];
  const send = async (push) => {
    try {
      await client.send(push);
      told.push("200");
    } catch (error) {
      told.push(`${error.statusCode} ${error.reason ?? error.message}`);
    }
  };
  await send(new Notification(device, { alert: "Hello" }));
  await send(new SilentNotification(device));
  await Promise.all(Array.from({ length: count }, () => send(new Notification(device, { alert: "Hello" }))));
  await client.close();
  console.log(JSON.stringify(told));
}

main();
