// web-push sends to the simulated push service.
const { readFileSync } = require("node:fs");
const webPush = require("web-push");

const { subscription } = JSON.parse(readFileSync(0, "utf8"));

async function main() {
  const keys = webPush.generateVAPIDKeys();
  const vapidDetails = { subject: "mailto:operator@example.com", ...keys };
  const told = [];
  for (const changed of [{ vapidDetails, TTL: 60, urgency: "high", topic: "chat-1" }, { vapidDetails, TTL: 0 }, { TTL: 60 }]) {
    try {
      told.push((await webPush.sendNotification(subscription, '{"id":"8"}', changed)).statusCode);
    } catch (error) {
      told.push(error.statusCode);
    }
  }
  console.log(JSON.stringify(told));
}

main();
