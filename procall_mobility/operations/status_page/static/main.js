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
let turn = 0;
let failures = 0;
let lastTold = null;

function lookAgain(after) {
  clearTimeout(timer);
  timer = setTimeout(look, after);
}

async function look() {
  clearTimeout(timer);
  turn += 1;
  const mine = turn;
  if (!isAdmitted() || document.hidden) return; // Nobody looks: whoever does later starts it again.
  let told;
  let whole;
  try {
    told = await read("status.json");
    const lacks = past.lacks(told.samples);
    whole = lacks && (await read(lacks));
  } catch (error) {
    if (mine !== turn) return;
    if (error instanceof NotAdmitted) askToSignIn(lastTold === null ? "" : "The daemon was started anew, or your time here is over: show the token again.");
    else isLost();
    return;
  }
  if (mine !== turn) return; // Somebody has signed out, or chosen another span, meanwhile.
  lookAgain(EVERY);
  show(told, whole);
}

function show(told, whole) {
  const hasSignedIn = !form.hidden;
  form.hidden = true;
  find("status").hidden = false;
  find("sign-out").hidden = false;
  failures = 0;
  lastTold = Date.now() / 1000;
  say(find("contact"), "");
  find("status").classList.remove("stale");
  showOverview(told);
  showSections(told);
  past.take(told.samples, whole);
  // Where the form was, is nothing now: whoever reads on with keys or by ear begins with the figures.
  if (hasSignedIn) find("content").focus({ preventScroll: true });
}

// One failure is no matter yet; from the second on it is said once, not with each attempt.
function isLost() {
  failures += 1;
  if (failures > 1 || lastTold === null) {
    say(find("contact"), lastTold === null ? "No answer from the daemon; trying again." : `No contact since ${time(lastTold)}. Trying again; what is below is old.`);
    find("status").classList.add("stale");
    find("state").dataset.mood = "warning";
    say(find("state"), "No contact");
    document.title = "No contact – ProCall Mobility";
  }
  lookAgain(Math.min(LONGEST, 1000 * 2 ** (failures - 1)));
}

function askToSignIn(why) {
  forget();
  clearTimeout(timer);
  turn += 1;
  lastTold = null;
  for (const id of ["status", "sign-out", "state"]) find(id).hidden = true;
  // Whoever comes next finds nothing of it, not even where nobody looks.
  for (const each of find("status").querySelectorAll("tbody, ol, ul, dl, .note, #plots")) each.replaceChildren();
  form.hidden = false;
  say(find("node"), "Status");
  document.title = "Status – ProCall Mobility";
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
    past.forget();
    await look();
  } catch (error) {
    say(find("sign-in-error"), error instanceof NotAdmitted ? "That is not the token." : "The daemon does not answer.");
    find("token").focus();
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

followTheme(find("theme"), () => past.plots.repaint());
watchScrolling();
if (isAdmitted()) look();
else askToSignIn("");
