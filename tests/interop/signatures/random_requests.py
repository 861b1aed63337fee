"""Prints random requests for the SDKs to sign, one JSON object a line: random_requests.py SEED COUNT

The SDKs, the versions and the places of a signature take turns, and so do the sub-resources that an
SDK signs with version 1, so that none is left out.
"""

import itertools
import json
import pathlib
import random
import re
import sys

import alibabacloud_oss_v2
import oss2.auth
from alibabacloud_oss_v2.signer import SignerV1


def declared_by_operations():
    """What operations of alibabacloud-oss-v2 have signed besides, which is in their sources only."""
    folder = pathlib.Path(alibabacloud_oss_v2.__file__).parent
    for path in folder.glob("operations/*.py"):
        for names in re.findall(r"'sub-resource': \[([^\]]*)\]", path.read_text()):
            yield from re.findall(r"'([^']+)'", names)


SUB_RESOURCES = {
    "oss2": sorted(oss2.auth.ProviderAuth._subresource_key_set),
    "alibabacloud-oss-v2": sorted(SignerV1._subresource_key_set.union(declared_by_operations())),
    # Signs whatever it is given as such.
    "ali-oss": sorted(oss2.auth.ProviderAuth._subresource_key_set),
}
# Version 1 does not sign these.
PARAMETERS = ["encoding-type", "fetch-owner", "list-type", "max-keys", "max-parts", "prefix"]
# ali-oss sorts what version 4 signs as people do, the service by bytes. These would be refused, as would
# the next two together; all other names have the same order in both.
ODD_PARAMETERS = ["+param1", "|param1", "param 2", "PARAM", "é", "a/b"]
ODD_PAIR = {"requestPayment", "requesterQosInfo"}
OF_SIGNATURES = ["security-token"]

LETTERS = "abcXYZ019" * 3 + " +%~!'()*&=?#/.-_,;:@$|\"<>[]^`{}\\éß中😀"
TIMES = (1_000_000_000, 4_000_000_000)


def text(chance, longest):
    return "".join(chance.choices(LETTERS, k=chance.randint(1, longest)))


def key_of_object(chance):
    # Slashes in front are taken away by ali-oss, and a question mark is refused by the others.
    return "k" + text(chance, 16)


def values_of(chance, names):
    return {name: chance.choice(["", text(chance, 8)]) for name in sorted(names)}


def sub_resources_of(chance, request, one):
    names = set(chance.sample(SUB_RESOURCES[request["sdk"]], k=chance.randint(0, 3)))
    names.update([one] if request["version"] == 1 else [])
    if (request["sdk"], request["version"]) == ("ali-oss", 4) and names >= ODD_PAIR:
        names.discard("requesterQosInfo")
    return values_of(chance, names.difference(OF_SIGNATURES))


def query_of(chance, request):
    """The other parameters, as far as an SDK can have them."""
    way = request["sdk"], request["version"], request["place"]
    if way == ("ali-oss", 1, "url"):
        return {}
    is_odd = request["version"] == 4 and request["sdk"] != "ali-oss"
    names = chance.sample(PARAMETERS + ODD_PARAMETERS if is_odd else PARAMETERS, k=chance.randint(0, 3))
    if way == ("ali-oss", 4, "header"):
        # Without a value it would sign `name=`, which is not what the service does.
        return {name: text(chance, 8) for name in sorted(names)}
    return values_of(chance, names)


def headers_of(chance, request):
    headers = {}
    # ali-oss adds one of its own where there is none.
    if request["sdk"] == "ali-oss" or chance.random() < 0.5:
        headers["content-type"] = chance.choice(["text/plain", "text/html; charset=utf-8", "image/jpg"])
    if chance.random() < 0.3:
        headers["content-md5"] = "eB5eJF1ptWaXm4bijSPyxw=="
    for number in range(chance.randint(0, 3)):
        headers[f"x-oss-meta-{chance.choice('abc')}{number}"] = chance.choice(["value", "a b;c=\"d\"", "0"])
    if chance.random() < 0.3:
        headers["x-oss-callback"] = "eyJjYWxsYmFja1VybCI6Imh0dHA6Ly9hIn0="
    return headers


def additional_of(chance, request):
    """Headers that are signed besides, and all headers with them."""
    headers = request["headers"]
    if request["version"] == 1 or chance.random() < 0.5:
        return []
    headers["cache-control"] = "no-cache"
    headers["range"] = "bytes=0-9"
    return chance.sample(["cache-control", "range", "content-type"], k=chance.randint(1, 3))


def request_of(chance, sdk, version, place, sub_resource):
    request = {"sdk": sdk, "version": version, "place": place}
    request["method"] = chance.choice(["GET", "PUT", "HEAD", "POST", "DELETE"])
    level = chance.random() if place == "header" else 1
    request["bucket"] = "" if level < 0.05 else "examplebucket"
    request["key"] = "" if level < 0.15 else key_of_object(chance)
    # Its signer of version 1 sends the token as a header that the service does not know, and that is not signed.
    has_token = (sdk, version, place) != ("alibabacloud-oss-v2", 1, "header") and chance.random() < 0.5
    request["token"] = "t0/k+en==" if has_token else None
    request["time"] = chance.randint(*TIMES)
    request["seconds"] = chance.randint(1, 604_800)
    request["sub_resources"] = sub_resources_of(chance, request, sub_resource)
    request["query"] = query_of(chance, request)
    request["headers"] = headers_of(chance, request)
    request["additional"] = additional_of(chance, request)
    return request


def main(seed, count):
    chance = random.Random(seed)
    ways = list(itertools.product(SUB_RESOURCES, (1, 4), ("header", "url")))
    turns = {sdk: itertools.cycle(names) for sdk, names in SUB_RESOURCES.items()}
    for sdk, version, place in itertools.islice(itertools.cycle(ways), count):
        sub_resource = next(turns[sdk]) if version == 1 else None
        request = request_of(chance, sdk, version, place, sub_resource)
        print(json.dumps(request, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
