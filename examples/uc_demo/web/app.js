// The application: puts session, presence, chat and calls together and paints them.

import { CallView } from "./call-view.js";
import { Chat } from "./chat.js";
import { Health } from "./health.js";
import { currentLanguage, setLanguage, t, translate } from "./i18n.js";
import { OWN_STATES, Presence } from "./presence.js";
import { Session } from "./session.js";
import { $, clock, element, paintAvatar, paintButton } from "./view.js";

let session = null;
let presence = new Presence();
let chat = new Chat();
let chosen = null;
const losses = [];
const calls = new CallView((contact) => presence.nameOf(contact));
const health = new Health(() => session, () => calls.call);

const own = () => session?.ownContact?.u8sContactId ?? "";

// Logging on -------------------------------------------------------------------------------

$("login-form").onsubmit = async (event) => {
  event.preventDefault();
  $("login-error").textContent = "";
  $("login-button").disabled = true;
  $("login-button").textContent = t("loggingIn");
  const fresh = new Session($("user").value.trim(), $("password").value);
  session = fresh;
  fresh.addEventListener("up", () => begin());
  fresh.addEventListener("down", ({ code }) => {
    losses.push(code);
    paintBanner(t("reconnecting"));
  });
  fresh.addEventListener("refused", () => location.reload());
  try {
    await fresh.open();
    $("password").value = "";
  } catch (error) {
    session = null;
    const known = ["wrong", "notConnected", "unknown", "wait"].includes(error.reason);
    $("login-error").textContent = t(known ? error.reason : "failed", { why: error.message });
  }
  $("login-button").disabled = false;
  $("login-button").textContent = t("login");
};

async function begin() {
  const { rose } = session;
  $("login").hidden = true;
  $("app").hidden = false;
  paintBanner("");
  calls.follow(rose, own());
  try {
    await rose.call("asnSubscribeServices", {}, 703);
    await presence.follow(rose);
    await chat.follow(rose, own());
  } catch (error) {
    if (session.connected) paintBanner(t("failed", { why: error.message }));
  }
  paint();
}

$("logout").onclick = () => {
  session?.close();
  location.reload();
};

// Painting ---------------------------------------------------------------------------------

function paintBanner(text) {
  $("banner").textContent = text;
  $("banner").hidden = !text;
  $("send").disabled = Boolean(text);
}

function paint() {
  if (!session) return;
  const name = presence.nameOf(own());
  const word = presence.wordOf(own());
  paintAvatar($("my-avatar"), name, word);
  $("my-name").textContent = name;
  if (word in OWN_STATES) $("my-state").value = word;
  paintContacts();
  paintConversation();
}

function paintContacts() {
  const others = [...presence.contacts.values()].filter((contact) => contact.id !== own());
  $("contacts").replaceChildren(...others.map((contact) => {
    const word = presence.wordOf(contact.id);
    const { messages, unread } = chat.of(contact.id);
    const avatar = element("span", "avatar");
    paintAvatar(avatar, contact.name, word);
    const last = chat.isTyping(contact.id) ? t("typing", { name: contact.name }) : messages.at(-1)?.text ?? t(word);
    const button = element("button", "", avatar, element("span", "grow", element("strong", "", contact.name), element("span", "last", last)));
    if (unread) button.append(element("span", "unread", String(unread)));
    button.dataset.contact = contact.id;
    button.dataset.presence = word;
    button.setAttribute("aria-label", `${contact.name}, ${t(word)}`);
    if (contact.id === chosen) button.setAttribute("aria-current", "true");
    button.onclick = () => choose(contact.id);
    return element("li", "", button);
  }));
}

function choose(contact) {
  chosen = contact;
  $("app").classList.toggle("in-conversation", Boolean(contact));
  paint();
  if (contact) $("text").focus();
}

function paintConversation() {
  $("empty").hidden = Boolean(chosen);
  $("conversation").hidden = !chosen;
  if (!chosen) return;
  const conversation = chat.of(chosen);
  if (document.hasFocus()) conversation.unread = 0;
  const name = presence.nameOf(chosen);
  const word = presence.wordOf(chosen);
  paintAvatar($("peer-avatar"), name, word);
  $("peer-name").textContent = name;
  $("peer-state").textContent = t(word);
  for (const id of ["audio-call", "video-call"]) $(id).disabled = word === "offline" || !session.connected;
  $("messages").replaceChildren(...conversation.messages.map((message) => {
    const time = element("time", "", message.failed ? t("notSent") : clock(message.time));
    const line = element("li", message.mine ? "mine" : "", message.text, time);
    line.classList.toggle("failed", message.failed);
    return line;
  }));
  $("messages").scrollTop = $("messages").scrollHeight;
  $("typing").textContent = chat.isTyping(chosen) ? t("typing", { name }) : "";
}

function watch() {
  presence.addEventListener("changed", paint);
  chat.addEventListener("changed", paint);
  chat.addEventListener("typing", paint);
  window.addEventListener("focus", paint);
}

// Acting -----------------------------------------------------------------------------------

$("my-state").onchange = () => presence.setOwn(session.rose, own(), $("my-state").value).catch(() => paint());

$("compose").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || !chosen || !session.connected) return;
  $("text").value = "";
  $("text").style.height = "";
  chat.send(chosen, text);
};

$("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("compose").requestSubmit();
  }
};

$("text").oninput = () => {
  $("text").style.height = "auto";
  $("text").style.height = `${$("text").scrollHeight + 2}px`;
  if (chosen) chat.typing(chosen);
};

$("audio-call").onclick = () => calls.make(chosen, false);
$("video-call").onclick = () => calls.make(chosen, true);
$("back").onclick = () => choose(null);

function showPanel(shown) {
  $("panel").hidden = !shown;
  $("app").classList.toggle("with-panel", shown);
  $("settings-button").setAttribute("aria-expanded", String(shown));
  if (shown) health.show();
}

$("settings-button").onclick = () => showPanel($("panel").hidden);
$("panel-close").onclick = () => showPanel(false);

$("language").onchange = () => {
  setLanguage($("language").value);
  translateAll();
  paint();
};

$("theme").onchange = () => {
  localStorage.setItem("theme", $("theme").value);
  paintTheme();
};

function paintTheme() {
  const theme = localStorage.getItem("theme") ?? "system";
  $("theme").value = theme;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function translateAll() {
  translate();
  $("language").value = currentLanguage();
  const option = (value) => element("option", "", t(value));
  $("my-state").replaceChildren(...Object.keys(OWN_STATES).map((word) => Object.assign(option(word), { value: word })));
  $("theme").replaceChildren(...["system", "light", "dark"].map((word) => Object.assign(option(word), { value: word })));
  $("text").placeholder = t("write");
  paintButton("settings-button", "settings", t("settings"));
  paintButton("panel-close", "close", t("close"));
  paintButton("back", "back", t("back"));
  paintButton("audio-call", "phone", t("audioCall"));
  paintButton("video-call", "video", t("videoCall"));
  paintButton("send", "send", t("send"));
  calls.translate();
  paintTheme();
}

translateAll();
watch();
// What tests and curious people may look at.
window.demo = { call: () => calls.call, session: () => session, losses };
