"use strict";
// Everything that clients send gets into the page as text, through `make`; markup is never parsed.

const MAX_ENTRIES = 500;
const byId = (id) => document.getElementById(id);
/** By request id, oldest first. */
const entries = new Map();
/** Ids of entries that have to be drawn. */
const changed = new Set();
let service = { endpoint: "", version: "" };
let lost = 0;

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

// What arrives

function entryOf(id) {
  if (!entries.has(id)) entries.set(id, { id, begun: null, request: null, callbacks: [], element: null });
  changed.add(id);
  if (changed.size === 1) requestAnimationFrame(draw);
  return entries.get(id);
}

const handlers = {
  hello(hello) {
    service = hello;
    byId("endpoint").textContent = hello.endpoint;
    byId("empty").textContent = `No requests yet. They appear here when a client talks to ${hello.endpoint}.`;
  },
  underway(list) {
    const ids = new Set(list.map((begun) => begun.request_id));
    for (const begun of list) {
      if (!entries.has(begun.request_id)) entryOf(begun.request_id).begun = begun;
    }
    for (const entry of entries.values()) {
      if (!entry.request && !ids.has(entry.id)) entryOf(entry.id).gone = true;
    }
  },
  request(request) {
    Object.assign(entryOf(request.request_id), { request, gone: false });
  },
  callback(callback) {
    const entry = entryOf(callback.request_id);
    // After a break all come again.
    const isSame = (known) => known.url === callback.url && known.milliseconds.begun === callback.milliseconds.begun;
    if (!entry.callbacks.some(isSame)) entry.callbacks.push(callback);
    // The request follows.
    entry.begun ??= { method: "", target: callback.url };
  },
  lost({ records }) {
    lost += records;
    byId("lost").hidden = false;
    byId("lost").textContent = `${lost} requests or callbacks are not shown: they came faster than this page took them.`;
  },
};

function listen() {
  const source = new EventSource("events");
  const state = (name, text) => Object.assign(byId("link"), { textContent: text }).setAttribute("data-state", name);
  source.onopen = () => state("live", "live");
  source.onerror = () => state("broken", "connection lost, trying again");
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
}

// What is secret

const SECRET_PARAMETERS = /([?&](?:x-oss-signature|Signature|x-oss-security-token|security-token)=)([^&]*)/g;
const masked = (value) => (value ? `${value.slice(0, 4)}…` : value);
const maskedTarget = (target) => target.replace(SECRET_PARAMETERS, (_, name, value) => name + masked(value));

function maskedHeader(name, value) {
  switch (name.toLowerCase()) {
    case "authorization": {
      // That of a callback is nothing but a signature.
      const [, before, signature] = value.match(/^(.*?Signature=|OSS [^:]*:|)(.*)$/s);
      return before + masked(signature);
    }
    case "x-oss-security-token":
      return masked(value);
    default:
      return value;
  }
}

/** Error documents and canonical requests repeat what the request said. */
function maskedText(request, text) {
  const given = (request.headers.authorization ?? "").match(/(?:Signature=|OSS [^:]*:)(\S+)/)?.[1];
  const inQuery = [...request.target.matchAll(SECRET_PARAMETERS)].map((match) => match[2]);
  const plain = inQuery.map((value) => { try { return decodeURIComponent(value); } catch { return value; } });
  const secrets = [given, request.headers["x-oss-security-token"], ...inQuery, ...plain];
  // The same once more, byte by byte.
  text = text.replace(/(<StringToSignBytes>)[^<]*/, "$1…");
  // A short one would be found in other words.
  return secrets.filter((secret) => secret?.length > 15).reduce((all, secret) => all.replaceAll(secret, masked(secret)), text);
}

// What is shown of an entry

const isFailure = ({ request }) => request !== null && (request.status === 0 || request.status === 203 || request.status >= 400);
const address = ({ bucket, key, target }) => (bucket === null ? maskedTarget(target) : key === null ? `${bucket}/` : `${bucket}/${key}`);
const lines = (text, marked) =>
  make("pre", {}, ...text.split("\n").map((line, number) => make("span", number === marked ? { class: "differs" } : {}, line)));
const section = (title, ...children) => [make("h2", {}, title), ...children];
const list = (pairs) =>
  make("dl", {}, ...pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", { class: "mono" }, String(value))]));
const headerList = (headers) => list(Object.entries(headers).map(([name, value]) => [name, maskedHeader(name, value)]));
/** What the client has announced, if the emulator did not get to read it. */
const bodySize = ({ body_bytes, headers }) => body_bytes || Number(headers["content-length"] ?? 0);

function took(ms) {
  if (ms === null) return "";
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : ms >= 0.1 ? `${ms.toFixed(1)} ms` : `${Math.round(ms * 1000)} µs`;
}

function summary({ request, begun }) {
  const cell = (name, ...children) => make("span", { class: name }, ...children);
  if (!request) {
    return [cell("status", make("span", { class: "pill warn" }, "…")), cell("method mono", begun.method),
      cell("target mono", maskedTarget(begun.target)), cell("notes", "under way")];
  }
  const look = request.status === 203 ? "warn" : isFailure({ request }) ? "bad" : "good";
  const notes = [request.operation ?? "", request.code ?? ""];
  if (request.callback?.acknowledged) notes.push("callback acknowledged");
  if (request.answer !== "sent" && request.answer !== "pending") notes.push("answer cut");
  if (request.faults.length) notes.push("fault");
  return [
    cell("time mono", new Date(request.begun).toISOString().slice(11, 23)),
    cell("status", make("span", { class: `pill ${look}` }, request.status ? String(request.status) : "none")),
    cell("method mono", request.method),
    cell("target mono", address(request)),
    cell("notes", notes.filter(Boolean).join(" · ")),
    cell("took", took(request.milliseconds.ended ?? request.milliseconds.ready)),
  ];
}

function causes({ request, callbacks }) {
  const found = [];
  const say = (look, title, text) => found.push(make("p", { class: `cause ${look}` }, make("b", {}, title), text));
  const mismatch = request.signature?.mismatch;
  const message = request.answer_text?.match(/<Message>([^<]*)</)?.[1] ?? "";
  if (mismatch) say("bad", "The signature does not match.", mismatch.cause);
  else if (request.status === 203) {
    say("warn", "Stored, but the callback failed.", callbacks.map((callback) => callback.outcome.failed).filter(Boolean).pop() ?? message);
  } else if (request.code) say("bad", request.code + (request.ec ? `, EC ${request.ec}` : ""), message);
  if (request.answer?.cut_after_bytes !== undefined) {
    say("bad", "The client did not get the answer.", `It was cut after ${request.answer.cut_after_bytes} bytes.`);
  }
  for (const fault of request.faults) say("warn", `Fault ${fault.id}${fault.happened ? "" : ", which did not happen"}`, fault.fault);
  return found;
}

/** Name, kind, begin and end of each phase, in milliseconds. */
function phases({ request, callbacks }) {
  const times = request.milliseconds;
  const found = [];
  const step = (name, kind, from, to) => { if (from !== null && to !== null) found.push({ name, kind, from, to }); };
  step("receive body", "receive", 0, times.received);
  step(request.stored ? "check, store" : "work", "work", times.received ?? 0, times.callback ?? times.ready);
  callbacks.forEach((callback, number) => {
    const { begun, connected, sent, answered, ended } = callback.milliseconds;
    const at = (ms) => times.callback + ms;
    const which = callbacks.length > 1 ? ` ${number + 1}` : "";
    step(`callback${which}: connect`, "callback", at(begun), at(connected ?? ended));
    if (connected !== null) step(`callback${which}: send`, "callback", at(connected), at(sent ?? ended));
    if (sent !== null) step(`callback${which}: wait`, "callback", at(sent), at(answered ?? ended));
    if (answered !== null) step(`callback${which}: read`, "callback", at(answered), at(ended));
  });
  step("answer", "answer", times.ready, times.ended);
  return found;
}

function bars(entry) {
  const found = phases(entry);
  const end = Math.max(...found.map((phase) => phase.to), 0.001);
  const rows = found.flatMap(({ name, kind, from, to }) => {
    const bar = make("div", { class: "bar", "data-kind": kind });
    bar.style.marginLeft = `${Math.min(99, (100 * from) / end)}%`;
    bar.style.width = `${(100 * (to - from)) / end}%`;
    return [make("span", {}, name), make("div", { class: "track" }, bar), make("span", { class: "ms" }, took(to - from))];
  });
  return make("div", { class: "phases" }, ...rows);
}

function signature({ request }) {
  const mismatch = request.signature?.mismatch;
  if (!mismatch) return [];
  const text = (value) => maskedText(request, value);
  const of = { form: "policy" }[request.signature.place] ?? (request.signature.version === "V4" ? "canonical request" : "string to sign");
  const column = (title, value) => make("div", {}, make("h3", {}, title), lines(text(value), mismatch.first_difference));
  const columns = [column(`The ${of} that OSS signs`, mismatch.signed)];
  if (mismatch.signed_by_client !== null) columns.push(column("What the client signed", mismatch.signed_by_client));
  const more = mismatch.string_to_sign === null ? [] : [make("h3", {}, "String to sign"), lines(text(mismatch.string_to_sign))];
  return section("Signature", make("div", { class: "beside" }, ...columns), ...more);
}

function callbackSection(callback) {
  const variables = Object.entries(callback.variables);
  const outcome = "failed" in callback.outcome ? `${callback.outcome.failed} (EC ${callback.outcome.ec})` : "acknowledged";
  const answer = callback.answer;
  return section(
    `Callback to ${callback.url}`,
    list([["Outcome", outcome], ["Sent", callback.delivered ? "to its last byte" : "no"], ...variables]),
    make("div", { class: "beside" },
      make("div", {}, make("h3", {}, "Template"), lines(callback.template)),
      make("div", {}, make("h3", {}, "Body that was sent"), lines(callback.body))),
    make("h3", {}, "Headers that were sent"), headerList(callback.headers),
    make("h3", {}, answer ? `Answer of the application server: ${answer.status}` : "No answer of the application server"),
    ...(answer ? [headerList(answer.headers), lines(answer.body)] : []),
  );
}

function body(entry) {
  const { request, callbacks } = entry;
  if (!request) return [make("p", {}, "Still under way.")];
  const signer = request.access_key_id === null ? "nobody"
    : `${request.access_key_id}, ${request.signature.version} in the ${request.signature.place}, ${request.signature_version ? "verified" : "not accepted"}`;
  const facts = [["Signed by", signer], ["Request ID", request.request_id], ["From", `${request.peer}, connection ${request.connection}`],
    ["Body", request.body_bytes === bodySize(request) ? `${request.body_bytes} bytes` : `${bodySize(request)} bytes, not read`]];
  if (request.stored) facts.push(["Stored", `${request.stored.size} bytes, CRC-64 ${request.stored.crc64}`]);
  const copy = make("button", { type: "button", class: "curl" }, "Copy as curl");
  copy.addEventListener("click", () => showCurl(entry));
  return [
    ...causes(entry),
    ...section("Time", bars(entry)),
    ...signature(entry),
    ...callbacks.flatMap(callbackSection),
    ...section("Request", lines(`${request.method} ${maskedTarget(request.target)}`), list(facts), make("h3", {}, "Headers"),
      headerList(request.headers)),
    ...section(`Answer: ${request.status || "none"}`, headerList(request.answer_headers),
      ...(request.answer_text === null ? [] : [lines(maskedText(request, request.answer_text))])),
    make("p", {}, copy),
  ];
}

// Drawing

function matches(entry) {
  if (byId("failures").checked && !isFailure(entry)) return false;
  const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [...(entry.element?.querySelectorAll("summary > *") ?? [])].map((cell) => cell.textContent);
  const { request } = entry;
  if (request) {
    text.push(request.ec, request.request_id, request.access_key_id, request.target, request.host, request.signature?.mismatch?.cause,
      ...entry.callbacks.flatMap((callback) => [callback.url, callback.outcome.failed]), ...request.faults.map((fault) => fault.fault));
  }
  const hay = text.join("\n").toLowerCase();
  return words.every((word) => hay.includes(word));
}

function draw() {
  for (const id of changed) {
    const entry = entries.get(id);
    if (entry.gone) { entry.element?.remove(); entries.delete(id); continue; }
    if (!entry.element) {
      entry.element = make("li", {}, make("details", {}, make("summary", {}), make("div", { class: "body" })));
      entry.element.firstChild.addEventListener("toggle", () => fill(entry));
      byId("entries").prepend(entry.element);
    }
    entry.element.dataset.id = id;
    entry.element.querySelector("summary").replaceChildren(...summary(entry));
    fill(entry);
  }
  changed.clear();
  for (const [id, entry] of entries) {
    if (entries.size <= MAX_ENTRIES) break;
    entry.element.remove();
    entries.delete(id);
  }
  choose();
}

/** The body of an entry exists while it is open. */
function fill(entry) {
  const details = entry.element.firstChild;
  details.lastChild.replaceChildren(...(details.open ? body(entry) : []));
}

function choose() {
  let shown = 0;
  for (const entry of entries.values()) {
    entry.element.hidden = !matches(entry);
    if (!entry.element.hidden) shown += 1;
  }
  byId("empty").hidden = entries.size > 0;
  byId("count").textContent = entries.size === 0 ? "" : `${shown} of ${entries.size} requests` +
    (entries.size === MAX_ENTRIES ? ", the newest" : "");
}

const shownEntries = () => [...entries.values()].filter((entry) => entry.request && entry.element && !entry.element.hidden);

// Copy as curl

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl(request) {
  const words = ["curl", "-i", "-g", "--path-as-is", request.method === "HEAD" ? "-I" : `-X ${quote(request.method)}`,
    quote(service.endpoint + request.target)];
  // curl makes these by itself.
  const omitted = ["content-length", "transfer-encoding", "expect", "connection"];
  for (const [name, value] of Object.entries(request.headers)) {
    if (!omitted.includes(name)) words.push(`-H ${quote(value === "" ? `${name};` : `${name}: ${value}`)}`);
  }
  for (const name of ["accept", "user-agent", "content-type"]) {
    if (!(name in request.headers)) words.push(`-H ${quote(`${name}:`)}`);
  }
  if (bodySize(request) > 0) words.push("--data-binary @BODY");
  else if ("content-length" in request.headers) words.push("--data-binary ''");
  const notes = ["# The signature is bound to the date in the request: it is good for a quarter of an hour, or as long as its URL."];
  if (bodySize(request) > 0) notes.push(`# The body is not kept here: put its ${bodySize(request)} bytes into the file BODY.`);
  return `${notes.join("\n")}\n${words.join(" \\\n  ")}\n`;
}

function showCurl({ element, request }) {
  if (!request) return;
  const details = element.firstChild;
  details.open = true;
  fill(entries.get(request.request_id));
  const text = curl(request);
  const shown = make("pre", { class: "command" }, make("span", {}, text));
  const said = make("p", { role: "status" }, "Copy it from here:");
  details.lastChild.append(said, shown);
  // Browsers give the clipboard only to this machine and to https.
  navigator.clipboard?.writeText(text).then(() => { said.textContent = "Copied, signature and token in full:"; }, () => {});
  shown.scrollIntoView({ block: "nearest" });
}

// HAR 1.2

const pairs = (headers) => Object.entries(headers).map(([name, value]) => ({ name, value: maskedHeader(name, value) }));

function harOf(started, time, request, response, timings, comment) {
  const common = { httpVersion: "HTTP/1.1", cookies: [], headersSize: -1 };
  const [, query = ""] = request.url.split(/\?(.*)/s);
  const queryString = query.split("&").filter(Boolean).map((item) => {
    const [name, value = ""] = item.split(/=(.*)/s);
    return { name, value };
  });
  return {
    startedDateTime: new Date(started).toISOString(), time, cache: {}, timings, comment,
    request: { ...common, queryString, bodySize: -1, ...request },
    response: { ...common, statusText: "", redirectURL: "", bodySize: -1, ...response },
  };
}

function harEntries({ request, callbacks }) {
  const times = request.milliseconds;
  const ready = times.ready ?? times.ended ?? 0;
  const end = times.ended ?? ready;
  const text = maskedText(request, request.answer_text ?? "");
  const upload = harOf(request.begun, end,
    { method: request.method, url: service.endpoint + maskedTarget(request.target), headers: pairs(request.headers), bodySize: bodySize(request) },
    { status: request.status, headers: pairs(request.answer_headers),
      content: { size: text.length, mimeType: request.answer_headers["content-type"] ?? "", text } },
    { send: times.received ?? 0, wait: ready - (times.received ?? 0), receive: end - ready },
    [request.request_id, request.code, request.signature?.mismatch?.cause].filter(Boolean).join(": "));
  return [upload, ...callbacks.map((callback) => {
    const { begun, connected, sent, answered, ended } = callback.milliseconds;
    const steps = [begun, connected ?? ended, sent ?? ended, answered ?? ended, ended];
    const [connect, send, wait, receive] = steps.slice(1).map((at, number) => Math.max(0, at - steps[number]));
    const answer = callback.answer ?? { status: 0, headers: {}, body: "" };
    return harOf(Date.parse(request.begun) + times.callback + begun, ended - begun,
      { method: "POST", url: callback.url, headers: pairs(callback.headers),
        postData: { mimeType: callback.headers["Content-Type"] ?? "", text: callback.body } },
      { status: answer.status, headers: pairs(answer.headers), content: { size: answer.body.length, mimeType: "", text: answer.body } },
      { connect, send, wait, receive },
      `callback of ${request.request_id}${callback.outcome.failed ? `: ${callback.outcome.failed}` : ""}`);
  })];
}

const har = () => ({ log: { version: "1.2", creator: { name: "ossbind-emulator", version: service.version },
  entries: shownEntries().flatMap(harEntries) } });

function downloadHar() {
  const url = URL.createObjectURL(new Blob([JSON.stringify(har(), null, 2)], { type: "application/json" }));
  make("a", { href: url, download: "local-oss.har" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// Keys

function move(step) {
  const shown = [...document.querySelectorAll("#entries > li:not([hidden]) summary")];
  const position = shown.indexOf(document.activeElement.closest("#entries > li")?.querySelector("summary"));
  shown[Math.max(0, Math.min(shown.length - 1, position < 0 ? 0 : position + step))]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const filter = byId("filter");
  if (event.key === "Escape") {
    filter.value = "";
    filter.blur();
    return choose();
  }
  if (event.target === filter) return;
  const current = () => entries.get(document.activeElement.closest("#entries > li")?.dataset.id);
  const actions = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    "/": () => filter.select(), c: () => current() && showCurl(current()),
  };
  if (!Object.hasOwn(actions, event.key)) return;
  event.preventDefault();
  actions[event.key]();
});

byId("filter").addEventListener("input", choose);
byId("failures").addEventListener("change", choose);
byId("har").addEventListener("click", downloadHar);
listen();
