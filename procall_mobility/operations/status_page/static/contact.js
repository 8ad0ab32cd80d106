// Asks the daemon, and shows it the pass: the token itself is kept nowhere, and no cookie is set.

const PASS = "pass";
const PATIENCE = 8_000;

export class NotAdmitted extends Error {}

async function ask(path, shown, method = "GET") {
  const headers = shown ? { Authorization: `Bearer ${shown}` } : {};
  const answer = await fetch(path, { method, headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status === 401) throw new NotAdmitted();
  if (!answer.ok) throw new Error(`the daemon answers with ${answer.status}`);
  return answer.json();
}

export const isAdmitted = () => sessionStorage.getItem(PASS) !== null;

export async function enter(token) {
  const told = await ask("session", token, "POST");
  sessionStorage.setItem(PASS, told.pass);
}

export async function leave() {
  const shown = sessionStorage.getItem(PASS);
  forget();
  if (shown !== null) await ask("session", shown, "DELETE").catch(() => {});
}

export const forget = () => sessionStorage.removeItem(PASS);

export const read = (path) => ask(path, sessionStorage.getItem(PASS));
