// What every play needs: a browser with a camera, Alice and Bob who log in, pictures, and lines to the starter.
//
// Prints `step NAME`, or `need NAME` and waits for a line on standard input.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { paintPortrait } from "./portrait.mjs";

// Where HOME_TRUSTING names a home whose certificate store has the demo's authority, no error is ignored.
const { URL_DEMO, URL_STATUS, HOME_TRUSTING, PICTURES } = process.env;
export const PATIENCE = 90_000; // For each step; painting and encoding is all done by the processor.
export const PHONE = { width: 390, height: 780 };
export const HAS_PICTURES = Boolean(PICTURES);
const IGNORES = { ignoreHTTPSErrors: !HOME_TRUSTING };

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
export const step = (name) => console.log(`step ${name}`);
export const need = async (name) => {
  console.log(`need ${name}`);
  await answers.next();
};

export const fail = (why) => {
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
  env: { ...process.env, ...(HOME_TRUSTING ? { HOME: HOME_TRUSTING } : {}) },
  args: [
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection", "--no-sandbox",
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...camera,
  ],
});

// Performs a play, closes everything, and ends the program.
export async function perform(play) {
  try {
    await play();
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
  step("done");
  process.exit(process.exitCode ?? 0);
}

// A page of a browser of its own; what goes wrong in it fails the play.
export async function open(whose, address, options = {}) {
  const context = await browser.newContext({
    locale: "en-GB", viewport: { width: 1180, height: 760 }, permissions: ["microphone", "camera"], ...IGNORES, ...options,
  });
  const page = await context.newPage();
  watch(page, whose);
  await page.goto(new URL(address, URL_DEMO).href);
  return page;
}

const ours = new Set([URL_DEMO, URL_STATUS].filter(Boolean).map((each) => new URL(each).host));
const foreign = [];

export function watch(page, whose) {
  page.setDefaultTimeout(PATIENCE);
  page.on("pageerror", (error) => fail(`page error at ${whose}'s: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) fail(message.text());
  });
  page.on("request", (request) => {
    if (!ours.has(new URL(request.url()).host)) foreign.push(request.url());
  });
}

export function nothingFromElsewhere() {
  if (foreign.length) throw new Error(`loaded from elsewhere: ${foreign}`);
  step("nothing was loaded from elsewhere");
}

export async function enter(user, { address = "", before = () => {} } = {}) {
  const page = await open(user, address);
  await before({ page });
  await page.fill("#user", `${user}@demo.example`);
  await page.fill("#password", user);
  await page.click("#login-button");
  await page.waitForSelector("#app:not([hidden])");
  return { page, other: user === "alice" ? "sip:bob@demo.example" : "sip:alice@demo.example" };
}

export const sees = ({ page, other }, word) => page.waitForSelector(`button[data-contact="${other}"][data-presence="${word}"]`);

const statistics = ({ page }) => page.evaluate(() => window.demo.calls.stats());

export async function receives(side) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const stats = await statistics(side);
    if (stats?.frames > 10 && stats.packets > 50 && stats.path) return stats;
    if (Date.now() > deadline) throw new Error(`no media: ${JSON.stringify(stats)}`);
    await side.page.waitForTimeout(200);
  }
}

// `whole` shows what there is to scroll to as well.
export async function shoot({ page }, name, { dark = false, phone = false, whole = false } = {}) {
  if (!PICTURES) return;
  const before = page.viewportSize();
  if (phone) await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: whole });
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light" });
}
