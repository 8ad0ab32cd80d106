// ROSE over a WebSocket: calls with answers, events without.

const EVENT_ID = 99999;
const CALL_TIMEOUT = 10_000;
const KEEP_ALIVE = 30_000;

export class RoseError extends Error {
  constructor(kind, value) {
    super(value?.u8sErrorString ?? value?.details ?? kind);
    this.kind = kind;
    this.value = value;
  }
}

export class Rose extends EventTarget {
  #socket;
  #lastId = 0;
  #calls = new Map();
  #served = new Map();
  #keepAlive;
  roundTrip = null;
  keepAlives = 0;

  constructor(address) {
    super();
    this.#socket = new WebSocket(address);
    this.#socket.onopen = () => {
      this.#keepAlive = setInterval(() => this.#stayAlive(), KEEP_ALIVE);
      this.dispatchEvent(new Event("open"));
    };
    this.#socket.onmessage = ({ data }) => this.#heard(JSON.parse(data));
    this.#socket.onclose = (close) => {
      clearInterval(this.#keepAlive);
      for (const call of this.#calls.values()) call.reject(new RoseError("closed"));
      this.#calls.clear();
      this.dispatchEvent(Object.assign(new Event("close"), { code: close.code, reason: close.reason }));
    };
  }

  close() {
    this.#socket.close(1000);
  }

  call(operationName, argument = {}, operationID = 0) {
    this.#lastId = (this.#lastId % (EVENT_ID - 1)) + 1;
    const invokeID = this.#lastId;
    const started = performance.now();
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) return reject(new RoseError("closed"));
      const timer = setTimeout(() => {
        this.#calls.delete(invokeID);
        reject(new RoseError("timeout"));
      }, CALL_TIMEOUT);
      const settle = (finish) => (value) => {
        clearTimeout(timer);
        this.roundTrip = performance.now() - started;
        this.dispatchEvent(new Event("answered"));
        finish(value);
      };
      this.#calls.set(invokeID, { resolve: settle(resolve), reject: settle(reject) });
      this.#send({ invokeID, operationID, operationName, argument });
    });
  }

  #stayAlive() {
    this.keepAlives += 1;
    this.event("asnTransportKeepAlive", { dummy: null }, 1706);
  }

  event(operationName, argument = {}, operationID = 0) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#send({ invokeID: EVENT_ID, operationID, operationName, argument });
  }

  // Answers calls of an operation with what `act` returns.
  serve(operation, act) {
    this.#served.set(operation, act);
  }

  #send(invoke) {
    this.#socket.send(JSON.stringify({ invoke }));
  }

  #heard(messages) {
    for (const message of Array.isArray(messages) ? messages : [messages]) {
      if (message.invoke) this.#invoked(message.invoke);
      else if (message.result) this.#take(message.result.invokeID)?.resolve(message.result.result?.result ?? {});
      else if (message.error) this.#take(message.error.invokedID)?.reject(new RoseError("error", message.error.error));
      else if (message.reject) this.#take(message.reject.invokedID?.invokedID)?.reject(new RoseError("reject", message.reject));
    }
  }

  #invoked(invoke) {
    const act = this.#served.get(invoke.operationName);
    if (invoke.invokeID !== EVENT_ID && act) {
      const result = { invokeID: invoke.invokeID, result: { resultValue: 0, result: act(invoke.argument ?? {}) } };
      this.#socket.send(JSON.stringify({ result }));
      return;
    }
    if (invoke.invokeID !== EVENT_ID) {
      const reject = { invokedID: { invokedID: invoke.invokeID }, reject: { invokeProblem: 1 }, details: "unrecognisedOperation" };
      this.#socket.send(JSON.stringify({ reject }));
      return;
    }
    this.dispatchEvent(Object.assign(new Event(invoke.operationName), { argument: invoke.argument ?? {} }));
  }

  #take(id) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }
}
