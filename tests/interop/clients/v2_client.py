"""The operations by alibabacloud-oss-v2."""

import datetime
import json
import os
from urllib.parse import quote, unquote

import alibabacloud_oss_v2 as oss

import protocol


def client_of(scene, secret=None):
    config = oss.config.load_default()
    config.endpoint, config.region = scene["endpoint"], scene["region"]
    config.signature_version = f"v{scene['version']}"
    config.retry_max_attempts = 1
    config.credentials_provider = oss.credentials.StaticCredentialsProvider(
        scene["access_key_id"], secret or scene["access_key_secret"], scene["token"]
    )
    return oss.Client(config)


def service_error_of(error):
    """The refusal of the service, which is wrapped once or twice."""
    while error is not None and not isinstance(error, oss.exceptions.ServiceError):
        error = error.unwrap() if hasattr(error, "unwrap") else None
    return error


def refusal_of(error):
    error = service_error_of(error)
    return error and {"refused": error.status_code, "code": error.code}


def etag_and_crc(result):
    return {"etag": result.etag, "crc64": result.hash_crc64}


class Client:
    def __init__(self, scene):
        self.scene = scene
        self.oss = client_of(scene)
        self.key, self.text, self.bucket = scene["key"], scene["text"], scene["bucket"]

    def to(self, request, key=None, **members):
        """A request about an object, by default the one that all operations know."""
        return request(bucket=self.bucket, key=key or self.key, **members)

    def put(self, key, body=None, **members):
        return self.oss.put_object(self.to(oss.PutObjectRequest, key, body=body or self.text, **members))

    def get(self, key=None, **members):
        return self.oss.get_object(self.to(oss.GetObjectRequest, key, **members))

    def text_of(self, key):
        return self.get(key).body.content.decode()

    def callback(self, url):
        callback, variables = protocol.callback_to(url)
        return {"callback": callback, "callback_var": variables}

    def put_object(self):
        return etag_and_crc(self.put(self.key, content_type="text/plain", metadata={"camera": "north"}))

    def put_object_callback(self):
        result = self.put("called back", **self.callback(self.scene["callback_url"]))
        return {"answer": json.loads(result.callback_result), "etag": result.headers["etag"]}

    def put_object_failed_callback(self):
        return {"status": self.put("not called back", **self.callback(self.scene["dead_url"])).status_code}

    def put_object_stream(self):
        return etag_and_crc(self.put("stream", iter([self.text.encode()])))

    def put_object_forbid_overwrite(self):
        return {"status": self.put(self.key, forbid_overwrite=True).status_code}

    def get_object(self):
        result = self.get()
        text = result.body.content.decode()
        return {"text": text, "type": result.content_type, "camera": result.metadata["camera"]}

    def get_object_range(self):
        result = self.get(range_header="bytes=2-5")
        text = result.body.content.decode()
        return {"text": text, "status": result.status_code, "range": result.content_range}

    def get_object_range_past_end(self):
        result = self.get(range_header="bytes=100-200")
        return {"text": result.body.content.decode(), "status": result.status_code}

    def get_object_if_none_match(self):
        etag = self.oss.head_object(self.to(oss.HeadObjectRequest)).etag
        return {"status": self.get(if_none_match=etag).status_code}

    def get_object_to_file(self):
        path = os.path.join(self.scene["folder"], "downloaded")
        downloader = self.oss.downloader(part_size=self.scene["part_size"], parallel_num=2)
        downloader.download_file(self.to(oss.GetObjectRequest, "parts"), path)
        return {"md5": protocol.md5_of_file(path)}

    def get_missing_object(self):
        return {"status": self.get("missing").status_code}

    def head_object(self):
        result = self.oss.head_object(self.to(oss.HeadObjectRequest))
        facts = {"size": result.content_length, "type": result.content_type}
        return facts | {"camera": result.metadata["camera"]} | etag_and_crc(result)

    def get_object_meta(self):
        result = self.oss.get_object_meta(self.to(oss.GetObjectMetaRequest))
        return {"size": result.content_length, "etag": result.etag}

    def object_exists(self):
        exists = self.oss.is_object_exist
        return {"there": exists(self.bucket, self.key), "missing": exists(self.bucket, "missing")}

    def get_object_acl(self):
        return {"acl": self.oss.get_object_acl(self.to(oss.GetObjectAclRequest)).acl}

    def wrong_secret(self):
        request = self.to(oss.GetObjectRequest)
        return {"status": client_of(self.scene, "wrong").get_object(request).status_code}

    def missing_bucket(self):
        request = oss.GetObjectRequest(bucket="missing-bucket", key=self.key)
        return {"status": self.oss.get_object(request).status_code}

    def upload_parts(self, key):
        """What ends the upload."""
        upload_id = self.initiate(key)
        sent = []
        for number, part in enumerate(protocol.parts_of(self.scene), 1):
            request = self.to(oss.UploadPartRequest, key, upload_id=upload_id, part_number=number, body=part)
            sent.append(oss.UploadPart(part_number=number, etag=self.oss.upload_part(request).etag))
        parts = oss.CompleteMultipartUpload(parts=sent)
        return self.to(
            oss.CompleteMultipartUploadRequest, key, upload_id=upload_id, complete_multipart_upload=parts
        )

    def initiate(self, key):
        return self.oss.initiate_multipart_upload(self.to(oss.InitiateMultipartUploadRequest, key)).upload_id

    def multipart_upload(self):
        end = self.upload_parts("parts")
        request = self.to(oss.ListPartsRequest, "parts", upload_id=end.upload_id)
        pages = self.oss.list_parts_paginator(limit=2).iter_page(request)
        listed = [part.size for page in pages for part in page.parts or []]
        return {"parts": listed} | etag_and_crc(self.oss.complete_multipart_upload(end))

    def multipart_upload_callback(self):
        end = self.upload_parts("called back parts")
        for name, value in self.callback(self.scene["callback_url"]).items():
            setattr(end, name, value)
        return {"answer": json.loads(self.oss.complete_multipart_upload(end).callback_result)}

    def uploads(self):
        pages = self.oss.list_multipart_uploads_paginator()
        pages = pages.iter_page(oss.ListMultipartUploadsRequest(bucket=self.bucket))
        return [upload.key for page in pages for upload in page.uploads or []]

    def abort_multipart_upload(self):
        upload_id = self.initiate(self.key)
        before = self.uploads()
        self.oss.abort_multipart_upload(self.to(oss.AbortMultipartUploadRequest, upload_id=upload_id))
        return {"before": before, "after": self.uploads()}

    def resumable_upload(self):
        def upload():
            uploader = self.oss.uploader(
                part_size=self.scene["part_size"],
                parallel_num=1,
                enable_checkpoint=True,
                checkpoint_dir=self.scene["folder"],
            )
            return uploader.upload_file(self.to(oss.PutObjectRequest, "resumed"), self.scene["file"])

        try:
            upload()
        except oss.exceptions.BaseError as error:
            return {"interrupted": refusal_of(error)} | etag_and_crc(upload())

    def list_objects(self):
        pages = self.oss.list_objects_paginator(limit=1000)
        pages = pages.iter_page(oss.ListObjectsRequest(bucket=self.scene["many_bucket"]))
        return protocol.digest(found.key for page in pages for found in page.contents)

    def list_objects_v2(self):
        pages = self.oss.list_objects_v2_paginator(limit=1000)
        pages = pages.iter_page(oss.ListObjectsV2Request(bucket=self.scene["many_bucket"]))
        return protocol.digest(found.key for page in pages for found in page.contents)

    def folder(self, request):
        return request(bucket=self.scene["many_bucket"], prefix="folders/", delimiter="/")

    def keys_and_prefixes(self, found):
        prefixes = [one.prefix for one in found.common_prefixes]
        return {"keys": [one.key for one in found.contents], "prefixes": prefixes}

    def list_objects_delimiter(self):
        return self.keys_and_prefixes(self.oss.list_objects(self.folder(oss.ListObjectsRequest)))

    def list_objects_v2_delimiter(self):
        return self.keys_and_prefixes(self.oss.list_objects_v2(self.folder(oss.ListObjectsV2Request)))

    def list_buckets(self):
        found = self.oss.list_buckets(oss.ListBucketsRequest(prefix="interop-")).buckets
        return {"names": [bucket.name for bucket in found]}

    def get_bucket_info(self):
        info = self.oss.get_bucket_info(oss.GetBucketInfoRequest(bucket=self.bucket)).bucket_info
        return {"name": info.name, "location": info.location, "acl": info.acl}

    def get_bucket_location(self):
        return {"location": self.oss.get_bucket_location(oss.GetBucketLocationRequest(bucket=self.bucket)).location}

    def get_bucket_stat(self):
        request = oss.GetBucketStatRequest(bucket=self.scene["many_bucket"])
        return {"objects": self.oss.get_bucket_stat(request).object_count}

    def acl_of(self, bucket):
        return {"acl": self.oss.get_bucket_acl(oss.GetBucketAclRequest(bucket=bucket)).acl}

    def get_bucket_acl(self):
        return self.acl_of(self.bucket)

    def put_bucket(self):
        self.oss.put_bucket(oss.PutBucketRequest(bucket=self.scene["new_bucket"], acl="private"))
        return self.acl_of(self.scene["new_bucket"])

    def delete_bucket(self):
        request = oss.DeleteBucketRequest(bucket=self.scene["new_bucket"])
        return {"status": self.oss.delete_bucket(request).status_code}

    def copy_object(self):
        source = {"source_bucket": self.bucket, "source_key": self.key}
        etag = self.oss.copy_object(self.to(oss.CopyObjectRequest, "copy é+", **source)).etag
        return {"etag": etag, "text": self.text_of("copy é+")}

    def upload_part_copy(self):
        upload_id = self.initiate("assembled")
        size, part = os.path.getsize(self.scene["file"]), self.scene["part_size"]
        copied = []
        for number, range_ in enumerate([f"bytes=0-{part - 1}", f"bytes={part}-{size - 1}"], 1):
            request = self.to(oss.UploadPartCopyRequest, "assembled", upload_id=upload_id, part_number=number)
            request.source_bucket, request.source_key = self.bucket, "parts"
            request.source_range = range_
            etag = self.oss.upload_part_copy(request).etag
            copied.append(oss.UploadPart(part_number=number, etag=etag))
        parts = oss.CompleteMultipartUpload(parts=copied)
        end = self.to(
            oss.CompleteMultipartUploadRequest, "assembled", upload_id=upload_id, complete_multipart_upload=parts
        )
        return {"crc64": self.oss.complete_multipart_upload(end).hash_crc64}

    def put_object_acl(self):
        self.oss.put_object_acl(self.to(oss.PutObjectAclRequest, acl="public-read"))
        return self.get_object_acl()

    def append_object(self):
        def append(position, text):
            request = self.to(oss.AppendObjectRequest, "appended", position=position, body=text)
            return self.oss.append_object(request).next_position

        first = append(0, self.text[:7])
        second = append(first, self.text[7:])
        return {"positions": [first, second], "text": self.text_of("appended")}

    def symlink(self):
        self.oss.put_symlink(self.to(oss.PutSymlinkRequest, "link", symlink_target=quote(self.key)))
        target = unquote(self.oss.get_symlink(self.to(oss.GetSymlinkRequest, "link")).target)
        return {"target": target, "text": self.text_of("link")}

    def tags(self):
        tags = self.oss.get_object_tagging(self.to(oss.GetObjectTaggingRequest)).tag_set.tags
        return {tag.key: tag.value for tag in tags or []}

    def object_tagging(self):
        tagging = oss.Tagging(tag_set=oss.TagSet(tags=[oss.Tag(key="camera", value="north 1")]))
        self.oss.put_object_tagging(self.to(oss.PutObjectTaggingRequest, tagging=tagging))
        tags = self.tags()
        self.oss.delete_object_tagging(self.to(oss.DeleteObjectTaggingRequest))
        return {"tags": tags, "after": self.tags()}

    def presigned(self, request, content=None):
        signed = self.oss.presign(request, expires=datetime.timedelta(seconds=60))
        return protocol.send(signed.method, signed.url, signed.signed_headers, content)

    def signed_url_put_callback(self):
        callback, variables = protocol.callback_to(self.scene["callback_url"])
        request = self.to(oss.PutObjectRequest, self.scene["signed_key"], content_type="text/plain")
        request.parameters = {"callback": callback, "callback-var": variables}
        return {"answer": self.presigned(request, self.text.encode()).json()}

    def signed_url_get(self):
        return {"text": self.presigned(self.to(oss.GetObjectRequest, self.scene["signed_key"])).text}

    def delete_object(self):
        return {"status": self.oss.delete_object(self.to(oss.DeleteObjectRequest, "stream")).status_code}

    def delete_multiple_objects(self):
        keys = [oss.DeleteObject(key=self.key), oss.DeleteObject(key="called back")]
        request = oss.DeleteMultipleObjectsRequest(bucket=self.bucket, objects=keys)
        return {"keys": sorted(found.key for found in self.oss.delete_multiple_objects(request).deleted_objects)}


protocol.run(Client, refusal_of)
