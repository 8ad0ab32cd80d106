// Alice calls Bob, and each of them has nothing but one kind of relay: udp, tcp or tls.

import { enter, nothingFromElsewhere, PATIENCE, perform, receives, sees, shoot, step } from "./stage.mjs";

const { RELAY } = process.env;

// What getStats says of the path in use; the browser decides it, not the demo's own words.
const localCandidate = ({ page }) => page.evaluate(async () => {
  const entries = [...(await window.demo.calls.call.peer.getStats()).values()];
  const transport = entries.find(({ type }) => type === "transport");
  const pair = entries.find(({ id }) => id === transport.selectedCandidatePairId);
  const local = entries.find(({ id }) => id === pair.localCandidateId);
  return { type: local.candidateType, protocol: local.relayProtocol, url: local.url, sent: pair.bytesSent, received: pair.bytesReceived };
});

// Waits until it has carried something both ways.
async function carried(side) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await localCandidate(side);
    if (found.sent >= 5_000 && found.received >= 5_000) return found;
    if (Date.now() > deadline) throw new Error(`the relay carries nothing: ${JSON.stringify(found)}`);
    await side.page.waitForTimeout(200);
  }
}

await perform(async () => {
  const alice = await enter("alice", { address: `?relay=${RELAY}` });
  const bob = await enter("bob", { address: `?relay=${RELAY}` });
  await sees(alice, "available");
  await alice.page.click(`button[data-contact="${alice.other}"]`);
  await alice.page.click("#video-call");
  await bob.page.waitForSelector("#ringing[open]");
  await bob.page.click("#accept");
  for (const { page } of [alice, bob]) await page.waitForSelector("#call.connected");
  step("they are connected");
  for (const side of [alice, bob]) {
    const { frames, packets } = await receives(side);
    const { type, protocol, url, sent, received } = await carried(side);
    console.log(`stats ${frames} frames, ${packets} packets; ${sent} octets sent, ${received} received by ${url}`);
    step(`frames arrive, by ${type} over ${protocol}`);
  }
  await alice.page.click("#call-details");
  await alice.page.waitForSelector(`#call-facts dd:has-text("relay → relay (${RELAY})")`);
  await alice.page.waitForTimeout(process.env.PICTURES ? 3500 : 0);
  await shoot(alice, `call-${RELAY}`);
  step("the call says so");
  await bob.page.click("#hangup");
  for (const { page } of [alice, bob]) await page.waitForSelector("#call", { state: "hidden" });
  nothingFromElsewhere();
});
