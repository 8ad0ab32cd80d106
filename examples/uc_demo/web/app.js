// The application: puts session, presence, chat and calls together and paints them.

import { CallView } from "./call-view.js";
import { Chat } from "./chat.js";
import { ContactsView } from "./contacts-view.js";
import { Health } from "./health.js";
import { currentLanguage, setLanguage, t, translate } from "./i18n.js";
import { IceServers } from "./ice-servers.js";
import { lendServers } from "./neighbours.js";
import { only, RELAYS } from "./paths.js";
import { OWN_STATES, Presence } from "./presence.js";
import { Push } from "./push.js";
import { paintPush } from "./push-view.js";
import { Session } from "./session.js";
import { grow, TalkView } from "./talk-view.js";
import { chooseTheme, currentTheme, paintTheme, THEMES } from "./theme.js";
import { $, element, paintAvatar, paintButton, write } from "./view.js";
import { Waking } from "./waking.js";

const TITLE = document.title;
const AUDIO = 1;
const VIDEO = 2;
const DOMAIN = "demo.example";
const KNOWN_REASONS = ["wrong", "notAllowed", "notConnected", "unknown", "noNetwork", "wait"];

let session = null;
let chosen = null;
const presence = new Presence();
const chat = new Chat();
const contacts = new ContactsView((contact) => choose(contact));
const talk = new TalkView();
const ice = new IceServers();
const push = new Push();
const waking = new Waking();
// Tests and support force calls through one kind of relay: /demo/?relay=udp, tcp or tls.
const forced = RELAYS.find((kind) => kind === new URLSearchParams(location.search).get("relay"));
const calls = new CallView((contact) => presence.nameOf(contact), configuration);
const health = new Health(() => session, ice, forced);

const own = () => session?.ownContact?.u8sContactId ?? "";

function configuration() {
  if (!forced) return { iceServers: ice.list };
  const chosen = only(forced, ice.list);
  if (!chosen.iceServers.length) throw Object.assign(new Error("no such relay"), { told: t("noSuchWay", { kind: t(forced) }) });
  return chosen;
}

// Logging on -------------------------------------------------------------------------------

$("login-form").onsubmit = (event) => {
  event.preventDefault();
  logOn($("user").value.trim(), $("password").value);
};

for (const button of document.querySelectorAll("[data-user]")) {
  button.onclick = () => {
    const { user } = button.dataset;
    $("user").value = `${user}@${DOMAIN}`;
    $("password").value = user;
    logOn($("user").value, user);
  };
}

async function logOn(user, password) {
  if (session) return;
  write($("login-error"), "");
  $("login-button").disabled = true;
  write($("login-button"), t("loggingIn"));
  try {
    await enter(new Session(user, password));
    $("password").value = "";
  } catch (error) {
    const isKnown = KNOWN_REASONS.includes(error.reason);
    write($("login-error"), t(isKnown ? error.reason : "failed", { why: error.message }));
    $("password").focus();
  }
  $("login-button").disabled = false;
  write($("login-button"), t("login"));
}

async function enter(made) {
  session = made;
  session.addEventListener("up", begin);
  session.addEventListener("down", () => paintBanner(t("reconnecting")));
  session.addEventListener("trying", ({ tries }) => paintBanner(t("reconnectingTry", { tries })));
  session.addEventListener("refused", ({ why }) => paintBanner(t(why)));
  try {
    await session.open();
  } catch (error) {
    session = null;
    throw error;
  }
}

async function begin() {
  const { rose } = session;
  const isFirst = $("app").hidden;
  $("login").hidden = true;
  $("app").hidden = false;
  calls.follow(rose, own());
  try {
    await rose.call("asnSubscribeServices", {}, 703);
    await push.follow(rose, session.account);
    await presence.follow(rose);
    await chat.follow(rose, own());
    await ice.follow(rose);
    // Now it can talk: a call that rings already is offered before this is answered.
    await rose.call("asnSetClientCapabilitiesV2", { capabilities: { eClientCapabilities: [AUDIO, VIDEO], customCapabilities: [] } }, 3300);
    paintBanner("");
    if (isFirst) $("contacts").querySelector("button")?.focus();
    health.probe();
    const { contact, missed } = waking.arrived(calls.call);
    if (contact) choose(contact);
    if (missed) paintBanner(t("missedCall", { name: missed }));
  } catch (error) {
    if (session.connected) paintBanner(t("failed", { why: error.message }));
  }
  paint();
}

$("logout").onclick = async () => {
  await push.forget();
  session?.close();
  location.reload();
};

// Whoever closes the window sleeps from now on; a page that is taken out of the browser's memory begins anew.
window.addEventListener("pagehide", () => session?.close());
window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

// Painting ---------------------------------------------------------------------------------

function paintBanner(text) {
  write($("banner"), text);
  $("banner").hidden = !text;
  paint();
}

function paint() {
  if (!session || $("app").hidden) return;
  // What is on the screen of somebody who looks at it is read.
  if (chosen && document.hasFocus()) chat.read(chosen);
  const name = presence.nameOf(own());
  const word = presence.wordOf(own());
  paintAvatar($("my-avatar"), name, word);
  write($("my-name"), name);
  write($("empty-title"), t("chooseTitle", { name }));
  if (word in OWN_STATES) $("my-state").value = word;
  contacts.paint({ presence, chat, own: own(), chosen });
  talk.paint({ presence, chat, chosen, connected: session.connected });
  health.paint();
  paintPush(push, name);
  const unread = chat.allUnread();
  document.title = unread ? `(${unread}) ${TITLE}` : TITLE;
}

function choose(contact) {
  chosen = contact;
  $("app").classList.toggle("in-conversation", Boolean(contact));
  paint();
  if (contact) {
    $("scroll").scrollTop = $("scroll").scrollHeight;
    $("text").focus();
  }
}

for (const source of [presence, chat, push]) source.addEventListener("changed", paint);
window.addEventListener("focus", paint);
calls.addEventListener("answered", (answered) => push.answered(answered.push));

// Acting -----------------------------------------------------------------------------------

$("my-state").onchange = () => presence.setOwn(session.rose, own(), $("my-state").value).catch(paint);

$("push-wanted").onchange = () => push.want($("push-wanted").checked);

$("compose").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || !chosen || !session.connected) return;
  $("text").value = "";
  grow($("text"));
  chat.send(chosen, text);
};

$("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("compose").requestSubmit();
  }
};

$("text").oninput = () => {
  grow($("text"));
  if (chosen) chat.typing(chosen, $("text").value !== "");
};

$("audio-call").onclick = () => calls.make(chosen, false);
$("video-call").onclick = () => calls.make(chosen, true);
$("back").onclick = () => choose(null);

function showPanel(shown) {
  $("panel").hidden = !shown;
  $("app").classList.toggle("with-panel", shown);
  $("settings-button").setAttribute("aria-expanded", String(shown));
  if (!shown) return $("settings-button").focus();
  health.open();
  $("panel-close").focus();
}

$("settings-button").onclick = () => showPanel($("panel").hidden);
$("chip").onclick = () => showPanel(true);
$("panel-close").onclick = () => showPanel(false);
$("panel").onkeydown = ({ key }) => {
  if (key === "Escape") showPanel(false);
};

// Language and appearance --------------------------------------------------------------------

function speak(language) {
  setLanguage(language);
  translateAll();
  talk.forget();
  paint();
}

for (const button of document.querySelectorAll("[data-language]")) button.onclick = () => speak(button.dataset.language);
$("language").onchange = () => speak($("language").value);

$("theme").onchange = () => chooseTheme($("theme").value);

function translateAll() {
  translate();
  $("language").value = currentLanguage();
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === currentLanguage()));
  }
  for (const button of document.querySelectorAll("[data-user]")) {
    const avatar = button.querySelector(".avatar");
    paintAvatar(avatar, avatar.dataset.name);
    button.setAttribute("aria-label", t("loginAs", { name: avatar.dataset.name }));
  }
  const options = (words) => words.map((word) => Object.assign(element("option", "", t(word)), { value: word }));
  $("my-state").replaceChildren(...options(Object.keys(OWN_STATES)));
  $("theme").replaceChildren(...options(THEMES));
  $("theme").value = currentTheme();
  $("text").placeholder = t("write");
  paintButton("settings-button", "settings", t("settings"));
  paintButton("panel-close", "close", t("close"));
  paintButton("back", "back", t("back"));
  paintButton("audio-call", "phone", t("audioCall"));
  paintButton("video-call", "video", t("videoCall"));
  paintButton("send", "send", t("send"));
  calls.translate();
}

paintTheme();
translateAll();
lendServers(() => (session?.connected ? ice.list : []));
// What tests and curious people may look at.
window.demo = { calls, ice, push, session: () => session };
waking.begin(enter);
