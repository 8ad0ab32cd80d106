// One conversation: bubbles by day, ticks, who is typing, and the field to write in.

import { dayOf, t, timeOf } from "./i18n.js";
import { icon } from "./icons.js";
import { $, element, paintAvatar, write } from "./view.js";

const CLOSE_TOGETHER = 120_000;
const NEAR_THE_END = 80;
const LOOKS = { sending: ["clock", "sending"], failed: ["alert", "notSent"], sent: ["check", "delivered"], read: ["check-twice", "read"] };

export class TalkView {
  #contact = null;
  #rows = new Map();
  #drafts = new Map();

  paint({ presence, chat, chosen, connected }) {
    $("empty").hidden = Boolean(chosen);
    $("conversation").hidden = !chosen;
    this.#turnTo(chosen);
    if (!chosen) return;
    const name = presence.nameOf(chosen);
    const word = presence.wordOf(chosen);
    paintAvatar($("peer-avatar"), name, word);
    write($("peer-name"), name);
    write($("peer-state"), t(word));
    $("peer-state").dataset.presence = word;
    for (const id of ["audio-call", "video-call"]) $(id).disabled = word === "offline" || !connected;
    $("send").disabled = !connected;
    const { messages } = chat.of(chosen);
    write($("nothing"), messages.length ? "" : t("noMessages", { name }));
    this.#paintMessages(messages, chat.isTyping(chosen) ? t("typing", { name }) : "");
  }

  // After a change of language, everything that was written once is written again.
  forget() {
    this.#rows.clear();
    $("messages").replaceChildren();
  }

  #turnTo(contact) {
    if (contact === this.#contact) return;
    if (this.#contact) this.#drafts.set(this.#contact, $("text").value);
    this.#contact = contact;
    $("text").value = this.#drafts.get(contact) ?? "";
    this.forget();
  }

  #paintMessages(messages, typing) {
    const scroll = $("scroll");
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_THE_END;
    const last = messages.at(-1);
    const isNews = last && !this.#rows.has(last.ref);
    const wanted = [];
    let before = null;
    for (const message of messages) {
      const day = message.time.toDateString();
      if (before?.time.toDateString() !== day) wanted.push(this.#day(message.time, day));
      wanted.push(this.#bubble(message, before));
      before = message;
    }
    const list = $("messages");
    wanted.forEach((row, place) => {
      if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
    });
    while (list.children.length > wanted.length) list.lastChild.remove();
    this.#paintTyping(typing);
    if (atEnd || (isNews && last.mine)) scroll.scrollTop = scroll.scrollHeight;
  }

  #day(time, key) {
    if (!this.#rows.has(key)) this.#rows.set(key, element("li", "day", dayOf(time)));
    return this.#rows.get(key);
  }

  #bubble(message, before) {
    if (!this.#rows.has(message.ref)) {
      const row = element("li", message.mine ? "mine" : "", element("span", "text", message.text), element("span", "foot", element("time")));
      this.#rows.set(message.ref, row);
    }
    const row = this.#rows.get(message.ref);
    const follows = before && before.mine === message.mine && message.time - before.time < CLOSE_TOGETHER;
    row.classList.toggle("follows", Boolean(follows));
    const foot = row.querySelector(".foot");
    write(foot.querySelector("time"), timeOf(message.time));
    if (message.mine) this.#tick(row, foot, message.read ? "read" : message.state);
    return row;
  }

  #tick(row, foot, state) {
    if (row.dataset.state === state) return;
    row.dataset.state = state;
    const [look, word] = LOOKS[state];
    const tick = element("span", "tick", icon(look), element("span", "visually-hidden", t(word)));
    tick.title = t(word);
    foot.querySelector(".tick")?.remove();
    foot.append(tick);
  }

  #paintTyping(text) {
    const target = $("typing");
    if (target.dataset.text === text) return;
    target.dataset.text = text;
    const dots = element("span", "dots", element("i"), element("i"), element("i"));
    target.replaceChildren(...(text ? [dots, element("span", "visually-hidden", text)] : []));
  }
}

export function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
