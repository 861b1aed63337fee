/* Made of docs/errors: OSSBIND_UPDATE_DOCS=1 cargo test --locked --test error_pages */
#include "error_pages.h"
#include <stddef.h>

/* clang-format off */
const struct error_page ERROR_PAGES[] = {
    {"0002-00000040",
     "SignatureDoesNotMatch, HTTP 403: The request signature we calculated does not match the signature you provided. Check your key and signing method.",
     "# 0002-00000040\n"
     "\n"
     "SignatureDoesNotMatch, HTTP 403: The request signature we calculated does not match the\n"
     "signature you provided. Check your key and signing method.\n"
     "\n"
     "Cause: OSS has computed another signature of version 1 than the request has: the secret is\n"
     "another one, or something of the request was changed behind the signature, by a proxy for\n"
     "example.\n"
     "\n"
     "Rule: The signature covers the method, Content-MD5, Content-Type, Date, the headers x-oss-* and\n"
     "the resource, and is made with the secret that belongs to the access key id.\n"
     "\n"
     "Cure: Copy the secret again, without spaces around it; 'ossbind doctor' tells a wrong secret\n"
     "from other causes. Who signs by hand compares with the element StringToSign of the answer.\n"
     "\n"
     "Source: signing-v1.md 4; https://api.aliyun.com/troubleshoot?q=0002-00000040\n"},
    {"0002-00000066",
     "InvalidArgument, HTTP 400: the signature version is not supported",
     "# 0002-00000066\n"
     "\n"
     "InvalidArgument, HTTP 400: the signature version is not supported\n"
     "\n"
     "Cause: The Authorization header, or x-oss-signature-version of a URL, names another algorithm.\n"
     "\n"
     "Rule: OSS knows OSS4-HMAC-SHA256 (version 4) and the older form \"OSS id:signature\" (version 1).\n"
     "\n"
     "Cure: Let the library sign. Who signs by hand writes OSS4-HMAC-SHA256.\n"
     "\n"
     "Source: signing-v4.md 7, presigned-url.md; https://api.aliyun.com/troubleshoot?q=0002-00000066\n"},
    {"0002-00000070",
     "AccessDenied, HTTP 403: Invalid date (should be seconds since epoch).",
     "# 0002-00000070\n"
     "\n"
     "AccessDenied, HTTP 403: Invalid date (should be seconds since epoch).\n"
     "\n"
     "Cause: The parameter Expires of a signed URL of version 1 is no number.\n"
     "\n"
     "Rule: Expires is a point in time in seconds since 1970.\n"
     "\n"
     "Cure: Make the URL again; do not edit a signed URL.\n"
     "\n"
     "Source: presigned-url.md; https://api.aliyun.com/troubleshoot?q=0002-00000070\n"},
    {"0002-00000076",
     "InvalidArgument, HTTP 400: The additional headers must not be blank.",
     "# 0002-00000076\n"
     "\n"
     "InvalidArgument, HTTP 400: The additional headers must not be blank.\n"
     "\n"
     "Cause: A signed URL of version 4 has x-oss-additional-headers without a value.\n"
     "\n"
     "Rule: The list of additional headers has one name or more, or is left out.\n"
     "\n"
     "Cure: Leave the parameter out when no further header is signed.\n"
     "\n"
     "Source: signing-v4.md 2.4, presigned-url.md; https://api.aliyun.com/troubleshoot?q=0002-00000076\n"},
    {"0002-00000201",
     "SignatureDoesNotMatch, HTTP 403: The request signature we calculated does not match the signature you provided. Check your key and signing method.",
     "# 0002-00000201\n"
     "\n"
     "SignatureDoesNotMatch, HTTP 403: The request signature we calculated does not match the\n"
     "signature you provided. Check your key and signing method.\n"
     "\n"
     "Cause: OSS has computed another signature of version 4 than the request or the URL has: the\n"
     "secret is another one, or something that is signed was changed.\n"
     "\n"
     "Rule: The signature covers the method, the path, the query, the headers x-oss-*, Content-Type\n"
     "and Content-MD5, and the headers that are named as additional. It is made with a key of the day,\n"
     "the region and the secret.\n"
     "\n"
     "Cure: Copy the secret again; 'ossbind doctor' tells a wrong secret from other causes. Whoever\n"
     "uploads with a signed URL has to send the same Content-Type and x-oss-* headers that it was\n"
     "signed with.\n"
     "\n"
     "Source: signing-v4.md 7; https://api.aliyun.com/troubleshoot?q=0002-00000201\n"},
    {"0002-00000209",
     "InvalidArgument, HTTP 400: The additional headers must not be blank.",
     "# 0002-00000209\n"
     "\n"
     "InvalidArgument, HTTP 400: The additional headers must not be blank.\n"
     "\n"
     "Cause: The Authorization header has AdditionalHeaders= without a value.\n"
     "\n"
     "Rule: The list of additional headers has one name or more, or is left out.\n"
     "\n"
     "Cure: Leave AdditionalHeaders out when no further header is signed.\n"
     "\n"
     "Source: signing-v4.md 2.4; https://api.aliyun.com/troubleshoot?q=0002-00000209\n"},
    {"0002-00000210",
     "InvalidArgument, HTTP 400: an additional header has no name",
     "# 0002-00000210\n"
     "\n"
     "InvalidArgument, HTTP 400: an additional header has no name\n"
     "\n"
     "Cause: The list of additional headers has an empty element, as in \"host;\".\n"
     "\n"
     "Rule: Names are in lowercase, sorted, with one ';' between two of them.\n"
     "\n"
     "Cure: Take the ';' at the end, or the second of two, out.\n"
     "\n"
     "Source: signing-v4.md 2.4; https://api.aliyun.com/troubleshoot?q=0002-00000210\n"},
    {"0002-00000215",
     "InvalidArgument, HTTP 400: x-oss-expires is missing",
     "# 0002-00000215\n"
     "\n"
     "InvalidArgument, HTTP 400: x-oss-expires is missing\n"
     "\n"
     "Cause: A signed URL of version 4 does not say how long it is good.\n"
     "\n"
     "Rule: x-oss-expires is the number of seconds behind x-oss-date, from 1 to 604800 (7 days).\n"
     "\n"
     "Cure: Make the URL again; do not edit a signed URL.\n"
     "\n"
     "Source: presigned-url.md; https://api.aliyun.com/troubleshoot?q=0002-00000215\n"},
    {"0002-00000218",
     "InvalidArgument, HTTP 400: The credential must not be blank.",
     "# 0002-00000218\n"
     "\n"
     "InvalidArgument, HTTP 400: The credential must not be blank.\n"
     "\n"
     "Cause: Credential in the Authorization header, or x-oss-credential of a URL, has no value.\n"
     "\n"
     "Rule: It is id/day/region/oss/aliyun_v4_request.\n"
     "\n"
     "Cure: Set the access key id (OSS_ACCESS_KEY_ID), and look whether the program has passed it on.\n"
     "\n"
     "Source: signing-v4.md 7; https://api.aliyun.com/troubleshoot?q=0002-00000218\n"},
    {"0002-00000220",
     "InvalidArgument, HTTP 400: The signature must not be blank.",
     "# 0002-00000220\n"
     "\n"
     "InvalidArgument, HTTP 400: The signature must not be blank.\n"
     "\n"
     "Cause: Signature in the Authorization header, or x-oss-signature of a URL, has no value.\n"
     "\n"
     "Rule: It is 64 hexadecimal digits.\n"
     "\n"
     "Cure: Send the URL or the header as it was made; perhaps it was cut off where a line ends.\n"
     "\n"
     "Source: signing-v4.md 7; https://api.aliyun.com/troubleshoot?q=0002-00000220\n"},
    {"0002-00000226",
     "InvalidArgument, HTTP 400: Invalid signing region in Authorization header.",
     "# 0002-00000226\n"
     "\n"
     "InvalidArgument, HTTP 400: Invalid signing region in Authorization header.\n"
     "\n"
     "Cause: The request is signed for another region than that of the endpoint.\n"
     "\n"
     "Rule: A signature of version 4 has the region in it, such as cn-hangzhou; the answer says in its\n"
     "element Expected which one is right.\n"
     "\n"
     "Cure: Set the region (OSS_REGION) to that of the bucket. It has no \"oss-\" in front: cn-hangzhou,\n"
     "and not oss-cn-hangzhou.\n"
     "\n"
     "Source: signing-v4.md 7; https://api.aliyun.com/troubleshoot?q=0002-00000226\n"},
    {"0002-00000232",
     "InvalidArgument, HTTP 400: x-oss-expires must be between 1 and 604800 seconds",
     "# 0002-00000232\n"
     "\n"
     "InvalidArgument, HTTP 400: x-oss-expires must be between 1 and 604800 seconds\n"
     "\n"
     "Cause: A signed URL of version 4 is good for too long, or for no time at all.\n"
     "\n"
     "Rule: x-oss-expires is from 1 to 604800 seconds, which are 7 days.\n"
     "\n"
     "Cure: Sign it for 7 days at most (expires_in_s), and make a new one when it is used up.\n"
     "\n"
     "Source: presigned-url.md; https://api.aliyun.com/troubleshoot?q=0002-00000232\n"},
    {"0002-00000235",
     "AccessDenied, HTTP 403: the URL is not valid yet",
     "# 0002-00000235\n"
     "\n"
     "AccessDenied, HTTP 403: the URL is not valid yet\n"
     "\n"
     "Cause: x-oss-date of a signed URL is more than 15 minutes ahead of the clock of OSS.\n"
     "\n"
     "Rule: A URL may be used from 15 minutes before x-oss-date on.\n"
     "\n"
     "Cure: Set the clock of the machine that signs, by NTP for example.\n"
     "\n"
     "Source: presigned-url.md; https://api.aliyun.com/troubleshoot?q=0002-00000235\n"},
    {"0002-00000236",
     "AccessDenied, HTTP 403: Request has expired.",
     "# 0002-00000236\n"
     "\n"
     "AccessDenied, HTTP 403: Request has expired.\n"
     "\n"
     "Cause: The signed URL, or what it was signed with, is used after its end.\n"
     "\n"
     "Rule: A URL is good until x-oss-date and x-oss-expires seconds more, to the second.\n"
     "\n"
     "Cure: Ask for a new URL. If it has expired at once, set the clock of the machine that signs.\n"
     "\n"
     "Source: presigned-url.md; https://api.aliyun.com/troubleshoot?q=0002-00000236\n"},
    {"0002-00000504",
     "RequestTimeTooSkewed, HTTP 403: The difference between the request time and the current time is too large.",
     "# 0002-00000504\n"
     "\n"
     "RequestTimeTooSkewed, HTTP 403: The difference between the request time and the current time is\n"
     "too large.\n"
     "\n"
     "Cause: The clock of the device differs from that of OSS by more than 15 minutes.\n"
     "\n"
     "Rule: Date or x-oss-date of a request may differ by 900 seconds.\n"
     "\n"
     "Cure: Set the clock, by NTP for example. The library goes on with the time of OSS where it may\n"
     "(see OSSBIND_CLIENT_KEEP_CLOCK).\n"
     "\n"
     "Source: errors.md 3; https://api.aliyun.com/troubleshoot?q=0002-00000504\n"},
    {"0002-00000505",
     "AccessDenied, HTTP 403: OSS authentication requires a valid Date.",
     "# 0002-00000505\n"
     "\n"
     "AccessDenied, HTTP 403: OSS authentication requires a valid Date.\n"
     "\n"
     "Cause: The request has no time, or none that OSS can read.\n"
     "\n"
     "Rule: Version 1 takes a Date such as \"Sat, 16 Dec 2023 16:20:57 GMT\", version 4 an x-oss-date\n"
     "such as 20231216T162057Z.\n"
     "\n"
     "Cure: Let the library sign. A proxy must not take Date or x-oss-date out of a request.\n"
     "\n"
     "Source: signing-v1.md 4, signing-v4.md 7; https://api.aliyun.com/troubleshoot?q=0002-00000505\n"},
    {"0002-00000602",
     "AccessDenied, HTTP 403: the URL is for other addresses",
     "# 0002-00000602\n"
     "\n"
     "AccessDenied, HTTP 403: the URL is for other addresses\n"
     "\n"
     "Cause: A signed URL that is restricted to an address or a network was used from elsewhere.\n"
     "\n"
     "Rule: The address that counts is the one that OSS sees, which may be that of a gateway.\n"
     "\n"
     "Cure: Sign it for the address that OSS sees, or without such a restriction.\n"
     "\n"
     "Source: presigned-url.md; https://api.aliyun.com/troubleshoot?q=0002-00000602\n"},
    {"0002-00000701",
     "InvalidArgument, HTTP 400: the signature version of the form is not supported",
     "# 0002-00000701\n"
     "\n"
     "InvalidArgument, HTTP 400: the signature version of the form is not supported\n"
     "\n"
     "Cause: The field x-oss-signature-version of a form is another.\n"
     "\n"
     "Rule: A form of version 4 has OSS4-HMAC-SHA256 there.\n"
     "\n"
     "Cure: Make the form with ossbind_client_sign_form(), and send all of its fields.\n"
     "\n"
     "Source: post-object.md; https://api.aliyun.com/troubleshoot?q=0002-00000701\n"},
    {"0002-00000703",
     "InvalidArgument, HTTP 400: a field of the signature is missing",
     "# 0002-00000703\n"
     "\n"
     "InvalidArgument, HTTP 400: a field of the signature is missing\n"
     "\n"
     "Cause: A form has some fields of a signature, but not all.\n"
     "\n"
     "Rule: Version 4 needs policy, x-oss-signature-version, x-oss-credential, x-oss-date and\n"
     "x-oss-signature.\n"
     "\n"
     "Cure: Send all fields of ossbind_client_sign_form(), before the field \"file\".\n"
     "\n"
     "Source: post-object.md; https://api.aliyun.com/troubleshoot?q=0002-00000703\n"},
    {"0002-00000704",
     "InvalidArgument, HTTP 400: a field of the signature is blank",
     "# 0002-00000704\n"
     "\n"
     "InvalidArgument, HTTP 400: a field of the signature is blank\n"
     "\n"
     "Cause: A field of the signature of a form has no value.\n"
     "\n"
     "Rule: None of policy, x-oss-signature-version, x-oss-credential, x-oss-date and x-oss-signature\n"
     "is empty.\n"
     "\n"
     "Cure: Send the fields of ossbind_client_sign_form() as they are; look at the template of the web\n"
     "page.\n"
     "\n"
     "Source: post-object.md; https://api.aliyun.com/troubleshoot?q=0002-00000704\n"},
    {"0002-00000705",
     "SignatureDoesNotMatch, HTTP 403: The request signature we calculated does not match the signature you provided. Check your key and signing method.",
     "# 0002-00000705\n"
     "\n"
     "SignatureDoesNotMatch, HTTP 403: The request signature we calculated does not match the\n"
     "signature you provided. Check your key and signing method.\n"
     "\n"
     "Cause: The signature of a form does not fit to its policy: the secret is another one, or the\n"
     "policy was changed.\n"
     "\n"
     "Rule: The signature of a form covers the text of the field \"policy\", and nothing else.\n"
     "\n"
     "Cure: Send policy and signature as they were made, together. If they are, copy the secret again.\n"
     "\n"
     "Source: post-object.md; https://api.aliyun.com/troubleshoot?q=0002-00000705\n"},
    {"0002-00000710",
     "InvalidArgument, HTTP 400: the credential of the form is malformed",
     "# 0002-00000710\n"
     "\n"
     "InvalidArgument, HTTP 400: the credential of the form is malformed\n"
     "\n"
     "Cause: The field x-oss-credential of a form is not as it must be.\n"
     "\n"
     "Rule: It is id/day/region/oss/aliyun_v4_request, with the day of x-oss-date.\n"
     "\n"
     "Cure: Send it as ossbind_client_sign_form() has made it, and percent-encode nothing.\n"
     "\n"
     "Source: post-object.md; https://api.aliyun.com/troubleshoot?q=0002-00000710\n"},
    {"0003-00000702",
     "AccessDenied, HTTP 403: Access denied for requester pay bucket",
     "# 0003-00000702\n"
     "\n"
     "AccessDenied, HTTP 403: Access denied for requester pay bucket\n"
     "\n"
     "Cause: A signed URL is for a bucket whose requests are paid by whoever sends them, and does not\n"
     "say so.\n"
     "\n"
     "Rule: A signed URL has the parameter x-oss-request-payer=requester, which is signed with it.\n"
     "\n"
     "Cure: Sign the URL anew, with who pays in it, or ask the owner of the bucket.\n"
     "\n"
     "Source: the vendor's pages of requester pays; https://api.aliyun.com/troubleshoot?q=0003-00000702\n"},
    {"0003-00000703",
     "AccessDenied, HTTP 403: Access denied for requester pay bucket",
     "# 0003-00000703\n"
     "\n"
     "AccessDenied, HTTP 403: Access denied for requester pay bucket\n"
     "\n"
     "Cause: The bucket is one whose requests are paid by whoever sends them, and the request does not\n"
     "say so.\n"
     "\n"
     "Rule: A request of others than the owner says x-oss-request-payer: requester, in a header or a\n"
     "parameter.\n"
     "\n"
     "Cure: Set OSSBIND_UPLOAD_REQUESTER_PAYS in the flags of the upload if you are to pay, or ask the\n"
     "owner of the bucket.\n"
     "\n"
     "Source: the vendor's pages of requester pays; https://api.aliyun.com/troubleshoot?q=0003-00000703\n"},
    {"0004-00000304",
     "UploadTrafficRateLimitExceeded or DownloadTrafficRateLimitExceeded, HTTP 503",
     "# 0004-00000304\n"
     "\n"
     "UploadTrafficRateLimitExceeded or DownloadTrafficRateLimitExceeded, HTTP 503\n"
     "\n"
     "Cause: All clients of the account together move more bytes than OSS allows.\n"
     "\n"
     "Rule: By default 5 Gbit/s for an account in a region; some regions have more.\n"
     "\n"
     "Cure: Wait and try again, which the library does by itself. Spread the uploads, set a rate\n"
     "limit, or ask for a higher limit.\n"
     "\n"
     "Source: errors.md 2; https://api.aliyun.com/troubleshoot?q=0004-00000304\n"},
    {"0007-00000001",
     "InvalidArgument, HTTP 400: The length of callback exceed max value.",
     "# 0007-00000001\n"
     "\n"
     "InvalidArgument, HTTP 400: The length of callback exceed max value.\n"
     "\n"
     "Cause: The callback parameter is too long.\n"
     "\n"
     "Rule: Its Base64 text has 5120 bytes at most, which are 3840 bytes of JSON.\n"
     "\n"
     "Cure: Make the body shorter: names of one letter, and nothing that your server knows by itself.\n"
     "Variables have 5120 bytes of their own.\n"
     "\n"
     "Source: callback.md 4, 9; https://api.aliyun.com/troubleshoot?q=0007-00000001\n"},
    {"0007-00000002",
     "InvalidArgument, HTTP 400: The callback configuration is not base64 encoded.",
     "# 0007-00000002\n"
     "\n"
     "InvalidArgument, HTTP 400: The callback configuration is not base64 encoded.\n"
     "\n"
     "Cause: x-oss-callback, the query parameter callback or the form field callback is no Base64.\n"
     "\n"
     "Rule: Standard Base64 with '+', '/' and '=', without ends of lines. In a URL these three are\n"
     "percent-encoded.\n"
     "\n"
     "Cure: Let the library encode it. By hand: base64 -w0. In a URL a '+' that is not written as %2B\n"
     "arrives as a space.\n"
     "\n"
     "Source: callback.md 2, 4, 9; https://api.aliyun.com/troubleshoot?q=0007-00000002\n"},
    {"0007-00000003",
     "InvalidArgument, HTTP 400: The callback configuration is not json format.",
     "# 0007-00000003\n"
     "\n"
     "InvalidArgument, HTTP 400: The callback configuration is not json format.\n"
     "\n"
     "Cause: What is in the Base64 is no JSON.\n"
     "\n"
     "Rule: A JSON object in UTF-8, with quotes around names and texts. Quotes inside of a text have a\n"
     "backslash.\n"
     "\n"
     "Cure: 'ossbind check FILE' says where it ends to be JSON. Do not put JSON together from pieces:\n"
     "let the library, or a JSON encoder, write it.\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000003\n"},
    {"0007-00000004",
     "InvalidArgument, HTTP 400: The callback url configuration is invalid.",
     "# 0007-00000004\n"
     "\n"
     "InvalidArgument, HTTP 400: The callback url configuration is invalid.\n"
     "\n"
     "Cause: callbackUrl is missing, or one of its URLs cannot be used.\n"
     "\n"
     "Rule: 1 to 5 URLs with http or https, a name or an IPv4 address, and perhaps a port from 1 to\n"
     "65535. No IPv6, no spaces; anything but ASCII is percent-encoded.\n"
     "\n"
     "Cure: 'ossbind check FILE' says which byte it is. A ';' that is part of a URL is written as %3B.\n"
     "\n"
     "Source: callback.md 2.1, 9; https://api.aliyun.com/troubleshoot?q=0007-00000004\n"},
    {"0007-00000005",
     "InvalidArgument, HTTP 400: The number of callback url exceed max value.",
     "# 0007-00000005\n"
     "\n"
     "InvalidArgument, HTTP 400: The number of callback url exceed max value.\n"
     "\n"
     "Cause: callbackUrl has more than 5 URLs.\n"
     "\n"
     "Rule: URLs are separated by ';', and OSS tries 5 of them in turn.\n"
     "\n"
     "Cure: Leave some out. A ';' that is part of a URL is written as %3B.\n"
     "\n"
     "Source: callback.md 2.1, 9; https://api.aliyun.com/troubleshoot?q=0007-00000005\n"},
    {"0007-00000007",
     "InvalidArgument, HTTP 400: Can not get ip by this host.",
     "# 0007-00000007\n"
     "\n"
     "InvalidArgument, HTTP 400: Can not get ip by this host.\n"
     "\n"
     "Cause: The name in callbackUrl is not resolved by OSS. Nothing was stored.\n"
     "\n"
     "Rule: The host has a name in the public DNS, with an IPv4 address.\n"
     "\n"
     "Cure: Look for a slip in the name, and whether it is known outside of your network: 'ossbind\n"
     "doctor --callback URL'. A new name may take some minutes.\n"
     "\n"
     "Source: callback.md 2.1, 9; https://api.aliyun.com/troubleshoot?q=0007-00000007\n"},
    {"0007-00000008",
     "InvalidArgument, HTTP 400: Private address is forbidden to callback.",
     "# 0007-00000008\n"
     "\n"
     "InvalidArgument, HTTP 400: Private address is forbidden to callback.\n"
     "\n"
     "Cause: The host in callbackUrl is, or is resolved to, a private address such as 10.0.0.1,\n"
     "192.168.1.2 or 127.0.0.1.\n"
     "\n"
     "Rule: OSS calls over the public internet only, also from within a VPC.\n"
     "\n"
     "Cure: Give the server a public address, or put a gateway that has one in front of it. For tests\n"
     "there is the local OSS, which calls any address.\n"
     "\n"
     "Source: callback.md 2.1, 9; https://api.aliyun.com/troubleshoot?q=0007-00000008\n"},
    {"0007-00000009",
     "InvalidArgument, HTTP 400: The callback host configuration is invalid.",
     "# 0007-00000009\n"
     "\n"
     "InvalidArgument, HTTP 400: The callback host configuration is invalid.\n"
     "\n"
     "Cause: callbackHost is no text, or none that can be a Host header.\n"
     "\n"
     "Rule: A domain name or an IPv4 address, perhaps with a port; without http:// and without a path.\n"
     "\n"
     "Cure: Leave it out to use the host of the URL, or write the host alone: \"app.example.com\".\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000009\n"},
    {"0007-00000010",
     "InvalidArgument, HTTP 400: The callback body is invalid.",
     "# 0007-00000010\n"
     "\n"
     "InvalidArgument, HTTP 400: The callback body is invalid.\n"
     "\n"
     "Cause: callbackBody is no text: mostly an object, which was meant as a JSON body.\n"
     "\n"
     "Rule: callbackBody is a string. A JSON body is JSON text inside of this string.\n"
     "\n"
     "Cure: Write \"callbackBody\":\"{\\\"object\\\":${object}}\", or give the body as a member and let the\n"
     "library escape it.\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000010\n"},
    {"0007-00000011",
     "InvalidArgument, HTTP 400: The callback body is empty.",
     "# 0007-00000011\n"
     "\n"
     "InvalidArgument, HTTP 400: The callback body is empty.\n"
     "\n"
     "Cause: callbackBody is missing or empty.\n"
     "\n"
     "Rule: A callback has a body.\n"
     "\n"
     "Cure: Write what your server shall be told, for example \"object=${object}&size=${size}\".\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000011\n"},
    {"0007-00000012",
     "InvalidArgument, HTTP 400: The callback body type configuration is invalid.",
     "# 0007-00000012\n"
     "\n"
     "InvalidArgument, HTTP 400: The callback body type configuration is invalid.\n"
     "\n"
     "Cause: callbackBodyType is no text.\n"
     "\n"
     "Rule: It is the string \"application/x-www-form-urlencoded\" or \"application/json\".\n"
     "\n"
     "Cure: Write one of them in quotes, or leave it out for the first.\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000012\n"},
    {"0007-00000013",
     "InvalidArgument, HTTP 400: The body type of callback is not supported.",
     "# 0007-00000013\n"
     "\n"
     "InvalidArgument, HTTP 400: The body type of callback is not supported.\n"
     "\n"
     "Cause: callbackBodyType is another text.\n"
     "\n"
     "Rule: It is exactly \"application/x-www-form-urlencoded\" or \"application/json\", without \";\n"
     "charset=utf-8\".\n"
     "\n"
     "Cure: Write one of them, or leave it out for the first.\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000013\n"},
    {"0007-00000019",
     "InvalidArgument, HTTP 400: The callback signature version is invalid.",
     "# 0007-00000019\n"
     "\n"
     "InvalidArgument, HTTP 400: The callback signature version is invalid.\n"
     "\n"
     "Cause: signatureVersion is no text.\n"
     "\n"
     "Rule: It is the string \"1.0\" or \"2.0\".\n"
     "\n"
     "Cure: Leave it out, which is \"1.0\".\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000019\n"},
    {"0007-00000020",
     "InvalidArgument, HTTP 400: The callback signature version is invalid.",
     "# 0007-00000020\n"
     "\n"
     "InvalidArgument, HTTP 400: The callback signature version is invalid.\n"
     "\n"
     "Cause: signatureVersion is another text.\n"
     "\n"
     "Rule: It is the string \"1.0\" or \"2.0\".\n"
     "\n"
     "Cure: Leave it out, which is \"1.0\".\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000020\n"},
    {"0007-00000021",
     "InvalidArgument, HTTP 400: additionalHeaders is invalid",
     "# 0007-00000021\n"
     "\n"
     "InvalidArgument, HTTP 400: additionalHeaders is invalid\n"
     "\n"
     "Cause: additionalHeaders is no JSON object.\n"
     "\n"
     "Rule: An object of names and texts: {\"name\":\"value\"}.\n"
     "\n"
     "Cure: Write it so, or leave it out.\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000021\n"},
    {"0007-00000022",
     "InvalidArgument, HTTP 400: additionalHeaders is invalid",
     "# 0007-00000022\n"
     "\n"
     "InvalidArgument, HTTP 400: additionalHeaders is invalid\n"
     "\n"
     "Cause: additionalHeaders has more than 10 entries.\n"
     "\n"
     "Rule: OSS takes 10 at most.\n"
     "\n"
     "Cure: Leave some out, or send these values in the body.\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000022\n"},
    {"0007-00000023",
     "InvalidArgument, HTTP 400: additionalHeaders is invalid",
     "# 0007-00000023\n"
     "\n"
     "InvalidArgument, HTTP 400: additionalHeaders is invalid\n"
     "\n"
     "Cause: additionalHeaders has an empty name.\n"
     "\n"
     "Rule: A name has one character or more.\n"
     "\n"
     "Cure: Give the header a name.\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000023\n"},
    {"0007-00000024",
     "InvalidArgument, HTTP 400: additionalHeaders is invalid",
     "# 0007-00000024\n"
     "\n"
     "InvalidArgument, HTTP 400: additionalHeaders is invalid\n"
     "\n"
     "Cause: A name in additionalHeaders has a character that it must not have.\n"
     "\n"
     "Rule: Digits, lowercase letters and '-'.\n"
     "\n"
     "Cure: Write the name in lowercase: \"x-camera\", and not \"X-Camera\" or \"x_camera\".\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000024\n"},
    {"0007-00000025",
     "InvalidArgument, HTTP 400: additionalHeaders is invalid",
     "# 0007-00000025\n"
     "\n"
     "InvalidArgument, HTTP 400: additionalHeaders is invalid\n"
     "\n"
     "Cause: A value in additionalHeaders is no text, or has the end of a line in it.\n"
     "\n"
     "Rule: A string without CR and LF.\n"
     "\n"
     "Cure: Write numbers in quotes too, and take ends of lines out.\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000025\n"},
    {"0007-00000026",
     "InvalidArgument, HTTP 400: additionalHeaders is invalid",
     "# 0007-00000026\n"
     "\n"
     "InvalidArgument, HTTP 400: additionalHeaders is invalid\n"
     "\n"
     "Cause: A name in additionalHeaders begins with x-oss-.\n"
     "\n"
     "Rule: These names belong to OSS.\n"
     "\n"
     "Cure: Give the header another name.\n"
     "\n"
     "Source: callback.md 2, 9; https://api.aliyun.com/troubleshoot?q=0007-00000026\n"},
    {"0007-00000027",
     "InvalidArgument, HTTP 400: Either the callback query string parameter or the x-oss-callback header should be specified, not both.",
     "# 0007-00000027\n"
     "\n"
     "InvalidArgument, HTTP 400: Either the callback query string parameter or the x-oss-callback\n"
     "header should be specified, not both.\n"
     "\n"
     "Cause: The callback is in the URL and in the headers.\n"
     "\n"
     "Rule: It travels once.\n"
     "\n"
     "Cure: Whoever uploads with a signed URL that has a callback sends no header x-oss-callback.\n"
     "\n"
     "Source: callback.md 4, 9; https://api.aliyun.com/troubleshoot?q=0007-00000027\n"},
    {"0007-00000101",
     "InvalidArgument, HTTP 400: The length of callback var exceed max value.",
     "# 0007-00000101\n"
     "\n"
     "InvalidArgument, HTTP 400: The length of callback var exceed max value.\n"
     "\n"
     "Cause: The variables are too long.\n"
     "\n"
     "Rule: Their Base64 text has 5120 bytes at most, which are 3840 bytes of JSON with all names and\n"
     "values.\n"
     "\n"
     "Cure: Send a number under which your server finds the rest.\n"
     "\n"
     "Source: callback.md 4, 9; https://api.aliyun.com/troubleshoot?q=0007-00000101\n"},
    {"0007-00000102",
     "InvalidArgument, HTTP 400: the variables are not in Base64",
     "# 0007-00000102\n"
     "\n"
     "InvalidArgument, HTTP 400: the variables are not in Base64\n"
     "\n"
     "Cause: x-oss-callback-var or the query parameter callback-var is no Base64.\n"
     "\n"
     "Rule: Standard Base64 with '+', '/' and '=', without ends of lines. In a URL these three are\n"
     "percent-encoded.\n"
     "\n"
     "Cure: Let the library encode it. By hand: base64 -w0. In a form each variable is a field of its\n"
     "own, without Base64.\n"
     "\n"
     "Source: callback.md 3, 4, 9; https://api.aliyun.com/troubleshoot?q=0007-00000102\n"},
    {"0007-00000103",
     "InvalidArgument, HTTP 400: The callback var is not expecten json.",
     "# 0007-00000103\n"
     "\n"
     "InvalidArgument, HTTP 400: The callback var is not expecten json.\n"
     "\n"
     "Cause: The variables are no JSON object of texts, or a name is not as it must be.\n"
     "\n"
     "Rule: Names begin with \"x:\" and are in lowercase; values are strings, numbers too:\n"
     "{\"x:id\":\"42\"}.\n"
     "\n"
     "Cure: 'ossbind check --vars TEXT FILE' says what is wrong.\n"
     "\n"
     "Source: callback.md 3, 9; https://api.aliyun.com/troubleshoot?q=0007-00000103\n"},
    {"0007-00000105",
     "InvalidArgument, HTTP 400: Left brace must be adjacent to dollar sign.",
     "# 0007-00000105\n"
     "\n"
     "InvalidArgument, HTTP 400: Left brace must be adjacent to dollar sign.\n"
     "\n"
     "Cause: The body has a '$' that does not begin a variable, or a variable without its '}'.\n"
     "\n"
     "Rule: A '$' is followed by '{', the name and '}'. A plain '$' cannot be written into a template.\n"
     "\n"
     "Cure: Write ${object}, and not $(object) or $object. Put a text with a plain '$' into a\n"
     "variable.\n"
     "\n"
     "Source: callback.md 5.5, 9; https://api.aliyun.com/troubleshoot?q=0007-00000105\n"},
    {"0007-00000201",
     "CallbackFailed, HTTP 203: Too many callback requests.",
     "# 0007-00000201\n"
     "\n"
     "CallbackFailed, HTTP 203: Too many callback requests.\n"
     "\n"
     "Cause: OSS has more callbacks to make than it can. The object is stored.\n"
     "\n"
     "Rule: OSS does not call again for this upload.\n"
     "\n"
     "Cure: Do not upload again. Tell your server by other means: the outbox does it with --tell; or\n"
     "let your server look into the bucket.\n"
     "\n"
     "Source: callback.md 8.2; https://api.aliyun.com/troubleshoot?q=0007-00000201\n"},
    {"0007-00000202",
     "CallbackFailed, HTTP 203: Cost too long time.",
     "# 0007-00000202\n"
     "\n"
     "CallbackFailed, HTTP 203: Cost too long time.\n"
     "\n"
     "Cause: Your server has not answered in time. The object is stored.\n"
     "\n"
     "Rule: 5 seconds for everything: name, connection, TLS and the whole answer.\n"
     "\n"
     "Cure: Let the server answer at once, and do its work afterwards. Do not upload again: tell it by\n"
     "other means.\n"
     "\n"
     "Source: callback.md 1, 7, 8.2; https://api.aliyun.com/troubleshoot?q=0007-00000202\n"},
    {"0007-00000203",
     "CallbackFailed, HTTP 203: Error status : 502.",
     "# 0007-00000203\n"
     "\n"
     "CallbackFailed, HTTP 203: Error status : 502.\n"
     "\n"
     "Cause: Your server has answered with another status than 200; 502 also when it was not reached\n"
     "properly, or TLS has failed. The object is stored.\n"
     "\n"
     "Rule: Exactly 200 counts: neither 201 and 204 nor a redirection.\n"
     "\n"
     "Cure: Look into the log of the server for the request id. For 502 with https: switch SNI on\n"
     "(callbackSNI), and look at the certificate. A 404 is mostly a path that the server does not\n"
     "know.\n"
     "\n"
     "Source: callback.md 2.2, 7, 8.2; https://api.aliyun.com/troubleshoot?q=0007-00000203\n"},
    {"0007-00000204",
     "CallbackFailed, HTTP 203: Error status : -1. OSS can not connect to your callbackUrl, please check it.",
     "# 0007-00000204\n"
     "\n"
     "CallbackFailed, HTTP 203: Error status : -1. OSS can not connect to your callbackUrl, please\n"
     "check it.\n"
     "\n"
     "Cause: OSS has made no connection to your server. The object is stored.\n"
     "\n"
     "Rule: The port is open for the addresses of OSS, from the public internet.\n"
     "\n"
     "Cure: Look at the firewall and the security group, and whether the server listens on 0.0.0.0 and\n"
     "not only on 127.0.0.1. Try the URL from outside, with curl.\n"
     "\n"
     "Source: callback.md 8.2; https://api.aliyun.com/troubleshoot?q=0007-00000204\n"},
    {"0007-00000205",
     "CallbackFailed, HTTP 203: Response body is not valid json format.",
     "# 0007-00000205\n"
     "\n"
     "CallbackFailed, HTTP 203: Response body is not valid json format.\n"
     "\n"
     "Cause: Your server has answered with something that is no JSON. The object is stored.\n"
     "\n"
     "Rule: The body is JSON without a byte order mark; {} is enough.\n"
     "\n"
     "Cure: Answer {\"Status\":\"OK\"}. Often it is a page of HTML: of an error, or of a login.\n"
     "\n"
     "Source: callback.md 7, 8.2; https://api.aliyun.com/troubleshoot?q=0007-00000205\n"},
    {"0007-00000206",
     "CallbackFailed, HTTP 203: Error Status : 400.User server missing content-length.",
     "# 0007-00000206\n"
     "\n"
     "CallbackFailed, HTTP 203: Error Status : 400.User server missing content-length.\n"
     "\n"
     "Cause: The answer of your server has no usable Content-Length. The object is stored.\n"
     "\n"
     "Rule: Content-Length is there, is greater than 0 and at most 1 MB. Chunked encoding has none, so\n"
     "it does not do.\n"
     "\n"
     "Cure: Let the server send the whole body at once with its length; in many frameworks this is a\n"
     "setting. An empty answer does not do either: send {}.\n"
     "\n"
     "Source: callback.md 7, 8.2; https://api.aliyun.com/troubleshoot?q=0007-00000206\n"},
    {"0007-00000302",
     "CallbackFailed, HTTP 203: Get image info failed.",
     "# 0007-00000302\n"
     "\n"
     "CallbackFailed, HTTP 203: Get image info failed.\n"
     "\n"
     "Cause: The body asks for imageInfo, and OSS could not read the image: it is damaged, or has\n"
     "gone. The object is stored.\n"
     "\n"
     "Rule: imageInfo is filled for JPG, PNG, BMP, GIF, WebP, TIFF and HEIC; what is called an image\n"
     "has to be one.\n"
     "\n"
     "Cure: Look whether the file is whole. Leave imageInfo out of the body where files may be\n"
     "damaged.\n"
     "\n"
     "Source: callback.md 5.1, 8.2; https://api.aliyun.com/troubleshoot?q=0007-00000302\n"},
    {"0015-00000101",
     "NoSuchBucket, HTTP 404: The specified bucket does not exist.",
     "# 0015-00000101\n"
     "\n"
     "NoSuchBucket, HTTP 404: The specified bucket does not exist.\n"
     "\n"
     "Cause: There is no bucket of this name, or not at this endpoint.\n"
     "\n"
     "Rule: A bucket is found at the endpoint of its region.\n"
     "\n"
     "Cure: Look for a slip in the name, and whether endpoint and region are those of the bucket:\n"
     "'ossbind doctor --bucket BUCKET'.\n"
     "\n"
     "Source: errors.md 2; https://api.aliyun.com/troubleshoot?q=0015-00000101\n"},
    {"0016-00000501",
     "MissingArgument, HTTP 400: Missing Some Required Arguments.",
     "# 0016-00000501\n"
     "\n"
     "MissingArgument, HTTP 400: Missing Some Required Arguments.\n"
     "\n"
     "Cause: A piece was to be appended to an object, and the request does not say where.\n"
     "\n"
     "Rule: AppendObject needs the parameter position, which is the size that the object has so far.\n"
     "\n"
     "Cure: Add position=0 for the first piece, and what x-oss-next-append-position said for each\n"
     "later one.\n"
     "\n"
     "Source: the vendor's page of AppendObject; https://api.aliyun.com/troubleshoot?q=0016-00000501\n"},
    {"0017-00000244",
     "NoSuchUpload, HTTP 404: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
     "# 0017-00000244\n"
     "\n"
     "NoSuchUpload, HTTP 404: The specified upload does not exist. The upload ID may be invalid, or\n"
     "the upload may have been aborted or completed.\n"
     "\n"
     "Cause: An upload in parts is to be completed that is not there any more.\n"
     "\n"
     "Rule: A completed upload is used up: the answer of the first attempt may have been lost.\n"
     "\n"
     "Cure: Look whether the object is there; the library does so by itself. If it is not, upload\n"
     "again.\n"
     "\n"
     "Source: multipart.md 4; https://api.aliyun.com/troubleshoot?q=0017-00000244\n"},
    {"0026-00000001",
     "NoSuchKey, HTTP 404: The specified key does not exist.",
     "# 0026-00000001\n"
     "\n"
     "NoSuchKey, HTTP 404: The specified key does not exist.\n"
     "\n"
     "Cause: There is no object of this name.\n"
     "\n"
     "Rule: Names are case-sensitive, and have no '/' in front.\n"
     "\n"
     "Cure: Look for a slip in the name, and whether the upload has ended well.\n"
     "\n"
     "Source: errors.md 2; https://api.aliyun.com/troubleshoot?q=0026-00000001\n"},
    {"0026-00000012",
     "SymlinkTargetNotExist, HTTP 404: The symlink target object does not exist.",
     "# 0026-00000012\n"
     "\n"
     "SymlinkTargetNotExist, HTTP 404: The symlink target object does not exist.\n"
     "\n"
     "Cause: The object is a link, and what it leads to is not there.\n"
     "\n"
     "Rule: A link may be made before its target, and stays when its target is deleted.\n"
     "\n"
     "Cure: Upload the target, or make the link anew to an object that is there.\n"
     "\n"
     "Source: the vendor's page of GetSymlink; https://api.aliyun.com/troubleshoot?q=0026-00000012\n"},
    {"0026-00000016",
     "PositionNotEqualToLength, HTTP 409: Position is not equal to file length",
     "# 0026-00000016\n"
     "\n"
     "PositionNotEqualToLength, HTTP 409: Position is not equal to file length\n"
     "\n"
     "Cause: A piece was to be appended at another place than the end of the object.\n"
     "\n"
     "Rule: position is the size of the object; somebody else, or an earlier attempt, may have\n"
     "appended meanwhile.\n"
     "\n"
     "Cure: Read x-oss-next-append-position of this answer, look whether the piece is there already,\n"
     "and go on from there.\n"
     "\n"
     "Source: the vendor's page of AppendObject; https://api.aliyun.com/troubleshoot?q=0026-00000016\n"},
    {"0026-00000017",
     "ObjectNotAppendable, HTTP 409: The object is not appendable",
     "# 0026-00000017\n"
     "\n"
     "ObjectNotAppendable, HTTP 409: The object is not appendable\n"
     "\n"
     "Cause: A piece was to be appended to an object that was uploaded in another way.\n"
     "\n"
     "Rule: Only an object that AppendObject has made can grow.\n"
     "\n"
     "Cure: Append under another key, or delete the object first.\n"
     "\n"
     "Source: the vendor's page of AppendObject; https://api.aliyun.com/troubleshoot?q=0026-00000017\n"},
    {"0042-00000002",
     "NoSuchUpload, HTTP 404: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
     "# 0042-00000002\n"
     "\n"
     "NoSuchUpload, HTTP 404: The specified upload does not exist. The upload ID may be invalid, or\n"
     "the upload may have been aborted or completed.\n"
     "\n"
     "Cause: An upload in parts is to be aborted that is not there any more.\n"
     "\n"
     "Rule: It was completed, aborted before, or removed by a rule of the bucket.\n"
     "\n"
     "Cure: Nothing has to be done.\n"
     "\n"
     "Source: multipart.md 3; https://api.aliyun.com/troubleshoot?q=0042-00000002\n"},
    {"0042-00000104",
     "NoSuchUpload, HTTP 404: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
     "# 0042-00000104\n"
     "\n"
     "NoSuchUpload, HTTP 404: The specified upload does not exist. The upload ID may be invalid, or\n"
     "the upload may have been aborted or completed.\n"
     "\n"
     "Cause: A part was sent for an upload that is not there any more.\n"
     "\n"
     "Rule: It was completed, aborted, or removed by a rule of the bucket.\n"
     "\n"
     "Cure: Upload again, which begins with new parts. If it happens often, look at the rules for\n"
     "incomplete uploads of the bucket.\n"
     "\n"
     "Source: multipart.md 3; https://api.aliyun.com/troubleshoot?q=0042-00000104\n"},
    {"0042-00000209",
     "InvalidPartOrder, HTTP 400: The list of parts was not in ascending order.",
     "# 0042-00000209\n"
     "\n"
     "InvalidPartOrder, HTTP 400: The list of parts was not in ascending order.\n"
     "\n"
     "Cause: The list of parts that completes an upload is not sorted.\n"
     "\n"
     "Rule: Numbers of parts rise, and none is there twice.\n"
     "\n"
     "Cure: Sort the parts by number. The library does it by itself.\n"
     "\n"
     "Source: multipart.md 4; https://api.aliyun.com/troubleshoot?q=0042-00000209\n"},
    {"0042-00000213",
     "EntityTooSmall, HTTP 400: Your proposed upload smaller than the minimum allowed size.",
     "# 0042-00000213\n"
     "\n"
     "EntityTooSmall, HTTP 400: Your proposed upload smaller than the minimum allowed size.\n"
     "\n"
     "Cause: A part that is not the last one is too small.\n"
     "\n"
     "Rule: Each part but the last has 100 KB (102400 bytes) or more.\n"
     "\n"
     "Cure: Set a larger part size, and upload again.\n"
     "\n"
     "Source: multipart.md 4; https://api.aliyun.com/troubleshoot?q=0042-00000213\n"},
    {"0042-00000216",
     "InvalidArgument, HTTP 400: Should not speficy both complete all header and http body.",
     "# 0042-00000216\n"
     "\n"
     "InvalidArgument, HTTP 400: Should not speficy both complete all header and http body.\n"
     "\n"
     "Cause: An upload in parts is completed with x-oss-complete-all: yes and with a list of parts.\n"
     "\n"
     "Rule: Either the header or the list says which parts belong to the object.\n"
     "\n"
     "Cure: Leave one of them out.\n"
     "\n"
     "Source: multipart.md 4; https://api.aliyun.com/troubleshoot?q=0042-00000216\n"},
    {"0042-00000308",
     "OperationNotSupported, HTTP 400: A symlink can not be copied as a part.",
     "# 0042-00000308\n"
     "\n"
     "OperationNotSupported, HTTP 400: A symlink can not be copied as a part.\n"
     "\n"
     "Cause: A part was to be copied from an object that is a link.\n"
     "\n"
     "Rule: UploadPartCopy copies from objects with a content of their own.\n"
     "\n"
     "Cure: Name the object that the link leads to.\n"
     "\n"
     "Source: the vendor's page of this code; https://api.aliyun.com/troubleshoot?q=0042-00000308\n"},
    {NULL, NULL, NULL}};
