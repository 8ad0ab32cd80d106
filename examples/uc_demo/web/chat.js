// Conversations with each contact: what was said, what is unread, who is typing.

const TYPING_LASTS = 30_000;
const TYPING_REFRESH = 20_000;

export class Chat extends EventTarget {
  #rose = null;
  #own = "";
  #lastTransaction = 0;
  #conversations = new Map();
  #told = 0;

  async follow(rose, own) {
    this.#rose = rose;
    this.#own = own;
    rose.addEventListener("asnChatEvent", ({ argument }) => {
      for (const event of argument.asnChatEventList ?? []) this.#take(event);
    });
    rose.addEventListener("asnChatUserStatus", ({ argument }) => {
      this.of(argument.u8sSenderURI).typingUntil = argument.bUserTyping ? Date.now() + TYPING_LASTS : 0;
      this.dispatchEvent(new Event("typing"));
    });
    const subscribed = { bReceiveChatEvents: true, iLastKnownGlobTransactionID: this.#lastTransaction };
    await rose.call("asnChatSubscribeEvents", subscribed, 1410);
  }

  of(contact) {
    if (!this.#conversations.has(contact)) this.#conversations.set(contact, { id: null, messages: [], unread: 0, typingUntil: 0 });
    return this.#conversations.get(contact);
  }

  isTyping(contact) {
    return this.of(contact).typingUntil > Date.now();
  }

  async send(contact, text) {
    const conversation = this.of(contact);
    const message = { ref: crypto.randomUUID?.() ?? String(Math.random()), text, mine: true, time: new Date(), failed: false };
    conversation.messages.push(message);
    this.dispatchEvent(new Event("changed"));
    try {
      const argument = { u8sRecipientURIs: [contact], u8sMessage: text, u8sEventCrossRefID: message.ref, iConversationType: 1 };
      const answer = await this.#rose.call("asnChatTextMessage", argument, 1420);
      conversation.id = answer.u8sConversationID || conversation.id;
      message.failed = answer.iResult !== 0;
    } catch {
      message.failed = true;
    }
    this.#told = 0;
    this.dispatchEvent(new Event("changed"));
  }

  typing(contact) {
    const { id } = this.of(contact);
    if (!id || Date.now() - this.#told < TYPING_REFRESH) return;
    this.#told = Date.now();
    this.#rose?.event("asnChatUserStatus", { u8sConversationID: id, u8sSenderURI: this.#own, bUserTyping: true }, 1441);
  }

  #take(event) {
    this.#lastTransaction = Math.max(this.#lastTransaction, event.iGlobTransactionID ?? 0);
    const mine = event.u8sSenderURI === this.#own;
    const contact = mine ? event.optionalParams?.recipient : event.u8sSenderURI;
    if (!contact) return;
    const conversation = this.of(contact);
    conversation.id = event.u8sConversationID;
    conversation.typingUntil = 0;
    if (conversation.messages.some((message) => message.ref === event.u8sEventCrossRefID)) return;
    const time = new Date(event.asnCreateTime ?? Date.now());
    conversation.messages.push({ ref: event.u8sEventCrossRefID, text: event.asnChatMessage?.u8sMessage ?? "", mine, time, failed: false });
    if (!mine) conversation.unread += 1;
    this.dispatchEvent(new Event("changed"));
  }
}
