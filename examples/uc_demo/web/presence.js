// Who is there: numbers of the wire to words of people.

const LOW = { 1: "available", 2: "busy", 3: "absent", 4: "dnd" };
const OFFLINE = 0x08000000;
const IN_CALL = 0x04000000;
const MOBILE = 0x40000000;

export const OWN_STATES = { available: 4, busy: 2, absent: 1, dnd: 3 };

export function presenceWord(state = 0) {
  if (state & OFFLINE) return state & MOBILE ? "asleep" : "offline";
  if (state & IN_CALL) return "call";
  return LOW[state & 0xff] ?? "offline";
}

export class Presence extends EventTarget {
  contacts = new Map();

  async follow(rose) {
    rose.addEventListener("asnUpdatePresenceV2", ({ argument }) => this.#take(argument.presence));
    const { seqSubscribedPresence } = await rose.call("asnGetAndSubscribePresenceV2", { seqContactIDs: [] }, 4505);
    for (const entry of seqSubscribedPresence ?? []) this.#take(entry);
  }

  setOwn(rose, own, word) {
    return rose.call("asnSetUserAbsentState", { absentstate: { u8sContactId: own, eAbsentState: OWN_STATES[word] } }, 1128);
  }

  nameOf(id) {
    return this.contacts.get(id)?.name ?? id.replace(/^sip:/, "");
  }

  wordOf(id) {
    return presenceWord(this.contacts.get(id)?.state);
  }

  #take(entry) {
    const before = this.contacts.get(entry.u8sContactId) ?? {};
    this.contacts.set(entry.u8sContactId, {
      id: entry.u8sContactId,
      name: entry.asnRemoteContact?.u8sDisplayName ?? before.name ?? entry.u8sContactId,
      state: entry.iPresenceState ?? before.state ?? 0,
    });
    this.dispatchEvent(new Event("changed"));
  }
}
