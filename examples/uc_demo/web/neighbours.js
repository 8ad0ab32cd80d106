// Pages of one browser help each other: one that is logged in lends another its STUN/TURN servers, so that nobody logs in twice.

const CHANNEL = "ice-servers";
const PATIENCE = 700;

export function lendServers(servers) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => {
    const list = servers();
    if (data.wanted && list.length) channel.postMessage({ list });
  };
}

// The servers of a neighbour, or null when nobody answers.
export function borrowServers() {
  const channel = new BroadcastChannel(CHANNEL);
  return new Promise((resolve) => {
    const finish = (list) => {
      channel.close();
      resolve(list);
    };
    setTimeout(finish, PATIENCE, null);
    channel.onmessage = ({ data }) => {
      if (data.list) finish(data.list);
    };
    channel.postMessage({ wanted: true });
  });
}
