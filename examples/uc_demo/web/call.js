// Audio and video calls by WebRTC; the server passes offers, answers and candidates on.

const CANDIDATE = 2;
const CANDIDATES_END = 5;
const DROP = { normal: 0, busy: 1, cancel: 2, reject: 16 };
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
  #waiting = [];
  #toSend = [];
  local = null;
  remote = new MediaStream();
  state = "new";

  constructor(rose, own, contact, video) {
    super();
    this.#rose = rose;
    this.#own = own;
    this.contact = contact;
    this.video = video;
  }

  get id() {
    return this.#id;
  }

  async make() {
    await this.#prepare();
    this.#become("calling");
    const offer = await this.#peer.createOffer();
    await this.#peer.setLocalDescription(offer);
    const argument = { callType: this.video ? 0 : 1, u8sUriFrom: this.#own, u8sUriTo: this.contact, u8sContentType: "application/sdp", u8sBody: offer.sdp };
    const { callAndConnectionID } = await this.#rose.call("asnAVMakeCallV2", argument, 1505);
    this.#id = callAndConnectionID.u8sCallID;
    this.#ownEndpoint = callAndConnectionID.u8sEndpointID;
  }

  ring(offer) {
    this.#id = offer.callAndConnectionID.u8sCallID;
    this.#ownEndpoint = offer.callAndConnectionID.u8sEndpointID;
    this.#peerEndpoint = offer.endpointIDFrom;
    this.offer = offer.u8sBody;
    const alert = { ...this.#address(), u8sContentType: "", u8sBody: "" };
    this.#rose.event("asnAVAlertV2", alert, 1575);
    this.#become("incoming");
  }

  async accept() {
    await this.#prepare();
    this.#become("connecting");
    await this.#peer.setRemoteDescription({ type: "offer", sdp: this.offer });
    const answer = await this.#peer.createAnswer();
    await this.#peer.setLocalDescription(answer);
    const argument = {
      u8sCallID: this.#id, endpointIDTo: this.#peerEndpoint, connectedEndPointID: this.#ownEndpoint, callType: this.video ? 0 : 1,
      u8sUriTo: this.contact, u8sContentType: "application/sdp", u8sBody: answer.sdp,
    };
    this.#rose.event("asnAVConnectV2", argument, 1574);
    await this.#flush();
  }

  drop(why = "normal") {
    if (this.state === "ended") return;
    if (this.#id) {
      const argument = { dropTarget: { u8sCallID: this.#id }, u8sCause: "", iAvDropReason: DROP[why] };
      this.#rose.event("asnAVDropCall", argument, 1501);
    }
    this.#end("ended");
  }

  // What the server passes on ---------------------------------------------------------------

  alerted(argument) {
    this.#peerEndpoint = argument.endpointIDFrom;
    this.#become("ringing");
    this.#sendCandidates();
  }

  async connected(argument) {
    this.#peerEndpoint = argument.connectedEndPointID;
    this.#become("connecting");
    await this.#peer.setRemoteDescription({ type: "answer", sdp: argument.u8sBody });
    this.#sendCandidates();
    await this.#flush();
  }

  async message(argument) {
    if (argument.messageType !== CANDIDATE || !argument.iceCandidate) return;
    this.#waiting.push(argument.iceCandidate);
    await this.#flush();
  }

  dropped(argument) {
    this.#end(argument.iAvDropReason === DROP.reject || argument.iAvDropReason === DROP.busy ? "declined" : "ended");
  }

  toggle(kind) {
    const [track] = (kind === "audio" ? this.local?.getAudioTracks() : this.local?.getVideoTracks()) ?? [];
    if (track) track.enabled = !track.enabled;
    return track ? !track.enabled : false;
  }

  async stats() {
    const facts = { frames: 0, packets: 0, path: null };
    if (!this.#peer) return facts;
    const report = await this.#peer.getStats();
    let pair = null;
    for (const entry of report.values()) {
      if (entry.type === "inbound-rtp") {
        facts.packets += entry.packetsReceived ?? 0;
        if (entry.kind === "video") facts.frames += entry.framesDecoded ?? entry.framesReceived ?? 0;
      }
      if (entry.type === "transport" && entry.selectedCandidatePairId) pair = report.get(entry.selectedCandidatePairId);
    }
    const local = pair && report.get(pair.localCandidateId);
    const remote = pair && report.get(pair.remoteCandidateId);
    if (local && remote) facts.path = `${local.candidateType} → ${remote.candidateType} (${local.relayProtocol ?? local.protocol})`;
    return facts;
  }

  // Inside ----------------------------------------------------------------------------------

  async #prepare() {
    this.local = await media(this.video);
    this.video = this.local.getVideoTracks().length > 0;
    const { iceServers } = await this.#rose.call("asnAVGetIceServers", {}, 1558);
    this.#peer = new RTCPeerConnection({ iceServers });
    for (const track of this.local.getTracks()) this.#peer.addTrack(track, this.local);
    if (!this.video) this.#peer.addTransceiver("video", { direction: "recvonly" });
    this.#peer.onicecandidate = ({ candidate }) => {
      this.#toSend.push(candidate);
      this.#sendCandidates();
    };
    this.#peer.ontrack = ({ track }) => {
      this.remote.addTrack(track);
      this.dispatchEvent(new Event("media"));
    };
    this.#peer.onconnectionstatechange = () => {
      if (this.#peer.connectionState === "connected") this.#become("connected");
      if (this.#peer.connectionState === "failed") this.drop();
    };
    this.dispatchEvent(new Event("media"));
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
    for (const candidate of this.#waiting.splice(0)) await this.#peer.addIceCandidate(candidate).catch(() => {});
  }

  #address() {
    return { u8sCallID: this.#id, endpointIDTo: this.#peerEndpoint, endpointIDFrom: this.#ownEndpoint, u8sUriTo: this.contact };
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  #end(state) {
    for (const track of this.local?.getTracks() ?? []) track.stop();
    this.#peer?.close();
    this.outcome = state;
    this.#become("ended");
  }
}
