// Shows calls: the ringing dialogue, the call itself.

import { Call } from "./call.js";
import { t } from "./i18n.js";
import { $, lasted, paintAvatar, paintButton } from "./view.js";

const LINGERS = 1800;

export class CallView {
  #rose = null;
  #own = "";
  #nameOf;
  #connectedAt = 0;
  call = null;

  constructor(nameOf) {
    this.#nameOf = nameOf;
    $("accept").onclick = () => this.#accept();
    $("decline").onclick = () => this.call?.drop("reject");
    $("ringing").oncancel = (event) => {
      event.preventDefault();
      this.call?.drop("reject");
    };
    $("hangup").onclick = () => this.call?.drop(this.call.state === "connected" ? "normal" : "cancel");
    $("mute").onclick = () => $("mute").setAttribute("aria-pressed", String(this.call?.toggle("audio") ?? false));
    $("camera").onclick = () => $("camera").setAttribute("aria-pressed", String(this.call?.toggle("video") ?? false));
    setInterval(() => this.#paintTime(), 1000);
  }

  translate() {
    paintButton("accept", "phone", t("accept"));
    paintButton("decline", "hangup", t("decline"));
    paintButton("hangup", "hangup", t("hangup"));
    paintButton("mute", "mic", t("mute"));
    paintButton("camera", "video", t("camera"));
  }

  follow(rose, own) {
    this.#rose = rose;
    this.#own = own;
    const about = (operation, act) => rose.addEventListener(operation, ({ argument }) => {
      if (this.call && argument.u8sCallID === this.call.id) act(this.call, argument);
    });
    rose.addEventListener("asnAVNewCallV2", ({ argument }) => this.#offered(argument));
    about("asnAVAlertV2", (call, argument) => call.alerted(argument));
    about("asnAVConnectV2", (call, argument) => call.connected(argument));
    about("asnAVCallMessageV2", (call, argument) => call.message(argument));
    rose.addEventListener("asnAVDropCall", ({ argument }) => {
      const target = argument.dropTarget?.connectionID ?? argument.dropTarget;
      if (this.call && target?.u8sCallID === this.call.id) this.call.dropped(argument);
    });
    rose.addEventListener("close", () => this.call?.drop());
  }

  async make(contact, video) {
    if (this.call) return;
    this.#begin(new Call(this.#rose, this.#own, contact, video));
    await this.#attempt(() => this.call.make());
  }

  #offered(argument) {
    const call = new Call(this.#rose, this.#own, argument.u8sUriFrom, argument.callType !== 1);
    if (this.call) {
      call.ring(argument);
      call.drop("busy");
      return;
    }
    this.#begin(call);
    call.ring(argument);
  }

  #accept() {
    return this.#attempt(() => this.call.accept());
  }

  async #attempt(act) {
    const call = this.call;
    try {
      await act();
    } catch (error) {
      const why = error.name === "RoseError" || error.kind ? t("unreachable") : t("noMedia", { why: error.message });
      call.failure = why;
      call.drop("cancel");
    }
  }

  #begin(call) {
    this.call = call;
    this.#connectedAt = 0;
    call.addEventListener("state", () => this.#paint(call));
    call.addEventListener("media", () => this.#attach(call));
    for (const id of ["mute", "camera"]) $(id).setAttribute("aria-pressed", "false");
  }

  #attach(call) {
    if ($("own").srcObject !== call.local) $("own").srcObject = call.local;
    if ($("remote").srcObject !== call.remote) $("remote").srcObject = call.remote;
    $("own").hidden = !call.video;
    $("call").classList.toggle("with-video", call.remote.getVideoTracks().length > 0);
  }

  #paint(call) {
    const name = this.#nameOf(call.contact);
    const incoming = call.state === "incoming";
    if (incoming) {
      paintAvatar($("ringing-avatar"), name);
      $("ringing-name").textContent = name;
      $("ringing-kind").textContent = t(call.video ? "incomingVideo" : "incomingAudio");
      $("ringing").showModal();
    } else $("ringing").close();
    $("call").hidden = incoming || call.state === "new";
    $("call").classList.toggle("connected", call.state === "connected");
    paintAvatar($("call-avatar"), name);
    $("call-name").textContent = name;
    if (call.state === "connected") this.#connectedAt ||= Date.now();
    if (call.state === "ended") this.#over(call);
    else $("call-state").textContent = t(call.state === "connected" ? "" : call.state);
    this.#paintTime();
  }

  #over(call) {
    $("call-state").textContent = call.failure ?? t(call.outcome);
    $("own").srcObject = null;
    $("remote").srcObject = null;
    $("call").classList.remove("with-video");
    this.call = null;
    setTimeout(() => {
      if (!this.call) $("call").hidden = true;
    }, call.failure ? 2 * LINGERS : LINGERS);
  }

  #paintTime() {
    $("call-status").textContent = this.call && this.#connectedAt ? lasted(Date.now() - this.#connectedAt) : "";
  }
}
