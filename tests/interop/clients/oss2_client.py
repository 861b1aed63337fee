"""The operations by oss2."""

import json
import logging
import os

import oss2

import protocol

# It writes what it also raises.
logging.disable()


def auth_of(scene, secret=None):
    version = oss2.auth.AUTH_VERSION_1 if scene["version"] == 1 else oss2.auth.AUTH_VERSION_4
    keys = scene["access_key_id"], secret or scene["access_key_secret"]
    if scene["token"]:
        return oss2.StsAuth(*keys, scene["token"], auth_version=version)
    return oss2.make_auth(*keys, auth_version=version)


def refusal_of(error):
    if not isinstance(error, oss2.exceptions.OssError) or error.status < 0:
        return None
    return {"refused": error.status, "code": error.code}


def etag_and_crc(result):
    return {"etag": result.headers["etag"], "crc64": result.headers["x-oss-hash-crc64ecma"]}


class Client:
    def __init__(self, scene):
        self.scene = scene
        self.auth = auth_of(scene)
        self.key, self.text = scene["key"], scene["text"]
        self.bucket, self.many = self.bucket_of(scene["bucket"]), self.bucket_of(scene["many_bucket"])
        self.new = self.bucket_of(scene["new_bucket"])

    def bucket_of(self, name, auth=None):
        scene = self.scene
        return oss2.Bucket(auth or self.auth, scene["endpoint"], name, region=scene["region"])

    def callback_headers(self, url):
        callback, variables = protocol.callback_to(url)
        return {"x-oss-callback": callback, "x-oss-callback-var": variables}

    def put_object(self):
        headers = {"content-type": "text/plain", "x-oss-meta-camera": "north"}
        return etag_and_crc(self.bucket.put_object(self.key, self.text, headers=headers))

    def put_object_callback(self):
        headers = self.callback_headers(self.scene["callback_url"])
        result = self.bucket.put_object("called back", self.text, headers=headers)
        return {"answer": json.loads(result.resp.read()), "etag": result.headers["etag"]}

    def put_object_failed_callback(self):
        headers = self.callback_headers(self.scene["dead_url"])
        return {"status": self.bucket.put_object("not called back", self.text, headers=headers).status}

    def put_object_stream(self):
        return etag_and_crc(self.bucket.put_object("stream", iter([self.text.encode()])))

    def put_object_forbid_overwrite(self):
        return self.bucket.put_object(self.key, "b", headers={"x-oss-forbid-overwrite": "true"}).status

    def get_object(self):
        result = self.bucket.get_object(self.key)
        text = result.read().decode()
        return {"text": text, "type": result.content_type, "camera": result.headers["x-oss-meta-camera"]}

    def get_object_range(self):
        result = self.bucket.get_object(self.key, byte_range=(2, 5))
        range_ = result.headers["content-range"]
        return {"text": result.read().decode(), "status": result.status, "range": range_}

    def get_object_range_past_end(self):
        result = self.bucket.get_object(self.key, byte_range=(100, 200))
        return {"text": result.read().decode(), "status": result.status}

    def get_object_if_none_match(self):
        etag = self.bucket.head_object(self.key).headers["etag"]
        return self.bucket.get_object(self.key, headers={"if-none-match": etag}).status

    def get_object_to_file(self):
        path = os.path.join(self.scene["folder"], "downloaded")
        store = oss2.make_download_store(self.scene["folder"])
        part = self.scene["part_size"]
        oss2.resumable_download(self.bucket, "parts", path, part, part, num_threads=2, store=store)
        return {"md5": protocol.md5_of_file(path)}

    def get_missing_object(self):
        return self.bucket.get_object("missing").status

    def head_object(self):
        result = self.bucket.head_object(self.key)
        facts = {"size": result.content_length, "type": result.content_type}
        return facts | {"camera": result.headers["x-oss-meta-camera"]} | etag_and_crc(result)

    def get_object_meta(self):
        result = self.bucket.get_object_meta(self.key)
        return {"size": result.content_length, "etag": result.headers["etag"]}

    def object_exists(self):
        return {"there": self.bucket.object_exists(self.key), "missing": self.bucket.object_exists("missing")}

    def get_object_acl(self):
        return {"acl": self.bucket.get_object_acl(self.key).acl}

    def wrong_secret(self):
        return self.bucket_of(self.scene["bucket"], auth_of(self.scene, "wrong")).get_object(self.key).status

    def missing_bucket(self):
        return self.bucket_of("missing-bucket").get_object(self.key).status

    def upload_parts(self, key, upload_id):
        sent = []
        for number, part in enumerate(protocol.parts_of(self.scene), 1):
            result = self.bucket.upload_part(key, upload_id, number, part)
            sent.append(oss2.models.PartInfo(number, result.etag, size=len(part), part_crc=result.crc))
        return sent

    def multipart_upload(self):
        upload_id = self.bucket.init_multipart_upload("parts").upload_id
        sent = self.upload_parts("parts", upload_id)
        listed = [part.size for part in oss2.PartIterator(self.bucket, "parts", upload_id, max_parts=2)]
        return {"parts": listed} | etag_and_crc(self.bucket.complete_multipart_upload("parts", upload_id, sent))

    def multipart_upload_callback(self):
        key = "called back parts"
        upload_id = self.bucket.init_multipart_upload(key).upload_id
        sent = self.upload_parts(key, upload_id)
        headers = self.callback_headers(self.scene["callback_url"])
        result = self.bucket.complete_multipart_upload(key, upload_id, sent, headers=headers)
        return {"answer": json.loads(result.resp.read())}

    def abort_multipart_upload(self):
        upload_id = self.bucket.init_multipart_upload(self.key).upload_id
        before = [upload.key for upload in oss2.MultipartUploadIterator(self.bucket)]
        self.bucket.abort_multipart_upload(self.key, upload_id)
        return {"before": before, "after": [upload.key for upload in oss2.MultipartUploadIterator(self.bucket)]}

    def resumable_upload(self):
        def upload():
            part = self.scene["part_size"]
            store = oss2.ResumableStore(root=self.scene["folder"])
            file = self.scene["file"]
            return oss2.resumable_upload(
                self.bucket, "resumed", file, store, None, part, part, num_threads=1
            )

        try:
            upload()
        except oss2.exceptions.OssError as error:
            return {"interrupted": refusal_of(error)} | etag_and_crc(upload())

    def list_objects(self):
        return protocol.digest(found.key for found in oss2.ObjectIterator(self.many, max_keys=1000))

    def list_objects_v2(self):
        return protocol.digest(found.key for found in oss2.ObjectIteratorV2(self.many, max_keys=1000))

    def list_objects_delimiter(self):
        found = self.many.list_objects(prefix="folders/", delimiter="/")
        return {"keys": [one.key for one in found.object_list], "prefixes": found.prefix_list}

    def list_objects_v2_delimiter(self):
        found = self.many.list_objects_v2(prefix="folders/", delimiter="/")
        return {"keys": [one.key for one in found.object_list], "prefixes": found.prefix_list}

    def list_buckets(self):
        service = oss2.Service(self.auth, self.scene["endpoint"], region=self.scene["region"])
        return {"names": [bucket.name for bucket in service.list_buckets(prefix="interop-").buckets]}

    def get_bucket_info(self):
        info = self.bucket.get_bucket_info()
        return {"name": info.name, "location": info.location, "acl": info.acl.grant}

    def get_bucket_location(self):
        return {"location": self.bucket.get_bucket_location().location}

    def get_bucket_stat(self):
        return {"objects": int(self.many.get_bucket_stat().object_count)}

    def get_bucket_acl(self):
        return {"acl": self.bucket.get_bucket_acl().acl}

    def put_bucket(self):
        self.new.create_bucket(oss2.BUCKET_ACL_PRIVATE)
        return {"acl": self.new.get_bucket_acl().acl}

    def delete_bucket(self):
        return {"status": self.new.delete_bucket().status}

    def copy_object(self):
        etag = self.bucket.copy_object(self.scene["bucket"], self.key, "copy é+").etag
        return {"etag": f'"{etag}"', "text": self.bucket.get_object("copy é+").read().decode()}

    def upload_part_copy(self):
        upload_id = self.bucket.init_multipart_upload("assembled").upload_id
        size, part = os.path.getsize(self.scene["file"]), self.scene["part_size"]
        copied = []
        for number, range_ in enumerate([(0, part - 1), (part, size - 1)], 1):
            result = self.bucket.upload_part_copy(
                self.scene["bucket"], "parts", range_, "assembled", upload_id, number
            )
            copied.append(oss2.models.PartInfo(number, result.etag))
        result = self.bucket.complete_multipart_upload("assembled", upload_id, copied)
        return {"crc64": result.headers["x-oss-hash-crc64ecma"]}

    def put_object_acl(self):
        self.bucket.put_object_acl(self.key, oss2.OBJECT_ACL_PUBLIC_READ)
        return self.get_object_acl()

    def append_object(self):
        first = self.bucket.append_object("appended", 0, self.text[:7]).next_position
        second = self.bucket.append_object("appended", first, self.text[7:]).next_position
        return {"positions": [first, second], "text": self.bucket.get_object("appended").read().decode()}

    def symlink(self):
        self.bucket.put_symlink(self.key, "link")
        target = self.bucket.get_symlink("link").target_key
        return {"target": target, "text": self.bucket.get_object("link").read().decode()}

    def object_tagging(self):
        rule = oss2.models.TaggingRule()
        rule.add("camera", "north 1")
        self.bucket.put_object_tagging(self.key, oss2.models.Tagging(rule))
        tags = self.bucket.get_object_tagging(self.key).tag_set.tagging_rule
        self.bucket.delete_object_tagging(self.key)
        return {"tags": tags, "after": self.bucket.get_object_tagging(self.key).tag_set.tagging_rule}

    def signed_url(self, method, **more):
        return self.bucket.sign_url(method, self.scene["signed_key"], 60, slash_safe=True, **more)

    def signed_url_put_callback(self):
        callback, variables = protocol.callback_to(self.scene["callback_url"])
        headers, query = {"content-type": "text/plain"}, {"callback": callback, "callback-var": variables}
        url = self.signed_url("PUT", headers=dict(headers), params=query)
        return {"answer": protocol.send("PUT", url, headers, self.text.encode()).json()}

    def signed_url_get(self):
        return {"text": protocol.send("GET", self.signed_url("GET")).text}

    def delete_object(self):
        return {"status": self.bucket.delete_object("stream").status}

    def delete_multiple_objects(self):
        return {"keys": sorted(self.bucket.batch_delete_objects([self.key, "called back"]).deleted_keys)}


protocol.run(Client, refusal_of)
