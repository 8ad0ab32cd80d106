// Conversations with each contact: what was said, what was read, who is typing.

const TYPING_LASTS = 30_000;
const TYPING_REFRESH = 20_000;
const READ = 1;

// Outside secure contexts there is no randomUUID.
const freshId = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((octet) => octet.toString(16)).join("");
const orderOf = (message) => message.sequence ?? Infinity;

export class Chat extends EventTarget {
  #rose = null;
  #own = "";
  #database = "";
  #lastTransaction = 0;
  #conversations = new Map();
  #told = 0;

  async follow(rose, own) {
    this.#rose = rose;
    this.#own = own;
    rose.addEventListener("asnChatEvent", ({ argument }) => {
      for (const event of argument.asnChatEventList ?? []) this.#take(event);
      this.dispatchEvent(new Event("changed"));
    });
    rose.addEventListener("asnChatUserStatus", ({ argument }) => this.#typing(argument));
    const { u8sDatabaseID } = await rose.call("asnChatGetDatabaseID", {}, 1411);
    // Another database counts its transactions anew: then everything is asked for again.
    if (u8sDatabaseID !== this.#database) this.#lastTransaction = 0;
    this.#database = u8sDatabaseID;
    const subscribed = { bReceiveChatEvents: true, iLastKnownGlobTransactionID: this.#lastTransaction };
    await rose.call("asnChatSubscribeEvents", subscribed, 1410);
  }

  of(contact) {
    if (!this.#conversations.has(contact)) this.#conversations.set(contact, { id: null, messages: [], typingUntil: 0 });
    return this.#conversations.get(contact);
  }

  unread(contact) {
    return this.of(contact).messages.filter((message) => !message.mine && !message.read).length;
  }

  allUnread() {
    return [...this.#conversations.keys()].reduce((sum, contact) => sum + this.unread(contact), 0);
  }

  isTyping(contact) {
    return this.of(contact).typingUntil > Date.now();
  }

  // Returns whether there was anything new to read.
  read(contact) {
    const conversation = this.of(contact);
    const fresh = conversation.messages.filter((message) => !message.mine && !message.read);
    if (!fresh.length || !this.#rose) return false;
    for (const message of fresh) message.read = true;
    const argument = {
      u8sConversationID: conversation.id, iStatus: READ, u8sEventCrossRefID: freshId(),
      asnSequenceIDSet: { iLastSequenceID: fresh.at(-1).sequence },
    };
    this.#rose.call("asnChatSetMessagesStatus", argument, 1427).catch(() => {});
    return true;
  }

  async send(contact, text) {
    const conversation = this.of(contact);
    const message = { ref: freshId(), text, mine: true, time: new Date(), state: "sending", read: false };
    conversation.messages.push(message);
    this.#told = 0;
    this.dispatchEvent(new Event("changed"));
    try {
      const argument = { u8sRecipientURIs: [contact], u8sMessage: text, u8sEventCrossRefID: message.ref, iConversationType: 1 };
      const answer = await this.#rose.call("asnChatTextMessage", argument, 1420);
      conversation.id = answer.u8sConversationID || conversation.id;
      message.sequence ??= answer.iConvSequenceID;
      message.state = answer.iResult === 0 ? "sent" : "failed";
    } catch {
      if (message.state === "sending") message.state = "failed";
    }
    this.dispatchEvent(new Event("changed"));
  }

  typing(contact, isTyping) {
    const { id } = this.of(contact);
    if (!id || (isTyping ? Date.now() - this.#told < TYPING_REFRESH : !this.#told)) return;
    this.#told = isTyping ? Date.now() : 0;
    this.#rose?.event("asnChatUserStatus", { u8sConversationID: id, u8sSenderURI: this.#own, bUserTyping: isTyping }, 1441);
  }

  #typing({ u8sSenderURI, bUserTyping }) {
    this.of(u8sSenderURI).typingUntil = bUserTyping ? Date.now() + TYPING_LASTS : 0;
    setTimeout(() => this.dispatchEvent(new Event("changed")), TYPING_LASTS + 100);
    this.dispatchEvent(new Event("changed"));
  }

  #take(event) {
    this.#lastTransaction = Math.max(this.#lastTransaction, event.iGlobTransactionID ?? 0);
    const mine = event.u8sSenderURI === this.#own;
    const contact = mine ? event.optionalParams?.recipient : event.u8sSenderURI;
    if (!contact) return;
    const conversation = this.of(contact);
    conversation.id = event.u8sConversationID;
    const known = conversation.messages.find((message) => message.ref === event.u8sEventCrossRefID);
    const message = known ?? { ref: event.u8sEventCrossRefID, mine, read: false };
    message.text = event.asnChatMessage?.u8sMessage ?? message.text ?? "";
    message.time = new Date(event.asnCreateTime || Date.now());
    message.sequence = event.iConvSequenceID;
    message.state = "sent";
    message.read ||= Boolean(event.asnChatMessage?.bRead);
    if (known) return;
    if (!mine) conversation.typingUntil = 0;
    conversation.messages.push(message);
    conversation.messages.sort((one, other) => orderOf(one) - orderOf(other));
    if (!mine && !message.read) this.dispatchEvent(Object.assign(new Event("arrived"), { contact, message }));
  }
}
