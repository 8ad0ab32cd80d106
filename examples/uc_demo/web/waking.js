// A page that a push has opened: its user logs on by the token of this browser, and sees what the push is about.

import { t } from "./i18n.js";
import { phoneOf } from "./push.js";
import { Session } from "./session.js";
import { $, paintAvatar, write } from "./view.js";
import { woken } from "./woken.js";

const CALL = "avnewcall";

export class Waking {
  #wake = null;

  // Returns at once where no push has opened the page; `enter` logs on by a session.
  async begin(enter) {
    this.#wake = await woken();
    if (!this.#wake) return;
    const { account, content, kind } = this.#wake;
    if (!account) return this.#askToLogIn(t("wakeUnknown"));
    this.#show(content.name, t(kind === CALL ? "isCalling" : "hasWritten"));
    try {
      await enter(new Session(account, "", phoneOf(account).logOn));
    } catch {
      $("user").value = account;
      this.#askToLogIn(t("wakeLogIn", { name: content.name }));
    }
  }

  // Everything is there now, also a call that still rings. Returns whose conversation to open, and who was missed.
  arrived(call) {
    const { kind, content, push } = this.#wake ?? {};
    this.#wake = null;
    if (!content) return {};
    if (kind !== CALL) return { contact: content.from };
    if (call?.id !== content.call) return { missed: content.name };
    call.push = push;
    return {};
  }

  #show(name, what) {
    paintAvatar($("waking-avatar"), name);
    write($("waking-name"), name);
    write($("waking-what"), what);
    $("waking").hidden = false;
    $("login-form").hidden = true;
  }

  #askToLogIn(why) {
    $("waking").hidden = true;
    $("login-form").hidden = false;
    write($("login-error"), why);
    $($("user").value ? "password" : "user").focus();
  }
}
