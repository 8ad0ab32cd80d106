// The list of contacts: who is there, what was said last, what is unread.

import { t } from "./i18n.js";
import { $, element, paintAvatar, write } from "./view.js";

export class ContactsView {
  #rows = new Map();
  #choose;

  constructor(choose) {
    this.#choose = choose;
  }

  paint({ presence, chat, own, chosen }) {
    const others = [...presence.contacts.values()].filter((contact) => contact.id !== own);
    others.sort((one, other) => one.name.localeCompare(other.name));
    for (const [id, row] of this.#rows) {
      if (!presence.contacts.has(id)) {
        row.item.remove();
        this.#rows.delete(id);
      }
    }
    others.forEach((contact, place) => {
      const row = this.#rowOf(contact.id);
      if ($("contacts").children[place] !== row.item) $("contacts").insertBefore(row.item, $("contacts").children[place] ?? null);
      this.#paintRow(row, contact, presence, chat, chosen);
    });
  }

  #rowOf(id) {
    if (!this.#rows.has(id)) {
      const avatar = element("span", "avatar");
      const name = element("strong");
      const last = element("span", "last");
      const unread = element("span", "unread");
      const button = element("button", "", avatar, element("span", "grow", name, last), unread);
      button.dataset.contact = id;
      button.onclick = () => this.#choose(id);
      this.#rows.set(id, { item: element("li", "", button), button, avatar, name, last, unread });
    }
    return this.#rows.get(id);
  }

  #paintRow(row, contact, presence, chat, chosen) {
    const word = presence.wordOf(contact.id);
    const message = chat.of(contact.id).messages.at(-1);
    const isTyping = chat.isTyping(contact.id);
    const said = message?.mine ? t("you", { text: message.text }) : message?.text;
    const count = chat.unread(contact.id);
    paintAvatar(row.avatar, contact.name, word);
    write(row.name, contact.name);
    write(row.last, isTyping ? t("typing", { name: contact.name }) : said ?? t(word));
    row.last.classList.toggle("live", isTyping);
    write(row.unread, count ? String(count) : "");
    row.unread.hidden = !count;
    row.button.classList.toggle("news", count > 0);
    row.button.dataset.presence = word;
    const unread = count ? `, ${t("unreadCount", { count })}` : "";
    row.button.setAttribute("aria-label", `${contact.name}, ${t(word)}${unread}`);
    if (contact.id === chosen) row.button.setAttribute("aria-current", "true");
    else row.button.removeAttribute("aria-current");
  }
}
