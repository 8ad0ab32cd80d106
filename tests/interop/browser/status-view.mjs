// The status page as a play sees it: signed in to, read, and looked at by axe.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fail, open } from "./stage.mjs";

const { URL_STATUS, TOKEN } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Nothing is to be said in the console, but what Chromium says of connections that fail on purpose.
export async function openStatus(options = {}) {
  const page = await open("an operator", URL_STATUS, options);
  page.on("console", (message) => {
    const { url } = message.location();
    const isAnswer = /Failed to load resource/.test(message.text()) && /session|json/.test(url);
    if (["error", "warning"].includes(message.type()) && !isAnswer) fail(`console: ${message.text()}`);
  });
  return page;
}

export async function signIn(page, token = TOKEN) {
  await page.fill("#token", token);
  await page.click("#sign-in button");
}

export async function isShown(page) {
  await page.waitForSelector("#status:not([hidden]) .plot canvas");
}

export const tile = (page, name) => page.locator(".tile", { has: page.locator(`dt:text-is("${name}")`) }).locator(".value");

export async function tileSays(page, name, text) {
  await tile(page, name).filter({ hasText: text }).waitFor();
}

// WCAG 2.2 AA and what axe holds good practice; what is found to be serious or worse fails.
export async function inspect(page, where) {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe);
  const { violations } = await page.evaluate("axe.run({ resultTypes: ['violations'] })");
  for (const { id, impact, help, nodes } of violations) {
    const line = `${where}: ${id} (${impact}): ${help}: ${nodes.map(({ target }) => target).join(", ")}`;
    if (["serious", "critical"].includes(impact)) fail(`axe at ${line}`);
    else console.log(`stats axe at ${line}`);
  }
  const surplus = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
  if (surplus > 0) fail(`${where}: the page is ${surplus} px too wide`);
}
