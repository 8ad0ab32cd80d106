// @parse/node-apn sends pushes to the simulated APNs, with a token or a certificate.
const { readFileSync } = require("node:fs");
const apn = require("@parse/node-apn");

const { apns, ca, device, count, certificate } = JSON.parse(readFileSync(0, "utf8"));
const address = new URL(apns.production);

async function main() {
  const pem = readFileSync(apns.certificate, "utf8");
  const provider = new apn.Provider({
    ...(certificate
      ? { cert: pem, key: pem }
      : { token: { key: apns.key, keyId: apns.key_id, teamId: apns.team } }),
    address: address.hostname,
    port: Number(address.port),
    ca: readFileSync(ca, "utf8"),
    production: true,
  });
  const push = new apn.Notification({ alert: "Hello", topic: apns.topic, pushType: "alert", collapseId: "chat-1" });
  const told = [];
  for (const devices of [[device], Array.from({ length: count }, () => device)]) {
    const { sent, failed } = await provider.send(push, devices);
    told.push(...sent.map(() => "200"));
    told.push(...failed.map(({ status, response, error }) => `${status} ${response?.reason ?? error?.message}`));
  }
  await provider.shutdown();
  console.log(JSON.stringify(told));
}

main();
