// The status page for those who use keys, other colours, paper, or a screen reader: one look for each.

import { fail } from "./stage.mjs";

const focused = (page) => page.evaluate("document.activeElement.id");

export async function hasFocus(page, wanted) {
  try {
    await page.waitForFunction((id) => document.activeElement.id === id, wanted);
  } catch {
    fail(`the focus is at "${await focused(page)}" instead of "${wanted}"`);
  }
}

// What the skip link leads to lies beneath the header, not under it.
export async function skips(page) {
  await page.focus(".skip");
  await page.keyboard.press("Enter");
  await hasFocus(page, "content");
  const hidden = await page.evaluate(() => document.querySelector(".top").getBoundingClientRect().bottom - document.getElementById("content").getBoundingClientRect().top);
  if (hidden > 1) fail(`the header hides ${hidden} px of what is skipped to`);
}

// Where colours are the system's own, what is chosen and how bad things are is seen all the same.
export async function isClearInForcedColours(page) {
  await page.emulateMedia({ forcedColors: "active" });
  const told = await page.evaluate(() => {
    const back = (selector) => getComputedStyle(document.querySelector(selector)).backgroundColor;
    const root = getComputedStyle(document.documentElement);
    return { chosen: back(".choice input:checked + span"), mark: back(".incidents i"), page: back("body"), axis: root.getPropertyValue("--muted").trim() };
  });
  if (told.chosen === told.page) fail("forced colours: no span looks chosen");
  if (told.mark === told.page) fail("forced colours: incidents have no mark");
  if (told.axis !== "CanvasText") fail(`forced colours: plots are drawn in ${told.axis}`);
  await page.emulateMedia({ forcedColors: "none" });
}

// Paper is white, whatever the screen is.
export async function isDarkOnPaper(page) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ media: "print", colorScheme });
    const told = await page.evaluate(() => ({ text: getComputedStyle(document.body).color, header: getComputedStyle(document.querySelector(".top")).position, tools: getComputedStyle(document.querySelector(".tools")).display }));
    if (told.text !== "rgb(24, 32, 47)") fail(`print, ${colorScheme}: text is ${told.text}`);
    if (told.header !== "static" || told.tools !== "none") fail(`print: the header is ${told.header}, its tools ${told.tools}`);
  }
  await page.emulateMedia({ media: null, colorScheme: null });
}

// What is read or marked stays what it is, though figures beside it change each second.
export async function staysMarked(page, selector) {
  const words = await page.evaluate((where) => {
    getSelection().selectAllChildren(document.querySelector(where));
    return getSelection().toString();
  }, selector);
  await page.waitForTimeout(3_000);
  const now = await page.evaluate("getSelection().toString()");
  if (now !== words) fail(`"${words}" was marked at ${selector}, and "${now}" is now`);
}

export async function isEmptied(page) {
  const left = await page.evaluate(() => [...document.querySelectorAll("#status :is(tbody tr, ol li, dl div, .note:not(:empty), figure)")].map((each) => each.textContent));
  if (left.length) fail(`whoever has signed out leaves behind: ${left.join(" | ")}`);
}
