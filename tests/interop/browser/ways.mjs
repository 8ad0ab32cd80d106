// The page that tells which ways calls can take: what it finds by itself, from a logged-in tab, and what it says of failures.

import { enter, nothingFromElsewhere, open, PATIENCE, perform, shoot, step, watch } from "./stage.mjs";

const KINDS = ["host", "srflx", "udp", "tcp", "tls"];
const TRIES = 3; // A busy machine may take longer than a browser waits: what gets through once, can.

const finished = (page) => page.evaluate(() => window.demo.paths.finished);

async function outcome(page, after = 0) {
  await page.waitForFunction((than) => window.demo?.paths.finished > than && !window.demo.paths.isRunning, after, { timeout: PATIENCE });
  return page.evaluate(() => [...window.demo.paths.results.values()]);
}

async function allWork(page, list, left = TRIES, after = 0) {
  const results = await outcome(page, after);
  console.log(`stats ${results.map(({ kind, ms, round }) => `${kind} ${ms?.toFixed(0)} ms${round ? `, loop ${round.toFixed(1)} ms` : ""}`).join("; ")}`);
  const broken = results.filter(({ state }) => state !== "ok");
  if (broken.length) {
    if (left === 1) throw new Error(`not green: ${JSON.stringify(broken)}`);
    const before = await finished(page);
    await page.click("#again");
    return allWork(page, list, left - 1, before);
  }
  for (const kind of KINDS) await page.waitForSelector(`${list} li[data-kind=${kind}][data-state=ok]`);
  for (const { kind, protocols } of results.filter(({ round }) => round !== undefined)) {
    if (protocols.some((protocol) => protocol !== kind)) throw new Error(`${kind} went by ${protocols}`);
  }
  return results.filter(({ round }) => round !== undefined).length;
}

async function panelIsGreen(page, left = TRIES) {
  const rows = (state) => page.locator(`#paths li[data-state=${state}]`).count();
  await page.waitForFunction((count) => document.querySelectorAll("#paths li[data-state]:not([data-state=running])").length === count, KINDS.length);
  if (await rows("ok") === KINDS.length) return;
  if (left === 1) throw new Error(`not green: ${await page.locator("#paths").innerText()}`);
  await page.click("#paths-again");
  await panelIsGreen(page, left - 1);
}

// A neighbour that lends servers nobody answers at, and credentials nobody accepts.
async function lendBadly(context, url) {
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate((udp) => {
    const dead = ["stun:127.0.0.1:9", "turn:127.0.0.1:9?transport=tcp"];
    const channel = new BroadcastChannel("ice-servers");
    channel.onmessage = ({ data }) => data.wanted && channel.postMessage({ list: [{ urls: [...dead, udp], username: "1:demo:link", credential: "wrong" }] });
  }, process.env.TURN_UDP);
}

await perform(async () => {
  const page = await open("a stranger", "ice?from=somewhere");
  await page.waitForSelector("#login-form:not([hidden])");
  if (!page.url().endsWith("/ice/?from=somewhere")) throw new Error(`led to ${page.url()}`);
  step("without a slash it is the same page, and asks whoever is not logged in");
  await page.fill("#user", "alice@demo.example");
  await page.fill("#password", "wrong");
  await page.click("#login-button");
  await page.waitForSelector("#login-error:has-text('not right')");
  await page.fill("#password", "alice");
  await page.click("#login-button");
  const looped = await allWork(page, "#paths");
  await page.waitForSelector("#verdict[data-state=ok]:has-text('Calls get through')");
  step(`all five ways work, ${looped} of them by a loop through the relay`);
  await shoot({ page }, "ways", { whole: true });
  await shoot({ page }, "ways-phone", { phone: true, whole: true });
  await shoot({ page }, "ways-phone-dark", { dark: true, phone: true, whole: true });
  await page.context().close();

  const alice = await enter("alice");
  await alice.page.click("#settings-button");
  await panelIsGreen(alice.page);
  step("the client's panel says the same");
  const [tab] = await Promise.all([alice.page.context().waitForEvent("page"), alice.page.click(".panel a")]);
  watch(tab, "alice");
  await allWork(tab, "#paths");
  if (await tab.isVisible("#login-form")) throw new Error("asked to log in again");
  step("whoever is logged in in another tab need not log in again");

  await alice.page.click("#logout");
  await lendBadly(tab.context(), new URL("../icon.svg", tab.url()).href);
  const before = await finished(tab);
  await tab.click("#again");
  const failed = (await outcome(tab, before)).filter(({ state }) => state === "failed").map(({ kind, code }) => `${kind} ${code}`);
  console.log(`stats ${failed.join("; ")}`);
  for (const [kind, state, words] of [
    ["host", "ok", "Two people in one office"],
    ["srflx", "failed", "127.0.0.1:9 does not answer over UDP"],
    ["udp", "failed", "refuses the credentials. Log in again"],
    ["tcp", "failed", "Ask for TCP to 127.0.0.1:9 to be allowed"],
    ["tls", "missing", "an operator adds it under turn.urls"],
  ]) await tab.waitForSelector(`#paths li[data-kind=${kind}][data-state=${state}]:has-text("${words}")`);
  await tab.waitForSelector("#verdict[data-state=weak]:has-text('Only direct calls')");
  await shoot({ page: tab }, "ways-failing", { phone: true, whole: true });
  step("what fails is explained, with what to do about it");
  nothingFromElsewhere();
});
