// Which ways media can take from this browser: each kind of candidate is gathered by a connection of its own, relays carry data as well.

export const RELAYS = ["udp", "tcp", "tls"];
export const KINDS = ["host", "srflx", ...RELAYS];

const PATIENCE = 10_000; // Chromium gives an unanswered STUN request up after 9.5 s.
const ROUNDS = 15;
const URLS = { srflx: /^stuns?:/i, udp: /^turn:(?!.*transport=tcp)/i, tcp: /^turn:.*transport=tcp/i, tls: /^turns:(?!.*transport=udp)/i };

// One server for each address of this kind.
export function serversFor(kind, servers) {
  return servers.flatMap((server) => [server.urls].flat().filter((url) => URLS[kind].test(url)).map((url) => ({ ...server, urls: [url] })));
}

// What a connection needs to take this way and no other.
export const only = (kind, servers) => ({ iceServers: serversFor(kind, servers), iceTransportPolicy: "relay" });

const shown = ({ address, port }) => (address?.includes(":") ? `[${address}]:${port}` : `${address}:${port}`);

export async function gather(kind, server) {
  const isRelay = RELAYS.includes(kind);
  const wanted = isRelay ? "relay" : kind;
  const peer = new RTCPeerConnection({ iceServers: server ? [server] : [], iceTransportPolicy: isRelay ? "relay" : "all" });
  return new Promise((resolve) => {
    const started = performance.now();
    const failures = [];
    let hosts = 0;
    const finish = (state, facts = {}) => {
      clearTimeout(timer);
      peer.onicecandidate = peer.onicecandidateerror = peer.onicegatheringstatechange = null;
      peer.close();
      resolve({ kind, state, url: server?.urls[0] ?? "", ms: performance.now() - started, ...facts });
    };
    const fail = () => finish("failed", failures[0] ?? { code: 0, text: "" });
    const timer = setTimeout(fail, PATIENCE);
    peer.onicecandidate = ({ candidate }) => {
      if (candidate?.type === wanted) finish("ok", { address: shown(candidate) });
      else if (candidate?.type === "host" && candidate.protocol === "udp") hosts += 1;
    };
    peer.onicecandidateerror = ({ errorCode, errorText }) => failures.push({ code: errorCode, text: errorText });
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState !== "complete") return;
      // A browser keeps quiet of the address STUN shows it if that is one of its own: it was answered, and there is no NAT.
      if (kind === "srflx" && hosts > failures.length) finish("ok", { address: "" });
      else fail();
    };
    peer.createDataChannel("way");
    peer.setLocalDescription().catch((error) => finish("failed", { code: 0, text: error.message }));
  });
}

// Two connections that have nothing but this relay send each other data; the middle of the round trips in ms.
export async function loop(server) {
  const configuration = { iceServers: [server], iceTransportPolicy: "relay" };
  const peers = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)];
  const [near, far] = peers;
  let timer;
  try {
    return await Promise.race([
      roundTrips(near, far),
      new Promise((_, reject) => {
        timer = setTimeout(reject, PATIENCE, new Error("no data came through"));
      }),
    ]);
  } finally {
    clearTimeout(timer);
    for (const peer of peers) peer.close();
  }
}

async function roundTrips(near, far) {
  const channel = near.createDataChannel("way");
  far.ondatachannel = ({ channel: echo }) => {
    echo.onmessage = ({ data }) => echo.send(data);
  };
  const rounds = [];
  const measured = new Promise((resolve) => {
    const send = () => channel.send(String(performance.now()));
    channel.onopen = send;
    channel.onmessage = ({ data }) => {
      rounds.push(performance.now() - Number(data));
      if (rounds.length < ROUNDS) send();
      else resolve();
    };
  });
  await connect(near, far);
  await measured;
  return { round: rounds.sort((one, other) => one - other)[ROUNDS >> 1], protocols: await Promise.all([near, far].map(relayProtocol)) };
}

async function connect(near, far) {
  let described;
  const ready = new Promise((resolve) => {
    described = resolve;
  });
  for (const [from, to] of [[near, far], [far, near]]) {
    from.onicecandidate = async ({ candidate }) => {
      await ready;
      if (candidate && to.signalingState !== "closed") await to.addIceCandidate(candidate).catch(() => {});
    };
  }
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
  described();
}

async function relayProtocol(peer) {
  const entries = [...(await peer.getStats()).values()];
  const transport = entries.find(({ type }) => type === "transport");
  const pair = entries.find(({ id, type, nominated }) => (transport ? id === transport.selectedCandidatePairId : type === "candidate-pair" && nominated));
  const local = entries.find(({ id }) => id === pair?.localCandidateId);
  return local?.candidateType === "relay" ? local.relayProtocol ?? "relay" : local?.candidateType;
}

// A browser without WebRTC, or an address it cannot read, is a failure like any other.
const attempt = (kind, server) => gather(kind, server).catch(({ message }) => ({ kind, state: "failed", url: server?.urls[0] ?? "", code: 0, text: message }));

// All kinds, tried at the same time; tells `changed` whenever there is news.
export class Paths extends EventTarget {
  results = new Map();
  finished = 0;
  #run = 0;

  get isRunning() {
    return [...this.results.values()].some(({ state }) => state === "running");
  }

  async test(servers) {
    this.#run += 1;
    const run = this.#run;
    const note = (result) => {
      if (run !== this.#run) return;
      this.results.set(result.kind, result);
      this.dispatchEvent(new Event("changed"));
    };
    await Promise.all(KINDS.map((kind) => this.#try(kind, servers, note)));
    this.finished = Date.now();
    this.dispatchEvent(new Event("changed"));
  }

  async #try(kind, servers, note) {
    const candidates = kind === "host" ? [null] : serversFor(kind, servers);
    if (!candidates.length) return note({ kind, state: "missing" });
    note({ kind, state: "running" });
    const tried = await Promise.all(candidates.map(async (server) => ({ server, ...(await attempt(kind, server)) })));
    const { server, ...best } = tried.find(({ state }) => state === "ok") ?? tried[0];
    if (best.state !== "ok" || !RELAYS.includes(kind)) return note(best);
    note({ ...best, state: "running" });
    try {
      note({ ...best, ...(await loop(server)) });
    } catch (error) {
      note({ ...best, state: "failed", code: "loop", text: error.message });
    }
  }
}
