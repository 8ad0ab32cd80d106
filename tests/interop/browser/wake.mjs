// Alice closes her window; Bob's message and his call reach her phone, and one click there brings her back.

import { enter, fail, need, open, PATIENCE, perform, PHONE, receives, sees, shoot, step } from "./stage.mjs";

const { URL_PHONES } = process.env;

// The phone is of alice's browser: what opens from it has what her client has kept.
async function phoneOf({ page }) {
  const phone = await page.context().newPage();
  phone.on("pageerror", (error) => fail(`page error at the phone's: ${error.message}`));
  phone.on("console", (message) => /content security policy/i.test(message.text()) && fail(message.text()));
  phone.setDefaultTimeout(PATIENCE);
  await phone.goto(await page.getAttribute("#phone-hint a", "href"));
  await phone.getByText("Listening").waitFor();
  return phone;
}

async function tapped(phone, name) {
  const opening = phone.context().waitForEvent("page");
  await phone.getByRole("link", { name }).click();
  const page = await opening;
  page.on("pageerror", (error) => fail(`page error at the woken page: ${error.message}`));
  return { page, other: "sip:bob@demo.example" };
}

async function closes(alice, bob) {
  await alice.page.close();
  await sees(bob, "asleep");
}

async function writes({ page }, text) {
  await page.fill("#text", text);
  await page.press("#text", "Enter");
  await page.waitForSelector(`#messages li.mine[data-state=sent]:has-text("${text}")`);
}

await perform(async () => {
  const alice = await enter("alice");
  await alice.page.waitForSelector("#phone-hint:not([hidden])");
  const bob = await enter("bob");
  await sees(bob, "available");
  const phone = await phoneOf(alice);
  if (!(await phone.url()).startsWith(URL_PHONES)) throw new Error(`the phone is at ${phone.url()}`);
  await closes(alice, bob);
  step("whoever closes the window can still be called");

  await bob.page.click(`button[data-contact="${bob.other}"]`);
  await writes(bob, "Are you there?");
  const reader = await tapped(phone, /open the app/);
  await reader.page.waitForSelector('#messages li:has-text("Are you there?")');
  step("a message is an alert, and a tap opens its conversation");
  await closes(reader, bob);

  await bob.page.click("#audio-call");
  await phone.locator(".ringing").waitFor();
  await bob.page.click("#hangup");
  await phone.locator(".ringing").waitFor({ state: "detached" });
  await phone.getByRole("link", { name: /Missed call/ }).waitFor();
  await bob.page.waitForSelector("#call", { state: "hidden" });
  step("a caller that gives up is a call that was missed");
  await phone.getByRole("button", { name: "Dismiss" }).click();

  const before = Date.now();
  await bob.page.click("#video-call");
  await phone.locator(".ringing").waitFor();
  console.log(`stats the phone rings after ${Date.now() - before} ms`);
  await phone.getByText("alice@demo.example").waitFor();
  await shoot({ page: phone }, "phone-rings");
  await shoot({ page: phone }, "phone-rings-dark", { dark: true, phone: true });
  step("a call rings on the phone");

  const woken = await tapped(phone, "Wake the phone and open the call");
  await woken.page.waitForSelector("#ringing[open]");
  console.log(`stats alice is back ${Date.now() - before} ms after the call began`);
  if ((await woken.page.textContent("#ringing-name")) !== "Bob") throw new Error("who calls?");
  await phone.locator(".ringing").waitFor({ state: "detached" });
  step("one tap brings her session back, and the call is offered to it");

  await woken.page.click("#accept");
  for (const side of [woken, bob]) {
    await side.page.waitForSelector("#call.connected");
    const { frames, packets, path } = await receives(side);
    console.log(`stats ${frames} frames, ${packets} packets, ${path.from} to ${path.to} by ${path.protocol}`);
  }
  await bob.page.click("#hangup");
  await woken.page.waitForSelector("#call", { state: "hidden" });
  step("she answers, and both receive frames");

  await woken.page.click("#settings-button");
  await woken.page.click("#push-wanted");
  await woken.page.waitForSelector("#push-state:has-text('unless a window is open')");
  await shoot(woken, "pushes-off", { phone: true });
  await woken.page.close();
  await sees(bob, "offline");
  step("who wants no pushes cannot be called when the window is closed");

  const elsewhere = await enter("alice");
  await elsewhere.page.waitForSelector("#phone-hint:not([hidden])");
  await closes(elsewhere, bob);
  await writes(bob, "Hello?");
  await need("phone gone");
  await writes(bob, "Anybody?");
  await sees(bob, "offline");
  step("a phone that its provider no longer knows is forgotten");

  const stranger = await open("a stranger", `#push=00000000-0000-4000-8000-000000000000&kind=avnewcall&data=AAAA`, { viewport: PHONE });
  await stranger.getByText(/not for anybody who is logged on/).waitFor();
  step("a push that nobody has sealed for this browser wakes nobody");
});
