// What the push says that has woken this page: the phone hands it over behind the #, where no server sees it.

import { accounts, phoneOf } from "./push.js";

const NONCE = 12;

const octets = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

// AES-128-GCM: whoever can open it knows that the company's server has sealed it, this very push and no other.
async function opened(sealed, key, about) {
  const usable = await crypto.subtle.importKey("raw", octets(key), "AES-GCM", false, ["decrypt"]);
  const algorithm = { name: "AES-GCM", iv: sealed.slice(0, NONCE), additionalData: new TextEncoder().encode(about) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, usable, sealed.slice(NONCE))));
}

// `account` and `content` are missing where the push is not for anybody here; null without a push.
export async function woken() {
  const told = new URLSearchParams(location.hash.slice(1));
  if (!told.has("push")) return null;
  // Reloading the page is no second push.
  history.replaceState(null, "", location.pathname + location.search);
  const wake = { push: told.get("push"), kind: told.get("kind") };
  for (const account of accounts()) {
    for (const key of phoneOf(account).keys) {
      try {
        return { ...wake, account, content: await opened(octets(told.get("data") ?? ""), key, `${wake.push} ${wake.kind}`) };
      } catch {
        // Sealed for another phone.
      }
    }
  }
  return wake;
}
