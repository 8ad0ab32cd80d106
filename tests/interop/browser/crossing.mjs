// Two pages call each other, and each has nothing but a relay: what they paint has to arrive, daemon or no daemon.

import { need, open, PATIENCE, perform, step } from "./stage.mjs";

const { TURN_URL, TURN_USER, TURN_PASSWORD } = process.env;
const iceServers = [{ urls: TURN_URL, username: TURN_USER, credential: TURN_PASSWORD }];
const ENOUGH = 25;

// A page that paints something else thirty times a second, and shows what it gets.
const begin = ({ page }) => page.evaluate((servers) => {
  const canvas = document.body.appendChild(document.createElement("canvas"));
  const brush = canvas.getContext("2d");
  let painted = 0;
  setInterval(() => {
    brush.fillStyle = `hsl(${(painted += 7) % 360} 80% 50%)`;
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.fillStyle = "black";
    brush.fillText(String(painted), painted % canvas.width, 50);
  }, 33);
  const call = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: "relay" });
  for (const track of canvas.captureStream(30).getTracks()) call.addTrack(track);
  call.ontrack = ({ track }) => {
    const screen = document.body.appendChild(document.createElement("video"));
    Object.assign(screen, { srcObject: new MediaStream([track]), muted: true });
    screen.play();
  };
  window.call = call;
}, iceServers);

// What a page has to say to the other one: its description with the first relayed address it gets; by loopback it gets none.
const describe = ({ page }, how) => page.evaluate(async (made) => {
  const { call } = window;
  const relayed = new Promise((resolve) => {
    call.onicecandidate = ({ candidate }) => candidate?.type === "relay" && resolve();
  });
  await call.setLocalDescription(await call[made]());
  await relayed;
  return call.localDescription.toJSON();
}, how);

const hear = ({ page }, description) => page.evaluate((told) => window.call.setRemoteDescription(told), description);

const facts = ({ page }) => page.evaluate(async () => {
  const entries = [...(await window.call.getStats()).values()];
  const transport = entries.find(({ type }) => type === "transport");
  const pair = entries.find(({ id }) => id === transport?.selectedCandidatePairId);
  const local = entries.find(({ id }) => id === pair?.localCandidateId);
  const video = entries.find(({ type }) => type === "inbound-rtp");
  return { way: `${local?.candidateType} over ${local?.relayProtocol}`, frames: video?.framesDecoded ?? 0, lost: video?.packetsLost ?? 0 };
});

// Waits until so many more frames have come to both.
const framesCome = async (sides, what) => {
  const before = await Promise.all(sides.map(facts));
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const now = await Promise.all(sides.map(facts));
    if (now.every(({ frames }, i) => frames >= before[i].frames + ENOUGH)) {
      console.log(`stats ${JSON.stringify(now)}`);
      return step(`${what} by ${now[0].way} and ${now[1].way}`);
    }
    if (Date.now() > deadline) throw new Error(`no frames: ${JSON.stringify(now)}`);
    await sides[0].page.waitForTimeout(100);
  }
};

await perform(async () => {
  const [alice, bob] = [{ page: await open("alice", "about:blank") }, { page: await open("bob", "about:blank") }];
  for (const side of [alice, bob]) await begin(side);
  await hear(bob, await describe(alice, "createOffer"));
  await hear(alice, await describe(bob, "createAnswer"));
  await framesCome([alice, bob], "they see each other");
  await need("sleep");
  await framesCome([alice, bob], "and while the daemon sleeps");
  await need("wake");
  await framesCome([alice, bob], "and when it is awake again");
});
