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
  const { method, key, headers, additional } = request;
  if (request.version === 4) {
    const all = Object.entries({ ...request.sub_resources, ...request.query });
    const queries = Object.fromEntries(all.map(([name, value]) => [name, value || null]));
    return client(request).signatureUrlV4(method, request.seconds, { headers, queries }, key, additional);
  }
  const subResource = { ...request.sub_resources };
  return client(request).signatureUrl(key, { method, expires: request.seconds, subResource, ...headers });
}

function signHeader(request) {
  const sent = createRequest.call(client(request), {
    method: request.method,
    bucket: request.bucket,
    object: request.key,
    subres: request.sub_resources,
    query: request.query,
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
