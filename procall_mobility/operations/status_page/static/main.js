// The page: signs in, asks every second, draws what it is told, and says when nobody answers.

import { enter, forget, isAdmitted, leave, NotAdmitted, read } from "./contact.js";
import { say, watchScrolling } from "./elements.js";
import { showOverview } from "./overview.js";
import { Past } from "./past.js";
import { Plots } from "./plots.js";
import { showSections } from "./sections.js";
import { followTheme } from "./theme.js";
import { time } from "./words.js";

const EVERY = 1_000;
const LONGEST = 30_000;

const find = (id) => document.getElementById(id);
const form = find("sign-in");
const past = new Past(new Plots(find("plots"), find("figures").querySelector("table")));

let timer;
let failures = 0;
let lastTold = null;

function lookAgain(after) {
  clearTimeout(timer);
  timer = setTimeout(look, after);
}

async function look() {
  clearTimeout(timer);
  if (!isAdmitted() || document.hidden) return; // Nobody looks: whoever does later starts it again.
  try {
    const told = await read("status.json");
    told.links.time = told.now.time;
    form.hidden = true;
    find("status").hidden = false;
    find("sign-out").hidden = false;
    showOverview(told);
    showSections(told);
    await past.follow(told.samples);
    isBack();
    lookAgain(EVERY);
  } catch (error) {
    if (error instanceof NotAdmitted) askToSignIn(lastTold === null ? "" : "The daemon was started anew, or your time here is over: show the token again.");
    else isLost(error);
  }
}

function isBack() {
  failures = 0;
  lastTold = Date.now() / 1000;
  say(find("contact"), "");
  find("status").classList.remove("stale");
}

// The first is no matter yet; from then on it is said once, not with each attempt.
function isLost(error) {
  failures += 1;
  if (!(error instanceof TypeError) && error.name !== "TimeoutError") console.warn(error);
  if (failures > 1 || lastTold === null) {
    say(find("contact"), lastTold === null ? "No answer from the daemon; trying again." : `No contact since ${time(lastTold)}. Trying again; what is below is old.`);
    find("status").classList.add("stale");
    find("state").dataset.mood = "warning";
    say(find("state"), "No contact");
  }
  lookAgain(Math.min(LONGEST, 1000 * 2 ** (failures - 1)));
}

function askToSignIn(why) {
  forget();
  clearTimeout(timer);
  lastTold = null;
  for (const id of ["status", "sign-out", "state"]) find(id).hidden = true;
  form.hidden = false;
  say(find("node"), "Status");
  say(find("contact"), "");
  say(find("sign-in-error"), why);
  find("token").focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  say(find("sign-in-error"), "");
  try {
    await enter(find("token").value.trim());
    find("token").value = "";
    past.loaded = null;
    await look();
  } catch (error) {
    say(find("sign-in-error"), error instanceof NotAdmitted ? "That is not the token." : "The daemon does not answer.");
  }
  button.disabled = false;
});

find("sign-out").addEventListener("click", () => {
  leave();
  askToSignIn("");
});

for (const choice of document.querySelectorAll("input[name=span]")) {
  choice.addEventListener("change", () => {
    past.choose(choice.value);
    look();
  });
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look();
});

watchScrolling();
followTheme(find("theme"), () => past.plots.repaint());
if (isAdmitted()) look();
else askToSignIn("");
