// The operations by ali-oss; protocol.py says how they are asked for and told.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { Readable } = require('stream');
const OSS = require('ali-oss');

const scene = JSON.parse(fs.readFileSync(0, 'utf8'));
const { key, text } = scene;

// With its name the service may have buckets in paths, and signed URLs, which ali-oss refuses to make for an IP address.
const endpoint = scene.endpoint.replace('127.0.0.1', 'localhost');

function clientOf(bucket, accessKeySecret = scene.access_key_secret) {
  return new OSS({
    endpoint,
    bucket,
    accessKeySecret,
    accessKeyId: scene.access_key_id,
    stsToken: scene.token || undefined,
    refreshSTSToken: scene.token ? () => scene.token : undefined,
    refreshSTSTokenInterval: 1e9,
    region: `oss-${scene.region}`,
    authorizationV4: scene.version === 4,
    sldEnable: true,
  });
}

const client = clientOf(scene.bucket);
const many = clientOf(scene.many_bucket);

const md5 = (content) => crypto.createHash('md5').update(content).digest('hex');
const digest = (keys) => ({ count: keys.length, md5: md5(keys.join('\n')) });
const etagAndCrc = ({ res }) => ({ etag: res.headers.etag, crc64: res.headers['x-oss-hash-crc64ecma'] });
const textOf = async (name) => (await client.get(name)).content.toString();

const callbackTo = (url) => ({
  url,
  body: 'object=${object}&size=${size}&id=${x:id}',
  customValue: { id: '7 & 8' },
});

async function uploadParts(name) {
  const { uploadId } = await client.initMultipartUpload(name);
  const size = fs.statSync(scene.file).size;
  const parts = [];
  for (let start = 0; start < size; start += scene.part_size) {
    const number = parts.length + 1;
    const end = Math.min(start + scene.part_size, size);
    const { etag } = await client.uploadPart(name, uploadId, number, scene.file, start, end);
    parts.push({ number, etag });
  }
  return { uploadId, parts };
}

async function uploads() {
  return (await client.listUploads({ 'max-uploads': 100 })).uploads.map((upload) => upload.name);
}

const folder = () => ({ prefix: 'folders/', delimiter: '/' });
const keysAndPrefixes = ({ objects, prefixes }) => ({ keys: objects.map((object) => object.name), prefixes });

// A form as a browser sends it, with the callback in it.
async function postForm(name, fields) {
  const callback = callbackTo(scene.callback_url);
  const form = new FormData();
  form.set('key', name);
  const parameters = { callbackUrl: callback.url, callbackBody: callback.body };
  form.set('callback', Buffer.from(JSON.stringify(parameters)).toString('base64'));
  form.set('x:id', callback.customValue.id);
  Object.entries(fields).forEach(([field, value]) => form.set(field, value));
  form.set('file', new Blob([text], { type: 'text/plain' }));
  return (await fetch(`${endpoint}/${scene.bucket}/`, { method: 'POST', body: form })).json();
}

function policyWith(conditions) {
  const expiration = new Date(Date.now() + 60000).toISOString();
  return { expiration, conditions: [{ bucket: scene.bucket }, ...conditions] };
}

function fieldsOfVersion1() {
  const { OSSAccessKeyId, Signature, policy } = client.calculatePostSignature(policyWith([]));
  const token = scene.token ? { 'x-oss-security-token': scene.token } : {};
  return { OSSAccessKeyId, Signature, policy, ...token };
}

function fieldsOfVersion4() {
  const date = new Date();
  const stamp = date.toISOString().replace(/[-:]|\.\d+/g, '');
  const fields = {
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
    'x-oss-credential': `${scene.access_key_id}/${stamp.slice(0, 8)}/${scene.region}/oss/aliyun_v4_request`,
    'x-oss-date': stamp,
    ...(scene.token ? { 'x-oss-security-token': scene.token } : {}),
  };
  const policy = policyWith(Object.entries(fields).map(([field, value]) => ({ [field]: value })));
  const signature = client.signPostObjectPolicyV4(policy, date);
  return { ...fields, policy: Buffer.from(JSON.stringify(policy)).toString('base64'), 'x-oss-signature': signature };
}

const signedUrl = (method, more = {}) =>
  scene.version === 4
    ? client.signatureUrlV4(method, 60, { headers: more.headers, queries: more.queries }, scene.signed_key)
    : client.signatureUrl(scene.signed_key, { method, expires: 60, subResource: more.queries, ...more.headers });

const operations = {
  async put_object() {
    const options = { headers: { 'Content-Type': 'text/plain' }, meta: { camera: 'north' } };
    return etagAndCrc(await client.put(key, Buffer.from(text), options));
  },

  async put_object_callback() {
    const options = { callback: callbackTo(scene.callback_url) };
    const result = await client.put('called back', Buffer.from(text), options);
    return { answer: result.data, etag: result.res.headers.etag };
  },

  async put_object_failed_callback() {
    // It is an error here, and none of the SDKs for Python.
    const sent = client.put('not called back', Buffer.from(text), { callback: callbackTo(scene.dead_url) });
    return sent.then(({ res }) => res, (error) => ({ status: error.status, code: error.code }));
  },

  async put_object_stream() {
    return etagAndCrc(await client.putStream('stream', Readable.from([Buffer.from(text)])));
  },

  async put_object_forbid_overwrite() {
    await client.put(key, Buffer.from('b'), { headers: { 'x-oss-forbid-overwrite': 'true' } });
  },

  async get_object() {
    const { content, res } = await client.get(key);
    return { text: content.toString(), type: res.headers['content-type'], camera: res.headers['x-oss-meta-camera'] };
  },

  async get_object_range() {
    const { content, res } = await client.get(key, { headers: { Range: 'bytes=2-5' } });
    return { text: content.toString(), status: res.status, range: res.headers['content-range'] };
  },

  async get_object_range_past_end() {
    const { content, res } = await client.get(key, { headers: { Range: 'bytes=100-200' } });
    return { text: content.toString(), status: res.status };
  },

  async get_object_if_none_match() {
    const { res } = await client.head(key);
    return { refused: (await client.get(key, { headers: { 'If-None-Match': res.headers.etag } })).res.status };
  },

  async get_object_to_file() {
    const file = path.join(scene.folder, 'downloaded');
    await client.get('parts', file);
    return { md5: md5(fs.readFileSync(file)) };
  },

  async get_missing_object() {
    await client.get('missing');
  },

  async head_object() {
    const result = await client.head(key);
    const { headers } = result.res;
    const facts = { size: Number(headers['content-length']), type: headers['content-type'] };
    return { ...facts, camera: result.meta.camera, ...etagAndCrc(result) };
  },

  async get_object_meta() {
    const { headers } = (await client.getObjectMeta(key)).res;
    return { size: Number(headers['content-length']), etag: headers.etag };
  },

  async get_object_acl() {
    return { acl: (await client.getACL(key)).acl };
  },

  async wrong_secret() {
    await clientOf(scene.bucket, 'wrong').get(key);
  },

  async missing_bucket() {
    await clientOf('missing-bucket').get(key);
  },

  async multipart_upload() {
    const { uploadId, parts } = await uploadParts('parts');
    const sizes = [];
    for (let marker = 0; ; ) {
      const page = await client.listParts('parts', uploadId, { 'max-parts': 2, 'part-number-marker': marker });
      sizes.push(...[].concat(page.parts).map((part) => Number(part.Size)));
      if (page.isTruncated !== 'true') break;
      marker = page.nextPartNumberMarker;
    }
    return { parts: sizes, ...etagAndCrc(await client.completeMultipartUpload('parts', uploadId, parts)) };
  },

  async multipart_upload_callback() {
    const { uploadId, parts } = await uploadParts('called back parts');
    const options = { callback: callbackTo(scene.callback_url) };
    return { answer: (await client.completeMultipartUpload('called back parts', uploadId, parts, options)).data };
  },

  async abort_multipart_upload() {
    const { uploadId } = await client.initMultipartUpload(key);
    const before = await uploads();
    await client.abortMultipartUpload(key, uploadId);
    return { before, after: await uploads() };
  },

  async resumable_upload() {
    let checkpoint;
    const keep = (_, reached) => {
      checkpoint = reached;
    };
    const upload = () =>
      client.multipartUpload('resumed', scene.file, {
        partSize: scene.part_size,
        parallel: 1,
        progress: keep,
        checkpoint,
      });
    try {
      await upload();
    } catch (error) {
      return { interrupted: refusalOf(error), ...etagAndCrc(await upload()) };
    }
    return null;
  },

  async list_objects() {
    const keys = [];
    for (let marker = {}; ; ) {
      const page = await many.list({ 'max-keys': 1000, ...marker });
      keys.push(...page.objects.map((object) => object.name));
      if (!page.isTruncated) return digest(keys);
      marker = { marker: page.nextMarker };
    }
  },

  async list_objects_v2() {
    const keys = [];
    for (let token; ; ) {
      const page = await many.listV2({ 'max-keys': 1000, 'continuation-token': token });
      keys.push(...page.objects.map((object) => object.name));
      if (!page.isTruncated) return digest(keys);
      token = page.nextContinuationToken;
    }
  },

  async list_objects_delimiter() {
    return keysAndPrefixes(await many.list(folder()));
  },

  async list_objects_v2_delimiter() {
    return keysAndPrefixes(await many.listV2(folder()));
  },

  async list_buckets() {
    return { names: (await client.listBuckets({ prefix: 'interop-' })).buckets.map((bucket) => bucket.name) };
  },

  async get_bucket_info() {
    const { bucket } = await client.getBucketInfo(scene.bucket);
    return { name: bucket.Name, location: bucket.Location, acl: bucket.AccessControlList.Grant };
  },

  async get_bucket_location() {
    return { location: (await client.getBucketLocation(scene.bucket)).location };
  },

  async get_bucket_stat() {
    return { objects: Number((await client.getBucketStat(scene.many_bucket)).stat.ObjectCount) };
  },

  async get_bucket_acl() {
    return { acl: (await client.getBucketACL(scene.bucket)).acl };
  },

  async put_bucket() {
    await client.putBucket(scene.new_bucket, { acl: 'private' });
    return { acl: (await client.getBucketACL(scene.new_bucket)).acl };
  },

  async delete_bucket() {
    return { status: (await client.deleteBucket(scene.new_bucket)).res.status };
  },

  async copy_object() {
    const { data } = await client.copy('copy é+', key);
    return { etag: data.etag, text: await textOf('copy é+') };
  },

  async upload_part_copy() {
    const { uploadId } = await client.initMultipartUpload('assembled');
    const size = fs.statSync(scene.file).size;
    const source = { sourceBucketName: scene.bucket, sourceKey: 'parts' };
    const parts = [];
    for (const range of [`0-${scene.part_size - 1}`, `${scene.part_size}-${size - 1}`]) {
      const number = parts.length + 1;
      const { etag } = await client.uploadPartCopy('assembled', uploadId, number, range, source);
      parts.push({ number, etag });
    }
    return { crc64: etagAndCrc(await client.completeMultipartUpload('assembled', uploadId, parts)).crc64 };
  },

  async put_object_acl() {
    await client.putACL(key, 'public-read');
    return operations.get_object_acl();
  },

  async append_object() {
    const first = await client.append('appended', Buffer.from(text.slice(0, 7)));
    const position = first.nextAppendPosition;
    const second = await client.append('appended', Buffer.from(text.slice(7)), { position });
    const positions = [position, second.nextAppendPosition].map(Number);
    return { positions, text: await textOf('appended') };
  },

  async symlink() {
    await client.putSymlink('link', key);
    return { target: (await client.getSymlink('link')).targetName, text: await textOf('link') };
  },

  async object_tagging() {
    await client.putObjectTagging(key, { camera: 'north 1' });
    const tags = (await client.getObjectTagging(key)).tag;
    await client.deleteObjectTagging(key);
    return { tags, after: (await client.getObjectTagging(key)).tag };
  },

  async signed_url_put_callback() {
    const headers = { 'content-type': 'text/plain' };
    const callback = callbackTo(scene.callback_url);
    const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64');
    const queries = {
      callback: encoded({ callbackUrl: callback.url, callbackBody: callback.body }),
      'callback-var': encoded({ 'x:id': callback.customValue.id }),
    };
    const url = await signedUrl('PUT', { headers, queries });
    return { answer: await (await fetch(url, { method: 'PUT', headers, body: text })).json() };
  },

  async signed_url_get() {
    return { text: await (await fetch(await signedUrl('GET'))).text() };
  },

  async post_object_callback() {
    return { answer: await postForm('posted', scene.version === 4 ? fieldsOfVersion4() : fieldsOfVersion1()) };
  },

  async delete_object() {
    return { status: (await client.delete('stream')).res.status };
  },

  async delete_multiple_objects() {
    const { deleted } = await client.deleteMulti([key, 'called back']);
    return { keys: deleted.map((object) => object.Key).sort() };
  },
};

function refusalOf(error) {
  return error.status > 0 ? { refused: error.status, code: error.code } : null;
}

async function lineOf(operation) {
  if (!operations[operation]) return { operation, missing: true };
  try {
    return { operation, answer: await operations[operation]() };
  } catch (error) {
    const refusal = refusalOf(error);
    return refusal ? { operation, answer: refusal } : { operation, broken: error.stack };
  }
}

async function main() {
  for (const operation of scene.operations) {
    console.log(JSON.stringify(await lineOf(operation)));
  }
}

main();
