// Uploads the chosen file straight to OSS, with a form that the server of this page has signed.
"use strict";

// What the three steps show in each state of the page: a mark, and a word or two.
const STEPS = {
  ready: ["todo", "todo", "todo"],
  asking: ["busy asking", "todo", "todo"],
  uploading: ["done granted", "busy", "todo"],
  answering: ["done granted", "done sent", "busy waiting"],
  confirmed: ["done granted", "done stored", "done confirmed"],
  unconfirmed: ["done granted", "done stored", "failed failed"],
  repeated: ["done granted", "done stored", "unclear unknown"],
  refused: ["done granted", "failed refused", "todo"],
  unknown: ["done granted", "unclear unknown", "unclear unknown"],
  cancelled: ["done granted", "unclear cancelled", "todo"],
  ungranted: ["failed none", "todo", "todo"],
};

const element = (id) => document.getElementById(id);
let running = null; // the AbortController of the upload under way

element("file").addEventListener("change", showFile);
element("upload").addEventListener("submit", (event) => {
  event.preventDefault();
  upload(element("file").files[0]);
});
element("cancel").addEventListener("click", () => running.abort(new Error("it was cancelled")));
showFile();

async function upload(file) {
  running = new AbortController();
  show({ state: "asking" });
  showButtons();
  try {
    const policy = await askForPolicy(running.signal);
    showProgress(0);
    showState("uploading");
    show(await post(policy, file, running.signal));
  } catch (failure) {
    show(ungranted(failure));
  } finally {
    running = null;
    showButtons();
  }
}

// The policy allows keys with a prefix, one kind of file, and some minutes; OSS checks it.
async function askForPolicy(signal) {
  const answer = await fetch("policy", { signal });
  if (!answer.ok) {
    throw new Error(`the server answered with status ${answer.status}`);
  }
  return answer.json();
}

// Sends the form to OSS and gives what came of it.
function post(policy, file, signal) {
  const key = policy.key_prefix + file.name;
  const form = new FormData();
  for (const [name, value] of Object.entries(policy.form.fields)) {
    form.append(name, value);
  }
  form.append("key", key);
  form.append("x-oss-content-type", file.type); // the policy allows any that begins with "image/"
  form.append("file", file); // OSS ignores what follows the file

  // fetch() does not tell how much has been sent.
  const request = new XMLHttpRequest();
  let sent = 0;
  request.upload.onprogress = (event) => {
    sent = event.loaded;
    showProgress((100 * event.loaded) / event.total);
  };
  request.upload.onload = () => showState("answering");
  return new Promise((resolve) => {
    request.onload = () => resolve(judge(request, key));
    request.onerror = () => resolve(unanswered(sent, policy.form.url, key));
    request.onabort = () => resolve(cancelled());
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", policy.form.url);
    request.send(form);
  });
}

// What an answer of OSS means.
function judge(request, key) {
  if (request.status === 200) {
    return confirmed(request, key);
  }
  const error = errorOf(request);
  if (error.Code === null) {
    return foreign(request, key);
  }
  if (request.status === 203) {
    return unconfirmed(request, key, error);
  }
  // Each policy has a prefix of its own, so nobody else can have stored the key.
  return error.Code === "FileAlreadyExists" ? repeated(key) : refused(request, error);
}

// The error document of OSS; what it lacks is null.
function errorOf(request) {
  const document = new DOMParser().parseFromString(request.responseText, "application/xml");
  const whole = document.querySelector("parsererror") === null;
  const text = (name) =>
    (whole && document.querySelector(`Error:root > ${name}`)?.textContent) || null;
  return {
    Code: text("Code"),
    Message: text("Message"),
    EC: text("EC"),
    "Request ID": text("RequestId"),
  };
}

function confirmed(request, key) {
  return {
    state: "confirmed",
    title: "Uploaded and confirmed",
    text: "The application server answered:",
    answer: request.responseText,
    facts: {
      Object: key,
      ETag: request.getResponseHeader("ETag"),
      "Request ID": request.getResponseHeader("x-oss-request-id"),
    },
  };
}

function unconfirmed(request, key, error) {
  return {
    state: "unconfirmed",
    title: "Stored, but the callback failed",
    text: "The image is in the bucket, but the application server did not confirm it. " +
      "There is no use in uploading it again.",
    facts: { Object: key, ETag: request.getResponseHeader("ETag"), ...error },
  };
}

// Browsers send a form again, without a word, when a connection breaks before the answer.
function repeated(key) {
  return {
    state: "repeated",
    title: "Stored, but the answer was lost",
    text: "The browser has sent the image twice, and OSS has stored it the first time. Whether " +
      "the application server confirmed it is not known here.",
    facts: { Object: key },
  };
}

function refused(request, error) {
  return {
    state: "refused",
    title: "Refused by OSS",
    text: "OSS did not store the image.",
    facts: { Status: request.status, ...error },
  };
}

function foreign(request, key) {
  return {
    state: "unknown",
    title: "An answer that is not from OSS",
    text: "Something between this browser and OSS answered. The image may or may not be stored.",
    facts: { Status: request.status, Object: key },
  };
}

// Browsers do not tell pages why an answer is missing.
function unanswered(sent, url, key) {
  const reason = sent > 0
    ? "The connection ended during the upload."
    : "Either OSS cannot be reached, or the CORS rules of the bucket do not allow POST from " +
      `${location.origin}.`;
  return {
    state: "unknown",
    title: "No answer from OSS",
    text: `${reason} The image may or may not be stored.`,
    facts: { Service: url, Object: key },
  };
}

function cancelled() {
  return {
    state: "cancelled",
    title: "Cancelled",
    text: "OSS stores complete files only: unless the last byte was already on its way, the image " +
      "is not stored.",
  };
}

function ungranted(failure) {
  return {
    state: "ungranted",
    title: "No policy",
    text: `Nothing was sent to OSS, for there is no policy: ${failure.message}.`,
  };
}

// Everything below shows things, and always as text: answers come from elsewhere.

function show({ state, title = "", text = "", answer = null, facts = {} }) {
  element("title").textContent = title;
  element("text").textContent = text;
  element("answer").textContent = answer ?? "";
  element("answer").hidden = answer === null;
  const known = Object.entries(facts).filter(([, value]) => value !== null);
  element("facts").replaceChildren(...known.flatMap(([name, value]) => [
    Object.assign(document.createElement("dt"), { textContent: name }),
    Object.assign(document.createElement("dd"), { textContent: value }),
  ]));
  showState(state);
}

function showState(state) {
  STEPS[state].forEach((step, index) => {
    const [mark, word = ""] = step.split(" ");
    const item = element("steps").children[index];
    item.dataset.mark = mark;
    item.querySelector(".word").textContent = word;
  });
  element("outcome").dataset.state = state;
}

function showProgress(percent) {
  element("progress").value = percent;
  element("steps").children[1].querySelector(".word").textContent = `${Math.floor(percent)} %`;
}

function showButtons() {
  const stored = ["confirmed", "unconfirmed", "repeated"].includes(element("outcome").dataset.state);
  element("file").disabled = running !== null;
  element("send").disabled = running !== null || stored || element("file").files.length === 0;
  element("cancel").disabled = running === null;
}

function showFile() {
  const [file] = element("file").files;
  const preview = element("preview");
  URL.revokeObjectURL(preview.src);
  preview.hidden = !file?.type.startsWith("image/");
  preview.src = preview.hidden ? "" : URL.createObjectURL(file);
  element("chosen").textContent = file ? file.name : "Choose an image";
  element("limits").textContent = file
    ? `${file.type || "unknown type"}, ${sizeOf(file)}`
    : "PNG, JPEG or any other type, up to 10 MiB";
  show({ state: "ready" });
  showButtons();
}

function sizeOf({ size }) {
  if (size < 1024) {
    return `${size} bytes`;
  }
  const kib = size / 1024;
  return kib < 1024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}
