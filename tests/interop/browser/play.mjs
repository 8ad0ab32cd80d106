// Alice and Bob in two browser contexts: log in, presence, chat, a call; then servers that are killed.
//
// Talks with its starter by lines: prints `step NAME`, or `need NAME` and waits for a line on standard input.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { paintPortrait } from "./portrait.mjs";

const { URL_DEMO, PLAY = "call" } = process.env;
const PICTURES = PLAY === "call" && process.env.PICTURES;
const PATIENCE = 30_000;
const PHONE = { width: 390, height: 780 };

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const step = (name) => console.log(`step ${name}`);
const need = async (name) => {
  console.log(`need ${name}`);
  await answers.next();
};

const fail = (why) => {
  console.log(`failure ${why}`);
  process.exitCode = 1;
};

// Pictures show a face instead of Chromium's test pattern.
const camera = [];
const folder = mkdtempSync(join(tmpdir(), "play-"));
if (PICTURES) {
  const file = join(folder, "camera.y4m");
  paintPortrait(file);
  camera.push(`--use-file-for-fake-video-capture=${file}`);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection", "--no-sandbox",
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...camera,
  ],
});

async function enter(user, options = {}) {
  const context = await browser.newContext({
    locale: "en-GB", viewport: { width: 1180, height: 760 }, permissions: ["microphone", "camera"], ignoreHTTPSErrors: true, ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on("pageerror", (error) => fail(`page error at ${user}'s: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) fail(message.text());
  });
  const foreign = [];
  page.on("request", (request) => {
    if (new URL(request.url()).host !== new URL(URL_DEMO).host) foreign.push(request.url());
  });
  await page.goto(URL_DEMO);
  if (user === "alice") {
    await shoot({ page }, "login");
    await shoot({ page }, "login-phone-dark", { dark: true, phone: true });
  }
  await page.fill("#user", `${user}@demo.example`);
  await page.fill("#password", user);
  await page.click("#login-button");
  await page.waitForSelector("#app:not([hidden])");
  return { page, foreign, other: user === "alice" ? "sip:bob@demo.example" : "sip:alice@demo.example" };
}

const sees = ({ page, other }, word) => page.waitForSelector(`button[data-contact="${other}"][data-presence="${word}"]`);

async function says(from, to, text) {
  await from.page.fill("#text", text);
  await from.page.press("#text", "Enter");
  await to.page.waitForSelector(`#messages li:not(.mine):has-text("${text}")`);
}

async function secondDevice() {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "de-DE", permissions: ["microphone", "camera"], viewport: PHONE });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(URL_DEMO);
  if ((await page.textContent("#login-button")) !== "Anmelden") throw new Error("not in German");
  await page.click("button[data-user=alice]");
  await page.waitForSelector("#app:not([hidden])");
  return page;
}

async function ringsEverywhereUntilAnswered(alice, bob) {
  const phone = await secondDevice();
  await bob.page.click("#video-call");
  for (const page of [alice.page, phone]) await page.waitForSelector("#ringing[open]");
  await shoot(alice, "ringing");
  await alice.page.click("#accept");
  await phone.waitForSelector("#ringing:not([open])", { state: "attached" });
  step("a call rings at two devices until one of them answers");
  await phone.context().close();
}

async function refusedWithAWrongPassword() {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB" })).newPage();
  await page.goto(URL_DEMO);
  await page.fill("#user", "alice@demo.example");
  await page.fill("#password", "wrong");
  await page.click("#login-button");
  await page.waitForSelector("#login-error:not(:empty)");
  if (!(await page.textContent("#login-error")).includes("not right")) throw new Error("no readable refusal");
  await page.context().close();
  step("a wrong password is refused in words");
}

const statistics = ({ page }) => page.evaluate(() => window.demo.calls.stats());

async function receives(side) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const stats = await statistics(side);
    if (stats?.frames > 10 && stats.packets > 50) return stats;
    if (Date.now() > deadline) throw new Error(`no media: ${JSON.stringify(stats)}`);
    await side.page.waitForTimeout(200);
  }
}

async function shoot({ page }, name, { dark = false, phone = false } = {}) {
  if (!PICTURES) return;
  const before = page.viewportSize();
  if (phone) await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light" });
}

try {
  await refusedWithAWrongPassword();
  const alice = await enter("alice");
  await sees(alice, "offline");
  const bob = await enter("bob");
  await sees(alice, "available");
  await sees(bob, "available");
  step("both are logged in and see each other");

  await bob.page.selectOption("#my-state", "busy");
  await sees(alice, "busy");
  await alice.page.selectOption("#my-state", "dnd");
  await sees(bob, "dnd");
  await alice.page.selectOption("#my-state", "available");
  await bob.page.selectOption("#my-state", "available");
  await sees(alice, "available");
  step("presence changes on both sides");

  await alice.page.click(`button[data-contact="${alice.other}"]`);
  await alice.page.fill("#text", "Hello Bob!");
  await alice.page.press("#text", "Enter");
  await bob.page.waitForSelector(".unread:has-text('1')");
  await alice.page.waitForSelector("#messages li.mine[data-state=sent]");
  await bob.page.click(`button[data-contact="${bob.other}"]`);
  await bob.page.waitForSelector(".unread", { state: "hidden" });
  await alice.page.waitForSelector("#messages li.mine[data-state=read]");
  step("what is unread is counted, what is read is ticked");
  await says(alice, bob, "Do you have the figures for the meeting?");
  await says(bob, alice, "Nearly. Shall we talk it through?");
  await alice.page.type("#text", "Sure");
  await bob.page.waitForSelector("#typing:not(:empty)");
  await says(alice, bob, "Sure, give me a ring!");
  step("chat both ways");
  await shoot(alice, "chat");
  await shoot(bob, "chat-phone-dark", { dark: true, phone: true });

  if (PLAY === "call") {
    await ringsEverywhereUntilAnswered(alice, bob);
    for (const side of [alice, bob]) {
      await side.page.waitForSelector("#call.connected");
      const { frames, packets, path } = await receives(side);
      console.log(`stats ${frames} frames, ${packets} packets, ${path.from} to ${path.to} by ${path.protocol}`);
    }
    await sees(alice, "call");
    step("an audio and video call connects, both sides receive frames");
    await alice.page.click("#call-details");
    await alice.page.waitForSelector("#call-facts dd:has-text('host')");
    await alice.page.waitForTimeout(PICTURES ? 3500 : 0);
    await shoot(alice, "call");
    await shoot(bob, "call-phone-dark", { dark: true, phone: true });
    await bob.page.click("#hangup");
    for (const side of [alice, bob]) await side.page.waitForSelector("#call", { state: "hidden" });
    await sees(alice, "available");

    await alice.page.click("#audio-call");
    await bob.page.waitForSelector("#ringing[open]");
    await bob.page.click("#decline");
    await alice.page.waitForSelector("#call-state:has-text('declined')");
    step("a call can be declined");
    await alice.page.waitForSelector("#call", { state: "hidden" });
    await alice.page.click("#settings-button");
    await alice.page.waitForSelector("#health dd:has-text('stun:')");
    await alice.page.waitForTimeout(PICTURES ? 20_000 : 0);
    await shoot(alice, "connection");
  } else {
    const losses = ({ page }) => page.evaluate(() => window.demo.session().losses);
    for (const victim of ["server", "daemon"]) {
      const counts = [(await losses(alice)).length, (await losses(bob)).length];
      const noticed = [alice, bob].map(({ page }, place) =>
        page.waitForFunction((count) => window.demo.session().losses.length > count, counts[place], { polling: 20 }).then(() => Date.now()));
      await need(`kill ${victim}`);
      const killed = Date.now();
      const late = Math.max(...(await Promise.all(noticed))) - killed;
      const code = (await losses(alice)).at(counts[0]);
      step(`both notice that the ${victim} is gone ${late < 2000 ? "within 2 s" : `after ${late} ms`}, by code ${code}`);
      for (const side of [alice, bob]) await side.page.waitForSelector("#banner", { state: "hidden", timeout: 2 * PATIENCE });
      await sees(alice, "available");
      await sees(bob, "available");
      await says(alice, bob, `back after the ${victim}`);
      step(`both are back after the ${victim} returned`);
    }
  }
  if (alice.foreign.length || bob.foreign.length) throw new Error(`loaded from elsewhere: ${[...alice.foreign, ...bob.foreign]}`);
  step("nothing was loaded from elsewhere");
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
step("done");
process.exit(process.exitCode ?? 0);
