// Pictures of the status page for the documentation, after some minutes with people, calls and pushes in the demo.

import { enter, need, perform, PHONE, sees, shoot, step } from "./stage.mjs";
import { isShown, openStatus, signIn } from "./status-view.mjs";

const DESK = { width: 1280, height: 800 };
// Seconds of each call, and what else happens: not every minute is like the one before.
const MINUTES = [{ talk: 22 }, { talk: 35, loses: true }, { talk: 14 }, { talk: 28 }];

const seconds = (number) => new Promise((done) => setTimeout(done, 1000 * number));

async function minute({ talk, loses }) {
  if (loses) {
    await need("lose the server");
    await seconds(12); // It dials in again.
  }
  const alice = await enter("alice", { address: "?relay=udp" });
  const bob = await enter("bob", { address: "?relay=udp" });
  await call(alice, bob);
  await seconds(talk);
  await bob.page.click("#hangup");
  await alice.page.close();
  await sees(bob, "asleep");
  await bob.page.click(`button[data-contact="${bob.other}"]`);
  for (const text of ["Are you there?", "I call again.", "Later, then."]) {
    await bob.page.fill("#text", text);
    await bob.page.press("#text", "Enter");
    await seconds(2);
  }
  await alice.page.context().close();
  await seconds(5);
  await bob.page.context().close();
  await seconds(6);
}

async function call(alice, bob) {
  await sees(alice, "available");
  await alice.page.click(`button[data-contact="${alice.other}"]`);
  await alice.page.click("#video-call");
  await bob.page.waitForSelector("#ringing[open]");
  await bob.page.click("#accept");
  for (const { page } of [alice, bob]) await page.waitForSelector("#call.connected");
}

await perform(async () => {
  const page = await openStatus({ viewport: DESK });
  await shoot({ page }, "status-sign-in");
  await signIn(page);
  await isShown(page);
  for (const each of MINUTES) await minute(each);
  const [alice, bob] = [await enter("alice", { address: "?relay=udp" }), await enter("bob", { address: "?relay=udp" })];
  await call(alice, bob);
  await seconds(20);
  await page.bringToFront();
  await shoot({ page }, "status", { whole: true });
  await shoot({ page }, "status-dark", { dark: true, whole: true });
  await shoot({ page }, "status-phone", { phone: true });
  await page.setViewportSize(PHONE);
  await page.evaluate("document.querySelector('#links').scrollIntoView()");
  await shoot({ page }, "status-phone-dark", { dark: true });
  step("pictures are taken");
});
