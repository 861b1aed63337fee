// Signs the requests of standard input that are for ali-oss, as it would send them: see sign.py.
'use strict';

const readline = require('readline');
const OSS = require('ali-oss');
const { createRequest } = require('ali-oss/lib/common/utils/createRequest');

const RealDate = Date;
let moment = 0;

// What time it is for the SDK.
global.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length ? parts : [moment]));
  }
  static now() {
    return moment;
  }
};

function client(request) {
  return new OSS({
    accessKeyId: 'ak',
    accessKeySecret: 'sk',
    stsToken: request.token || undefined,
    refreshSTSToken: () => {},
    refreshSTSTokenInterval: Infinity,
    region: 'oss-cn-hangzhou',
    bucket: request.bucket || undefined,
    authorizationV4: request.version === 4,
  });
}

async function signUrl(request) {
  const { method, key, query, headers, additional } = request;
  if (request.version === 4) {
    const queries = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, value || null]));
    return client(request).signatureUrlV4(method, request.seconds, { headers, queries }, key, additional);
  }
  return client(request).signatureUrl(key, { method, expires: request.seconds, subResource: { ...query }, ...headers });
}

const UNSIGNED = ['encoding-type', 'fetch-owner', 'list-type', 'max-keys', 'max-parts', 'prefix'];

// Version 1 signs all of `subres` and nothing of `query`, version 4 all of both. Only in `subres` it
// leaves out the equals sign of an empty value, as the service does.
function signHeader(request) {
  const isSigned = ([name]) => request.version === 4 || !UNSIGNED.includes(name);
  const all = Object.entries(request.query);
  const sent = createRequest.call(client(request), {
    method: request.method,
    bucket: request.bucket,
    object: request.key,
    subres: Object.fromEntries(all.filter(isSigned)),
    query: Object.fromEntries(all.filter((pair) => !isSigned(pair))),
    headers: request.headers,
    additionalHeaders: request.additional,
  });
  return sent.params.headers.authorization;
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    if (request.sdk === 'ali-oss') {
      moment = request.time * 1000;
      request.signed = request.place === 'url' ? await signUrl(request) : signHeader(request);
    }
    console.log(JSON.stringify(request));
  }
}

main();
