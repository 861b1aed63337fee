"""Signs the requests of standard input that are for an SDK for Python, as that SDK would send them.

The lines come out again with a member `signed`, the header Authorization or the URL; those for
other SDKs as they were.
"""

import datetime
import json
import sys
import types

import alibabacloud_oss_v2 as v2
import alibabacloud_oss_v2.signer.v1
import alibabacloud_oss_v2.signer.v4
import oss2
import oss2.auth
import oss2.http
import oss2.utils
from alibabacloud_oss_v2.presigner import _nopResponse

ENDPOINT = "http://oss-cn-hangzhou.aliyuncs.com"
REGION = "cn-hangzhou"


def stop_clocks(moment):
    """What time it is for both SDKs."""
    utc = datetime.timezone.utc

    class Stopped(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(moment, tz or utc)

        @classmethod
        def utcnow(cls):
            return cls.fromtimestamp(moment, utc).replace(tzinfo=None)

    oss2.auth.datetime = Stopped
    oss2.auth.time = types.SimpleNamespace(time=lambda: moment)
    oss2.utils.http_date = lambda timeval=None: v2.serde.serialize_httptime(Stopped.now())
    module = types.SimpleNamespace(datetime=Stopped, timezone=datetime.timezone, timedelta=datetime.timedelta)
    v2.signer.v1.datetime = v2.signer.v4.datetime = module


def parameters_of(request):
    return request["sub_resources"] | request["query"]


def sign_with_oss2(request):
    version = oss2.auth.AUTH_VERSION_1 if request["version"] == 1 else oss2.auth.AUTH_VERSION_4
    if request["token"]:
        auth = oss2.StsAuth("ak", "sk", request["token"], auth_version=version)
    else:
        auth = oss2.make_auth("ak", "sk", auth_version=version)
    if hasattr(auth, "_StsAuth__auth"):
        auth = auth._StsAuth__auth
    extra = [request["additional"]] if request["additional"] else []
    headers, query = dict(request["headers"]), parameters_of(request)
    if request["place"] == "url":
        bucket = oss2.Bucket(auth, ENDPOINT, request["bucket"], region=REGION)
        seconds = request["seconds"]
        return bucket.sign_url(request["method"], request["key"], seconds, headers, query, True, *extra)
    sent = oss2.http.Request(request["method"], ENDPOINT, params=query, headers=headers, region=REGION, product="oss")
    auth._sign_request(sent, request["bucket"], request["key"], *extra)
    return sent.headers["authorization"]


class Keeper(v2.types.HttpClient):
    """Sends nothing."""

    def send(self, request, **kwargs):
        return _nopResponse(request=request)

    def open(self):
        pass

    def close(self):
        pass


def signer_of_v2(request):
    if request["version"] == 1:
        return v2.signer.SignerV1()

    class Signer(v2.signer.SignerV4):
        # The client has an option for them, which it does not hand on.
        def sign(self, signing_ctx):
            signing_ctx.additional_headers = set(request["additional"])
            super().sign(signing_ctx)

    return Signer()


def sign_with_v2(request):
    config = v2.config.load_default()
    config.region, config.endpoint = REGION, ENDPOINT
    config.credentials_provider = v2.credentials.StaticCredentialsProvider("ak", "sk", request["token"])
    client = v2.Client(config, signer=signer_of_v2(request), http_client=Keeper())
    operation = v2.types.OperationInput(
        op_name="Any",
        method=request["method"],
        bucket=request["bucket"] or None,
        key=request["key"] or None,
        parameters=parameters_of(request),
        headers=dict(request["headers"]),
    )
    operation.op_metadata["sub-resource"] = list(request["sub_resources"])
    how = {}
    if request["place"] == "url":
        end = datetime.datetime.fromtimestamp(request["time"] + request["seconds"], datetime.timezone.utc)
        operation.op_metadata["expiration_time"] = end
        how["auth_method"] = "query"
    sent = client.invoke_operation(operation, **how).http_response.request
    return sent.url if request["place"] == "url" else sent.headers["authorization"]


SDKS = {"oss2": sign_with_oss2, "alibabacloud-oss-v2": sign_with_v2}

for line in sys.stdin:
    request = json.loads(line)
    if request["sdk"] in SDKS:
        stop_clocks(request["time"])
        request["signed"] = SDKS[request["sdk"]](request)
    print(json.dumps(request, ensure_ascii=False, separators=(",", ":")))
