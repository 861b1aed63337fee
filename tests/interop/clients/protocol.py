"""What the clients in Python share. A scene, one JSON object, comes in by standard input, and for each
operation that it names a line goes out: what the SDK says of the answer, that it has no such
operation, or that something broke.
"""

import base64
import hashlib
import json
import sys

import requests

CALLBACK_BODY = "object=${object}&size=${size}&id=${x:id}"
VARIABLES = {"x:id": "7 & 8"}


def encoded(value):
    return base64.b64encode(json.dumps(value).encode()).decode()


def callback_to(url):
    """The callback and its variables, as OSS wants them."""
    return encoded({"callbackUrl": url, "callbackBody": CALLBACK_BODY}), encoded(VARIABLES)


def digest(keys):
    """How many keys there are, and a sum of their names in order."""
    keys = list(keys)
    return {"count": len(keys), "md5": hashlib.md5("\n".join(keys).encode()).hexdigest()}


def md5_of_file(path):
    with open(path, "rb") as file:
        return hashlib.md5(file.read()).hexdigest()


def parts_of(scene):
    """The pieces of the file that an upload in parts sends."""
    with open(scene["file"], "rb") as file:
        while part := file.read(scene["part_size"]):
            yield part


def send(method, url, headers=None, content=None):
    """What a program without keys does with a signed URL."""
    return requests.request(method, url, headers=headers, data=content, timeout=60)


def run(client_of, refusal_of):
    """Runs all operations. `refusal_of` makes a refusal of the service of an exception, or None."""
    scene = json.load(sys.stdin)
    client = client_of(scene)
    for name in scene["operations"]:
        line = {"operation": name}
        operation = getattr(client, name, None)
        if operation is None:
            line["missing"] = True
        else:
            try:
                line["answer"] = operation()
            except Exception as error:
                refusal = refusal_of(error)
                line.update({"answer": refusal} if refusal else {"broken": f"{type(error).__name__}: {error}"})
        print(json.dumps(line), flush=True)
