// Alice and Bob in two browser contexts: log in, presence, chat, a call; then servers that are killed.

import { enter, HAS_PICTURES, need, nothingFromElsewhere, open, PATIENCE, perform, PHONE, receives, sees, shoot, step } from "./stage.mjs";

const { PLAY = "call" } = process.env;
const PICTURED = PLAY === "call";
const picture = async (...what) => PICTURED && shoot(...what);

async function says(from, to, text) {
  await from.page.fill("#text", text);
  await from.page.press("#text", "Enter");
  await to.page.waitForSelector(`#messages li:not(.mine):has-text("${text}")`);
}

async function secondDevice() {
  const page = await open("alice", "", { locale: "de-DE", viewport: PHONE });
  if ((await page.textContent("#login-button")) !== "Anmelden") throw new Error("not in German");
  await page.click("button[data-user=alice]");
  await page.waitForSelector("#app:not([hidden])");
  return page;
}

async function ringsEverywhereUntilAnswered(alice, bob) {
  const phone = await secondDevice();
  await bob.page.click("#video-call");
  for (const page of [alice.page, phone]) await page.waitForSelector("#ringing[open]");
  await picture(alice, "ringing");
  await alice.page.click("#accept");
  await phone.waitForSelector("#ringing:not([open])", { state: "attached" });
  step("a call rings at two devices until one of them answers");
  await phone.context().close();
}

async function refusedWithAWrongPassword() {
  const page = await open("a stranger", "");
  await page.fill("#user", "alice@demo.example");
  await page.fill("#password", "wrong");
  await page.click("#login-button");
  await page.waitForSelector("#login-error:not(:empty)");
  if (!(await page.textContent("#login-error")).includes("not right")) throw new Error("no readable refusal");
  await page.context().close();
  step("a wrong password is refused in words");
}

await perform(async () => {
  await refusedWithAWrongPassword();
  const alice = await enter("alice", {
    before: async (login) => {
      await picture(login, "login");
      await picture(login, "login-phone-dark", { dark: true, phone: true });
    },
  });
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
  await picture(alice, "chat");
  await picture(bob, "chat-phone-dark", { dark: true, phone: true });

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
    await alice.page.waitForTimeout(PICTURED && HAS_PICTURES ? 3500 : 0);
    await picture(alice, "call");
    await picture(bob, "call-phone-dark", { dark: true, phone: true });
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
    await alice.page.waitForSelector("#paths li[data-kind=host][data-state=ok]");
    await alice.page.waitForTimeout(PICTURED && HAS_PICTURES ? 20_000 : 0);
    await picture(alice, "connection");
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
      console.log(`stats both notice it after ${late} ms`);
      step(`both notice that the ${victim} is gone, by code ${code}`);
      for (const side of [alice, bob]) await side.page.waitForSelector("#banner", { state: "hidden", timeout: 2 * PATIENCE });
      await sees(alice, "available");
      await sees(bob, "available");
      await says(alice, bob, `back after the ${victim}`);
      step(`both are back after the ${victim} returned`);
    }
  }
  nothingFromElsewhere();
});
