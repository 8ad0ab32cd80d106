// Words in German and English, and who gets which.

const WORDS = {
  en: {
    title: "Welcome back", subtitle: "Reach your company from wherever you are.", user: "User name", password: "Password",
    login: "Log in", loggingIn: "Logging in …", hint: "Demo: alice@demo.example / alice, bob@demo.example / bob",
    contacts: "Contacts", choose: "Choose a contact to talk to.", message: "Message", write: "Write a message",
    connection: "Connection", preferences: "Preferences", language: "Language", theme: "Appearance", logout: "Log out",
    system: "Like the system", light: "Light", dark: "Dark", myState: "My state",
    available: "Available", busy: "Busy", absent: "Away", dnd: "Do not disturb", offline: "Offline", call: "In a call",
    typing: "{name} is typing …", incomingVideo: "Video call", incomingAudio: "Call", calling: "Calling …", ringing: "Ringing …",
    connecting: "Connecting …", ended: "The call has ended", declined: "The call was declined", unreachable: "Nobody can be reached there",
    noMedia: "Neither microphone nor camera can be used: {why}", accept: "Accept", decline: "Decline", hangup: "Hang up", mute: "Mute", camera: "Camera",
    audioCall: "Call", videoCall: "Video call", send: "Send", back: "Back", close: "Close", settings: "Connection and preferences",
    wrong: "User name or password is not right.", notConnected: "This company is not connected at the moment.", unknown: "This company is not known here, or not connected at the moment.",
    wait: "Too many attempts; please wait a little.", failed: "That did not work: {why}", reconnecting: "The connection was lost; trying again …", notSent: "not sent",
    hCompany: "Company", hWay: "Way in", hSession: "Session", hSocket: "WebSocket", hRound: "Round trip to the server", hIce: "STUN/TURN servers", hPath: "Path of the call",
    hMedia: "Received", connected: "connected", since: "for {time}", none: "none", lost: "lost", frames: "{frames} frames, {packets} packets",
  },
  de: {
    title: "Willkommen zurück", subtitle: "Erreichen Sie Ihre Firma, wo immer Sie sind.", user: "Benutzername", password: "Kennwort",
    login: "Anmelden", loggingIn: "Anmeldung läuft …", hint: "Demo: alice@demo.example / alice, bob@demo.example / bob",
    contacts: "Kontakte", choose: "Wählen Sie einen Kontakt.", message: "Nachricht", write: "Nachricht schreiben",
    connection: "Verbindung", preferences: "Einstellungen", language: "Sprache", theme: "Darstellung", logout: "Abmelden",
    system: "Wie das System", light: "Hell", dark: "Dunkel", myState: "Mein Zustand",
    available: "Verfügbar", busy: "Beschäftigt", absent: "Abwesend", dnd: "Bitte nicht stören", offline: "Offline", call: "Im Gespräch",
    typing: "{name} schreibt …", incomingVideo: "Videoanruf", incomingAudio: "Anruf", calling: "Verbindung wird aufgebaut …", ringing: "Es klingelt …",
    connecting: "Wird verbunden …", ended: "Das Gespräch ist beendet", declined: "Der Anruf wurde abgelehnt", unreachable: "Dort ist niemand erreichbar",
    noMedia: "Weder Mikrofon noch Kamera lassen sich benutzen: {why}", accept: "Annehmen", decline: "Ablehnen", hangup: "Auflegen", mute: "Stummschalten", camera: "Kamera",
    audioCall: "Anrufen", videoCall: "Videoanruf", send: "Senden", back: "Zurück", close: "Schließen", settings: "Verbindung und Einstellungen",
    wrong: "Benutzername oder Kennwort stimmt nicht.", notConnected: "Diese Firma ist gerade nicht verbunden.", unknown: "Diese Firma ist hier nicht bekannt oder gerade nicht verbunden.",
    wait: "Zu viele Versuche; bitte warten Sie ein wenig.", failed: "Das hat nicht geklappt: {why}", reconnecting: "Die Verbindung ist abgerissen; neuer Versuch …", notSent: "nicht gesendet",
    hCompany: "Firma", hWay: "Zugang", hSession: "Sitzung", hSocket: "WebSocket", hRound: "Umlaufzeit zum Server", hIce: "STUN/TURN-Server", hPath: "Weg des Gesprächs",
    hMedia: "Empfangen", connected: "verbunden", since: "seit {time}", none: "keiner", lost: "abgerissen", frames: "{frames} Bilder, {packets} Pakete",
  },
};

let language = localStorage.getItem("language") ?? (navigator.language.startsWith("de") ? "de" : "en");

export const currentLanguage = () => language;

export function t(key, values = {}) {
  const text = WORDS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function setLanguage(next) {
  language = next;
  localStorage.setItem("language", next);
  translate();
}

export function translate() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
}
