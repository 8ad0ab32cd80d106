// What is said of pushes, and of being woken by one.

export const EN = {
  asleep: "Asleep, can be called", pushes: "When this window is closed", pushWanted: "Ring on my phone",
  "push.on": "This browser keeps two device tokens, a key for what is sealed, and a log-on for a day. Logging out removes them.",
  "push.off": "Nothing reaches you here unless a window is open.", "push.none": "Not possible at the moment: {why}",
  phoneLink: "Show my phone", phoneHint: "Close this window and call {name} from another one: the phone rings.",
  isCalling: "is calling", hasWritten: "has written", wakingUp: "Waking up …", missedCall: "You have missed a call from {name}.",
  wakeLogIn: "{name} wants to reach you. The log-on of this browser is over; please log in.", wakeUnknown: "A push has opened this page, but it is not for anybody who is logged on in this browser.",
};

export const DE = {
  asleep: "Schläft, ist aber erreichbar", pushes: "Wenn dieses Fenster zu ist", pushWanted: "Auf meinem Telefon klingeln",
  "push.on": "Dieser Browser behält zwei Gerätekennungen, einen Schlüssel für Versiegeltes und eine Anmeldung für einen Tag. Abmelden entfernt sie.",
  "push.off": "Hier erreicht Sie nichts, solange kein Fenster offen ist.", "push.none": "Zurzeit nicht möglich: {why}",
  phoneLink: "Mein Telefon zeigen", phoneHint: "Schließen Sie dieses Fenster und rufen Sie {name} aus einem anderen an: Das Telefon klingelt.",
  isCalling: "ruft an", hasWritten: "hat geschrieben", wakingUp: "Wird geweckt …", missedCall: "Sie haben einen Anruf von {name} verpasst.",
  wakeLogIn: "{name} möchte Sie erreichen. Die Anmeldung dieses Browsers ist abgelaufen; bitte melden Sie sich an.", wakeUnknown: "Ein Push hat diese Seite geöffnet, ist aber für niemanden, der in diesem Browser angemeldet ist.",
};
