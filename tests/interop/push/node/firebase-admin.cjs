// firebase-admin sends messages to the simulated FCM, over HTTP/2 and HTTP/1.1.
const { readFileSync } = require("node:fs");
const http2 = require("node:http2");
const https = require("node:https");
const jsonwebtoken = require("jsonwebtoken");

const { fcm, device } = JSON.parse(readFileSync(0, "utf8"));
const here = new URL(fcm.origin);

// It has no setting for where Google is.
const connect = http2.connect;
http2.connect = (authority, ...rest) => connect(fcm.origin, ...rest);
const request = https.request;
https.request = (options, ...rest) => request({ ...options, host: here.hostname, hostname: here.hostname, port: here.port }, ...rest);

const admin = require("firebase-admin");

async function accessToken() {
  const account = JSON.parse(readFileSync(fcm.service_account, "utf8"));
  const assertion = jsonwebtoken.sign(
    { scope: "https://www.googleapis.com/auth/firebase.messaging" },
    account.private_key,
    { algorithm: "RS256", keyid: account.private_key_id, issuer: account.client_email, audience: account.token_uri, expiresIn: 3600 },
  );
  const body = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  return (await fetch(account.token_uri, { method: "POST", body })).json();
}

async function main() {
  const app = admin.initializeApp({
    projectId: fcm.project,
    credential: { getAccessToken: accessToken },
  });
  const messaging = app.messaging();
  const message = {
    token: device,
    data: { id: "1", kind: "chat" },
    android: { priority: "high", ttl: 60_000, collapseKey: "chat" },
    apns: { headers: { "apns-priority": "10" }, payload: { aps: { contentAvailable: true } } },
    webpush: { headers: { TTL: "60" } },
  };
  const told = [];
  const { responses } = await messaging.sendEach([message, message, message]);
  for (const { success, error } of responses) told.push(success ? "200" : error.code);
  messaging.enableLegacyHttpTransport();
  const old = await messaging.sendEach([message]);
  for (const { success, error } of old.responses) told.push(success ? "200" : error.code);
  await app.delete();
  console.log(JSON.stringify(told));
}

main();
