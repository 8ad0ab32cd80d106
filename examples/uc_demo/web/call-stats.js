// What WebRTC says of a call: its path and how well media flows, by two looks at getStats.

const sum = (entries, member) => entries.reduce((total, entry) => total + (entry[member] ?? 0), 0);

export class CallStats {
  #before = null;

  async look(peer) {
    const entries = [...(await peer.getStats()).values()];
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    const inbound = entries.filter((entry) => entry.type === "inbound-rtp");
    const outbound = entries.filter((entry) => entry.type === "outbound-rtp");
    const isVideo = (entry) => entry.kind === "video";
    const video = inbound.filter(isVideo);
    const transport = entries.find((entry) => entry.type === "transport" && entry.selectedCandidatePairId);
    const pair = byId.get(transport?.selectedCandidatePairId);
    const now = { at: performance.now(), received: sum(inbound, "bytesReceived"), sent: sum(outbound, "bytesSent") };
    const seconds = this.#before ? (now.at - this.#before.at) / 1000 : 0;
    const rate = (member) => (seconds > 0.2 ? ((now[member] - this.#before[member]) * 8) / 1000 / seconds : null);
    const facts = {
      frames: sum(video, "framesDecoded"),
      framesSent: sum(outbound.filter(isVideo), "framesSent"),
      packets: sum(inbound, "packetsReceived"),
      lost: sum(inbound, "packetsLost"),
      width: video[0]?.frameWidth ?? 0,
      height: video[0]?.frameHeight ?? 0,
      perSecond: video[0]?.framesPerSecond ?? 0,
      receivedRate: rate("received"),
      sentRate: rate("sent"),
      roundTrip: pair?.currentRoundTripTime != null ? pair.currentRoundTripTime * 1000 : null,
      path: this.#path(byId.get(pair?.localCandidateId), byId.get(pair?.remoteCandidateId)),
    };
    if (!this.#before || seconds > 0.9) this.#before = now;
    return facts;
  }

  #path(local, remote) {
    if (!local || !remote) return null;
    return { from: local.candidateType, to: remote.candidateType, protocol: local.relayProtocol ?? local.protocol, server: local.url ?? "" };
  }
}
