// The page that tells which ways calls can take from this browser: borrows servers from a logged-in tab, or logs in for them.

import { IceServers } from "../ice-servers.js";
import { currentLanguage, setLanguage, t, translate } from "../i18n.js";
import { borrowServers } from "../neighbours.js";
import { isRefused, paintPaths, report, verdict } from "../path-list.js";
import { Paths } from "../paths.js";
import { Session } from "../session.js";
import { paintTheme } from "../theme.js";
import { $, write } from "../view.js";

const KNOWN_REASONS = ["wrong", "notAllowed", "notConnected", "unknown", "noNetwork", "wait"];

const paths = new Paths();
let own = null;

async function begin() {
  const borrowed = await borrowServers();
  if (borrowed) test(borrowed);
  else ask();
}

function ask() {
  $("login-form").hidden = false;
  $("user").focus();
}

$("login-form").onsubmit = async (event) => {
  event.preventDefault();
  write($("login-error"), "");
  $("login-button").disabled = true;
  const user = $("user").value.trim();
  try {
    own = { user, servers: await servers(user, $("password").value) };
    $("login-form").hidden = true;
    test(own.servers);
  } catch (error) {
    write($("login-error"), t(KNOWN_REASONS.includes(error.reason) ? error.reason : "failed", { why: error.message }));
    $("password").focus();
  }
  $("password").value = "";
  $("login-button").disabled = false;
};

// Nobody is to ring here: whoever logs in for the test is logged off again at once.
async function servers(user, password) {
  const session = new Session(user, password);
  const ice = new IceServers();
  await session.open();
  try {
    await ice.follow(session.rose);
  } finally {
    session.close();
  }
  return ice.list;
}

function test(list) {
  $("report").hidden = false;
  paths.test(list);
}

$("again").onclick = async () => {
  if (isRefused(paths)) own = null;
  const list = own?.servers ?? (await borrowServers());
  if (list) return test(list);
  $("report").hidden = true;
  ask();
};

$("copy").onclick = async () => {
  await navigator.clipboard.writeText(report(paths));
  write($("copy"), t("copied"));
};

function paint() {
  const { key, mood } = verdict(paths);
  $("verdict").dataset.state = mood;
  write($("verdict-short"), t(key));
  write($("verdict-long"), mood === "running" ? "" : t(`${key}More`));
  write($("source"), own ? t("reportUser", own) : t("waysBorrowed"));
  $("again").disabled = $("copy").disabled = paths.isRunning;
  write($("copy"), t("copyReport"));
  $("copy").hidden = !navigator.clipboard;
  paintPaths($("paths"), paths, { isExplained: true });
}

function speak(language) {
  setLanguage(language);
  translateAll();
}

function translateAll() {
  translate();
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === currentLanguage()));
  }
  document.title = `ProCall Mobility · ${t("ways")}`;
  paint();
}

for (const button of document.querySelectorAll("[data-language]")) button.onclick = () => speak(button.dataset.language);
paths.addEventListener("changed", paint);
paintTheme();
translateAll();
// What tests and curious people may look at.
window.demo = { paths };
begin();
