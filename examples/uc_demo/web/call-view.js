// Shows calls: the ringing dialogue, the call itself.

import { Call } from "./call.js";
import { CallStats } from "./call-stats.js";
import { number, t } from "./i18n.js";
import { Ringer } from "./ringer.js";
import { $, element, lasted, paintAvatar, paintButton, write } from "./view.js";

const LINGERS = 2200;

export class CallView extends EventTarget {
  #rose = null;
  #own = "";
  #nameOf;
  #configuration;
  #connectedAt = 0;
  #stats = null;
  #ringer = new Ringer();
  #focusBefore = null;
  call = null;

  constructor(nameOf, configuration) {
    super();
    this.#nameOf = nameOf;
    this.#configuration = configuration;
    $("accept").onclick = () => this.#accept();
    $("decline").onclick = () => this.call?.drop("reject");
    $("ringing").oncancel = (event) => {
      event.preventDefault();
      this.call?.drop("reject");
    };
    $("hangup").onclick = () => this.call?.drop(this.#connectedAt ? "normal" : "cancel");
    $("mute").onclick = () => this.#toggle("mute", "audio");
    $("camera").onclick = () => this.#toggle("camera", "video");
    $("call-details").onclick = () => this.#showFacts($("call-facts").hidden);
    setInterval(() => this.#tick(), 1000);
  }

  translate() {
    paintButton("accept", "phone", t("accept"));
    paintButton("decline", "hangup", t("decline"));
    paintButton("hangup", "hangup", t("hangup"));
    paintButton("call-details", "pulse", t("details"));
    this.#paintToggles();
  }

  follow(rose, own) {
    this.#rose = rose;
    this.#own = own;
    const about = (operation, act) => rose.addEventListener(operation, ({ argument }) => {
      if (this.call && argument.u8sCallID === this.call.id) act(this.call, argument);
    });
    rose.addEventListener("asnAVNewCallV2", ({ argument }) => this.#offered(argument));
    about("asnAVAlertV2", (call, argument) => call.alerted(argument));
    about("asnAVConnectV2", (call, argument) => this.#attempt(() => call.connected(argument)));
    about("asnAVCallMessageV2", (call, argument) => call.message(argument));
    rose.addEventListener("asnAVDropCall", ({ argument }) => {
      const target = argument.dropTarget?.connectionID ?? argument.dropTarget;
      if (this.call && target?.u8sCallID === this.call.id) this.call.dropped(argument);
    });
    rose.addEventListener("close", () => this.call?.drop("normal", "lostWay"));
  }

  async make(contact, video) {
    if (this.call) return;
    this.#begin(new Call(this.#rose, this.#own, contact, video, this.#configuration));
    await this.#attempt(() => this.call.make());
  }

  // Figures of the running call, null without one.
  async stats() {
    return this.call?.peer ? this.#stats.look(this.call.peer) : null;
  }

  async #accept() {
    const { call } = this;
    await this.#attempt(() => call.accept());
    if (call.push && call.state !== "ended") this.dispatchEvent(Object.assign(new Event("answered"), { push: call.push }));
  }

  #offered(argument) {
    const call = new Call(this.#rose, this.#own, argument.u8sUriFrom, argument.callType !== 1, this.#configuration);
    if (this.call) {
      call.ring(argument);
      call.drop("busy");
      return;
    }
    this.#begin(call);
    call.ring(argument);
  }

  async #attempt(act) {
    const { call } = this;
    try {
      await act();
    } catch (error) {
      call.failure = error.told ?? (error.kind ? t("unreachable") : t("noMedia", { why: error.message }));
      call.drop("cancel");
    }
  }

  #begin(call) {
    this.call = call;
    this.#connectedAt = 0;
    this.#stats = new CallStats();
    this.#focusBefore = document.activeElement;
    call.addEventListener("state", () => this.#paint(call));
    call.addEventListener("media", () => this.#attach(call));
    this.#attach(call);
    for (const id of ["mute", "camera"]) $(id).setAttribute("aria-pressed", "false");
    this.#paintToggles();
    this.#showFacts(false);
  }

  #attach(call) {
    for (const [id, stream] of [["own", call.local], ["remote", call.remote]]) {
      if ($(id).srcObject !== stream) $(id).srcObject = stream;
    }
    const sends = Boolean(call.local?.getVideoTracks().length);
    $("own").hidden = !sends;
    $("camera").hidden = !sends;
    $("call").classList.toggle("with-video", call.remote.getVideoTracks().some((track) => !track.muted));
  }

  #paint(call) {
    const name = this.#nameOf(call.contact);
    const isIncoming = call.state === "incoming";
    if (isIncoming) this.#ring(call, name);
    else $("ringing").close();
    this.#ringer.play({ incoming: "ring", ringing: "ringback" }[call.state]);
    if (call.state === "connected") this.#connectedAt ||= Date.now();
    $("call").classList.toggle("connected", this.#connectedAt > 0 && call.state !== "ended");
    $("call").classList.toggle("over", call.state === "ended");
    paintAvatar($("call-avatar"), name);
    write($("call-name"), name);
    if (call.state === "ended") this.#over(call);
    else this.#show(!isIncoming && call.state !== "new");
    this.#tick();
  }

  #ring(call, name) {
    paintAvatar($("ringing-avatar"), name);
    write($("ringing-name"), name);
    write($("ringing-kind"), t(call.video ? "incomingVideo" : "incomingAudio"));
    if ($("ringing").open) return;
    $("ringing").showModal();
    // On neither button: whoever is just typing shall not answer by accident.
    $("ringing").focus();
  }

  #show(shown) {
    if ($("call").hidden === !shown) return;
    $("call").hidden = !shown;
    // Nobody tabs into what lies behind the call.
    $("app").inert = shown;
    if (shown) $("hangup").focus();
    else this.#focusBefore?.focus?.();
  }

  #over(call) {
    write($("call-state"), call.failure ?? t(call.outcome));
    $("own").srcObject = null;
    $("remote").srcObject = null;
    $("own").hidden = true;
    $("call").classList.remove("with-video");
    this.#showFacts(false);
    this.call = null;
    // A call that was declined while it rang never covered the page.
    setTimeout(() => {
      if (!this.call) this.#show(false);
    }, call.failure ? 2 * LINGERS : LINGERS);
  }

  #toggle(id, kind) {
    const isOff = this.call?.toggle(kind) ?? false;
    $(id).setAttribute("aria-pressed", String(isOff));
    this.#paintToggles();
  }

  #paintToggles() {
    const muted = $("mute").getAttribute("aria-pressed") === "true";
    const dark = $("camera").getAttribute("aria-pressed") === "true";
    paintButton("mute", muted ? "mic-off" : "mic", t(muted ? "unmute" : "mute"));
    paintButton("camera", dark ? "video-off" : "video", t(dark ? "cameraOn" : "cameraOff"));
    $("own").classList.toggle("dark", dark);
  }

  async #tick() {
    const { call } = this;
    if (!call) return;
    const time = this.#connectedAt ? lasted(Date.now() - this.#connectedAt) : "";
    write($("call-state"), call.state === "connected" ? time : t(call.state));
    if (!$("call-facts").hidden) this.#paintFacts(await this.stats());
  }

  #showFacts(shown) {
    $("call-facts").hidden = !shown;
    $("call-details").setAttribute("aria-expanded", String(shown));
    if (shown) this.#tick();
  }

  #paintFacts(facts) {
    if (!facts) return;
    const rate = (value) => (value === null ? "–" : t("kbit", { value: number(value) }));
    const ms = (value) => (value === null ? "–" : t("ms", { value: number(value, 1) }));
    const rows = [
      ["sPath", facts.path ? t("pathFacts", facts.path) : "–"],
      ...(facts.path?.server ? [["sRelay", facts.path.server]] : []),
      ["sVideo", facts.width ? t("videoFacts", { ...facts, frames: number(facts.frames), perSecond: number(facts.perSecond) }) : "–"],
      ["sSent", t("sentFacts", { frames: number(facts.framesSent) })],
      ["sPackets", t("packetFacts", { packets: number(facts.packets), lost: number(facts.lost) })],
      ["sRates", `${rate(facts.receivedRate)} / ${rate(facts.sentRate)}`],
      ["sRound", ms(facts.roundTrip)],
      ["sSignalling", ms(this.#rose.roundTrip)],
    ];
    $("call-facts").replaceChildren(...rows.map(([key, value]) => element("div", "", element("dt", "", t(key)), element("dd", "", value))));
  }
}
