// Audio and video calls by WebRTC; the server passes offers, answers and candidates on.

const CANDIDATE = 2;
const CANDIDATES_END = 5;
const CONNECTED = 32;
const DROP = { normal: 0, busy: 1, cancel: 2, reject: 16 };
const OUTCOMES = { [DROP.busy]: "theyAreBusy", [DROP.reject]: "declined" };
const RINGS_FOR = 60_000;
const MEDIA = { audio: true, video: { width: { ideal: 1280 }, height: { ideal: 720 } } };

async function media(video) {
  if (!navigator.mediaDevices) throw new Error("no secure context");
  try {
    return await navigator.mediaDevices.getUserMedia(video ? MEDIA : { audio: true });
  } catch (error) {
    if (!video) throw error;
    return navigator.mediaDevices.getUserMedia({ audio: true });
  }
}

export class Call extends EventTarget {
  #rose;
  #own;
  #peer = null;
  #id = null;
  #ownEndpoint = null;
  #peerEndpoint = null;
  #received = [];
  #toSend = [];
  #patience;
  #offer = "";
  #configuration;
  local = null;
  remote = new MediaStream();
  state = "new";
  // The push that has woken this client for it, if one has.
  push = null;
  outcome = "";

  // `configuration` tells how to connect, when it comes to that.
  constructor(rose, own, contact, video, configuration) {
    super();
    this.#configuration = configuration;
    this.#rose = rose;
    this.#own = own;
    this.contact = contact;
    this.video = video;
    this.outgoing = true;
  }

  get id() {
    return this.#id;
  }

  get peer() {
    return this.#peer;
  }

  async make() {
    this.#become("calling");
    await this.#prepare();
    const offer = await this.#peer.createOffer();
    await this.#peer.setLocalDescription(offer);
    const argument = { callType: this.video ? 0 : 1, u8sUriFrom: this.#own, u8sUriTo: this.contact, u8sContentType: "application/sdp", u8sBody: offer.sdp };
    const { callAndConnectionID } = await this.#rose.call("asnAVMakeCallV2", argument, 1505);
    this.#id = callAndConnectionID.u8sCallID;
    this.#ownEndpoint = callAndConnectionID.u8sEndpointID;
    if (this.state === "ended") this.#tellDrop("cancel");
    else this.#patience = setTimeout(() => this.drop("cancel", "noAnswer"), RINGS_FOR);
  }

  ring(offer) {
    this.outgoing = false;
    this.#id = offer.callAndConnectionID.u8sCallID;
    this.#ownEndpoint = offer.callAndConnectionID.u8sEndpointID;
    this.#peerEndpoint = offer.endpointIDFrom;
    this.#offer = offer.u8sBody;
    this.#rose.event("asnAVAlertV2", { ...this.#address(), u8sContentType: "", u8sBody: "" }, 1575);
    this.#become("incoming");
  }

  async accept() {
    this.#become("connecting");
    await this.#prepare();
    await this.#peer.setRemoteDescription({ type: "offer", sdp: this.#offer });
    const answer = await this.#peer.createAnswer();
    await this.#peer.setLocalDescription(answer);
    const argument = {
      u8sCallID: this.#id, endpointIDTo: this.#peerEndpoint, connectedEndPointID: this.#ownEndpoint, callType: this.video ? 0 : 1,
      u8sUriTo: this.contact, u8sContentType: "application/sdp", u8sBody: answer.sdp,
    };
    this.#rose.event("asnAVConnectV2", argument, 1574);
    await this.#flush();
  }

  drop(why = "normal", outcome = "ended") {
    if (this.state === "ended") return;
    if (this.#id) this.#tellDrop(why);
    this.#end(outcome);
  }

  // What the server passes on ---------------------------------------------------------------

  alerted(argument) {
    this.#peerEndpoint ??= argument.endpointIDFrom;
    if (this.state === "calling") this.#become("ringing");
    this.#sendCandidates();
  }

  async connected(argument) {
    clearTimeout(this.#patience);
    this.#peerEndpoint = argument.connectedEndPointID;
    this.#become("connecting");
    await this.#peer.setRemoteDescription({ type: "answer", sdp: argument.u8sBody });
    this.#sendCandidates();
    await this.#flush();
    const state = { ...this.#address(), callState: CONNECTED, u8sUriFrom: this.#own, parties: [] };
    this.#rose.event("asnAVCallStateChanged", state, 1551);
  }

  async message(argument) {
    if (argument.messageType !== CANDIDATE || !argument.iceCandidate) return;
    this.#received.push(argument.iceCandidate);
    await this.#flush();
  }

  dropped({ iAvDropReason }) {
    if (this.state === "ended") return;
    const neverAnswered = this.state === "calling" || this.state === "ringing";
    this.#end(OUTCOMES[iAvDropReason] ?? (neverAnswered ? "noAnswer" : "ended"));
  }

  // Returns whether this kind of media is off now.
  toggle(kind) {
    const [track] = (kind === "audio" ? this.local?.getAudioTracks() : this.local?.getVideoTracks()) ?? [];
    if (track) track.enabled = !track.enabled;
    return track ? !track.enabled : false;
  }

  // Inside ----------------------------------------------------------------------------------

  async #prepare() {
    const configuration = this.#configuration();
    const local = await media(this.video);
    this.local = local;
    if (this.state === "ended") {
      this.#release();
      throw new Error("ended");
    }
    this.video = local.getVideoTracks().length > 0;
    this.#peer = new RTCPeerConnection(configuration);
    for (const track of local.getTracks()) this.#peer.addTrack(track, local);
    if (!this.video && this.outgoing) this.#peer.addTransceiver("video", { direction: "recvonly" });
    this.#peer.onicecandidate = ({ candidate }) => {
      this.#toSend.push(candidate);
      this.#sendCandidates();
    };
    this.#peer.ontrack = ({ track }) => {
      this.remote.addTrack(track);
      track.onunmute = () => this.dispatchEvent(new Event("media"));
      this.dispatchEvent(new Event("media"));
    };
    this.#peer.onconnectionstatechange = () => this.#transported();
    this.dispatchEvent(new Event("media"));
  }

  #transported() {
    const state = this.#peer.connectionState;
    if (state === "connected") this.#become("connected");
    if (state === "disconnected") this.#become("wavering");
    if (state === "failed") this.drop("normal", "mediaFailed");
  }

  #sendCandidates() {
    // Before the other side has alerted or answered, there is no endpoint to send them to.
    while (this.#peerEndpoint && this.#id && this.#toSend.length) {
      const candidate = this.#toSend.shift();
      const argument = { ...this.#address(), messageType: candidate ? CANDIDATE : CANDIDATES_END };
      if (candidate) argument.iceCandidate = { candidate: candidate.candidate, sdpMid: candidate.sdpMid ?? "", sdpMLineIndex: candidate.sdpMLineIndex ?? 0 };
      this.#rose.event("asnAVCallMessageV2", argument, 1573);
    }
  }

  async #flush() {
    if (!this.#peer?.remoteDescription) return;
    for (const candidate of this.#received.splice(0)) await this.#peer.addIceCandidate(candidate).catch(() => {});
  }

  #tellDrop(why) {
    this.#rose.event("asnAVDropCall", { dropTarget: { u8sCallID: this.#id }, u8sCause: "", iAvDropReason: DROP[why] }, 1501);
  }

  #address() {
    return { u8sCallID: this.#id, endpointIDTo: this.#peerEndpoint, endpointIDFrom: this.#ownEndpoint, u8sUriTo: this.contact };
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  #release() {
    for (const track of this.local?.getTracks() ?? []) track.stop();
    this.#peer?.close();
  }

  #end(outcome) {
    clearTimeout(this.#patience);
    this.#release();
    this.outcome = outcome;
    this.#become("ended");
  }
}
