// The status page of a daemon at work: signed in to, live, light and dark, on a desk and on a phone, cut off and back.

import { enter, need, nothingFromElsewhere, perform, sees, step } from "./stage.mjs";
import { hasFocus, isClearInForcedColours, isDarkOnPaper, isEmptied, skips, staysMarked } from "./status-access.mjs";
import { inspect, isShown, openStatus, signIn, tile, tileSays } from "./status-view.mjs";

const SMALL = { width: 360, height: 740 };
const DESK = { width: 1280, height: 800 };

const MARKUP = '<img src="x" onerror="fail()">';

// What the daemon tells, with everything in it that can go wrong.
async function tellBadNews(page) {
  await page.route("**/status.json", async (route) => {
    const answer = await route.fetch();
    const told = await answer.json();
    told.readiness = { ready: false, reasons: [{ check: "store", text: "the disk is full" }] };
    told.links.left_out = 7;
    Object.assign(told.links.rows[0], { paused: true, server: MARKUP });
    Object.assign(told.push.lanes.rows[0], { breaker: "suspended", trouble: "InvalidProviderToken", waiting: 3 });
    const ending = { kind: "certificate", until: "2026-11-01T00:00:00+00:00", days: 0 };
    told.expiries = ["ended", "very-soon", "soon"].map((state) => ({ ...ending, state, names: [state === "ended" ? "old.example" : state] }));
    const incident = { level: "warning", customer: "acme", details: MARKUP, first: 1.0, last: 1.0, count: 2 };
    told.incidents = Array.from({ length: 20 }, (_, number) => ({ ...incident, what: `fault ${number}` }));
    await route.fulfill({ response: answer, json: told });
  });
}

async function call(alice, bob) {
  await sees(alice, "available");
  await alice.page.click(`button[data-contact="${alice.other}"]`);
  await alice.page.click("#video-call");
  await bob.page.waitForSelector("#ringing[open]");
  await bob.page.click("#accept");
  for (const { page } of [alice, bob]) await page.waitForSelector("#call.connected");
}

async function becomesAsleepAndIsWrittenTo(alice, bob) {
  await bob.page.click("#hangup");
  await alice.page.waitForSelector("#phone-hint:not([hidden])", { state: "attached" });
  await alice.page.close();
  await sees(bob, "asleep");
  await bob.page.click(`button[data-contact="${bob.other}"]`);
  await bob.page.fill("#text", "Are you there?");
  await bob.page.press("#text", "Enter");
}

await perform(async () => {
  const page = await openStatus({ viewport: DESK });
  await inspect(page, "the sign-in");
  await signIn(page, "not-the-token-of-this-daemon");
  await page.waitForSelector("#sign-in-error:has-text('not the token')");
  await hasFocus(page, "token");
  await signIn(page);
  await isShown(page);
  await hasFocus(page, "content");
  if (await page.evaluate(() => document.cookie || JSON.stringify(localStorage) !== "{}")) throw new Error("something is kept");
  await page.reload();
  await isShown(page);
  step("a wrong token is refused in words, the right one is asked for once");

  await tileSays(page, "Links", "1");
  await tileSays(page, "Sessions", "0");
  const [alice, bob] = await Promise.all(["alice", "bob"].map((user) => enter(user, { address: "?relay=udp" })));
  await tileSays(page, "Sessions", "2");
  step("sessions appear by themselves");
  await call(alice, bob);
  await page.locator("#relay tbody th", { hasText: "demo" }).waitFor();
  await tileSays(page, "Media", /^[1-9][0-9.]*[kM]bit\/s$/);
  await page.locator("#relay tbody td:last-child", { hasText: /^[1-9].*bit\/s$/ }).waitFor();
  step("so do allocations, and what is relayed");
  await becomesAsleepAndIsWrittenTo(alice, bob);
  await page.locator("#push tbody tr", { hasText: "apns" }).locator("td:nth-child(5)", { hasText: /^[1-9]/ }).waitFor();
  step("and pushes");

  await page.waitForFunction(() => {
    const plots = [...document.querySelectorAll(".plot .canvas")].map((each) => each.getAttribute("aria-label"));
    return plots.length === 6 && plots.every((words) => /now .*, between /.test(words));
  });
  await page.focus("#figures summary");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#figures tbody tr:has-text('Allocations of the relay') td:nth-child(5):has-text('4')");
  step("plots are told in words, and as a table");
  await page.check("input[value='24h']", { force: true });
  await page.waitForSelector(".canvas[aria-label*='24 hours']");
  await page.check("input[value='5min']", { force: true });
  await page.waitForSelector(".canvas[aria-label*='5 minutes']");
  step("a day can be looked at");

  for (const theme of ["light", "dark"]) {
    await page.selectOption("#theme", theme);
    for (const [where, viewport] of [["a desk", DESK], ["a phone", SMALL]]) {
      await page.setViewportSize(viewport);
      await inspect(page, `${where}, ${theme}`);
    }
  }
  await page.setViewportSize(DESK);
  await page.selectOption("#theme", "system");
  step("light and dark, on a desk and on a phone, nothing serious is in anybody's way");

  await tellBadNews(page);
  for (const words of ["Not ready: the disk is full", "Push lane apns", "The certificate old.example has ended"]) {
    await page.locator("#attention li", { hasText: words }).waitFor();
  }
  await page.locator("#links td", { hasText: MARKUP }).waitFor();
  await page.locator("#links tr", { hasText: "and 7 more" }).waitFor();
  await page.locator("#incidents .more", { hasText: "Show all 20" }).click();
  await page.waitForSelector("#incidents li:nth-child(20)");
  await inspect(page, "bad news");
  if (!(await page.title()).startsWith("Not ready")) throw new Error(await page.title());
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.waitForSelector("#attention", { state: "hidden" });
  step("bad news stands out, and what others call themselves is nothing but text");

  await staysMarked(page, "#links tbody th");
  await skips(page);
  await isClearInForcedColours(page);
  await isDarkOnPaper(page);
  step("keys, forced colours, paper and screen readers find their way");

  await page.context().setOffline(true);
  await page.locator("#contact", { hasText: "No contact since" }).waitFor();
  await inspect(page, "out of contact");
  await page.context().setOffline(false);
  await page.locator("#contact:empty").waitFor({ state: "attached" });
  await page.locator("#state", { hasText: "Ready" }).waitFor();
  step("lost contact is said, and that it is back");

  await need("lose the server");
  await page.locator("#incidents li", { hasText: "Server link lost" }).waitFor();
  await tileSays(page, "Links", "0");
  step("a link that is lost is an incident");

  await page.click("#sign-out");
  await page.waitForSelector("#sign-in:not([hidden])");
  await hasFocus(page, "token");
  await isEmptied(page);
  await page.reload();
  await page.waitForSelector("#sign-in:not([hidden])");
  if (await tile(page, "Links").isVisible()) throw new Error("still shown");
  step("whoever signs out is out");
  nothingFromElsewhere();
});
