/* The layout of 0.1.0 on 64-bit machines. A change here is a break of the ABI: members are only
 * appended, and then the last line of their struct is updated. */
#include "ossbind.h"

#define AT(type, member, offset) \
  _Static_assert(offsetof(type, member) == (offset), #type "." #member " moved")

AT(ossbind_client_config, struct_size, 0);
AT(ossbind_client_config, endpoint, 8);
AT(ossbind_client_config, region, 16);
AT(ossbind_client_config, access_key_id, 24);
AT(ossbind_client_config, access_key_secret, 32);
AT(ossbind_client_config, security_token, 40);
AT(ossbind_client_config, proxy, 48);
AT(ossbind_client_config, ca_file, 56);
AT(ossbind_client_config, user_agent, 64);
AT(ossbind_client_config, signature_version, 72);
AT(ossbind_client_config, flags, 76);
AT(ossbind_client_config, connect_timeout_ms, 80);
AT(ossbind_client_config, idle_timeout_ms, 84);
AT(ossbind_client_config, log, 88);
AT(ossbind_client_config, log_userdata, 96);
AT(ossbind_client_config, log_level, 104);
AT(ossbind_client_config, reserved, 108);
_Static_assert(sizeof(ossbind_client_config) == 112, "appended: update this line");

AT(ossbind_upload_request, struct_size, 0);
AT(ossbind_upload_request, bucket, 8);
AT(ossbind_upload_request, key, 16);
AT(ossbind_upload_request, body, 24);
AT(ossbind_upload_request, flags, 28);
AT(ossbind_upload_request, data, 32);
AT(ossbind_upload_request, data_len, 40);
AT(ossbind_upload_request, file_path, 48);
AT(ossbind_upload_request, read, 56);
AT(ossbind_upload_request, rewind, 64);
AT(ossbind_upload_request, body_userdata, 72);
AT(ossbind_upload_request, content_type, 80);
AT(ossbind_upload_request, content_length, 88);
AT(ossbind_upload_request, metadata, 96);
AT(ossbind_upload_request, metadata_count, 104);
AT(ossbind_upload_request, headers, 112);
AT(ossbind_upload_request, header_count, 120);
AT(ossbind_upload_request, storage_class, 128);
AT(ossbind_upload_request, acl, 136);
AT(ossbind_upload_request, content_md5, 144);
AT(ossbind_upload_request, callback, 152);
AT(ossbind_upload_request, progress, 160);
AT(ossbind_upload_request, progress_userdata, 168);
AT(ossbind_upload_request, checkpoint_dir, 176);
AT(ossbind_upload_request, parallel, 184);
AT(ossbind_upload_request, multipart_threshold, 192);
AT(ossbind_upload_request, part_size, 200);
AT(ossbind_upload_request, bundle, 208);
AT(ossbind_upload_request, url, 216);
AT(ossbind_upload_request, form_fields, 224);
AT(ossbind_upload_request, form_field_count, 232);
_Static_assert(sizeof(ossbind_upload_request) == 240, "appended: update this line");

AT(ossbind_callback, struct_size, 0);
AT(ossbind_callback, url, 8);
AT(ossbind_callback, host, 16);
AT(ossbind_callback, body, 24);
AT(ossbind_callback, variables, 32);
AT(ossbind_callback, variable_count, 40);
AT(ossbind_callback, json, 48);
AT(ossbind_callback, body_type, 56);
AT(ossbind_callback, sni, 60);
AT(ossbind_callback, flags, 64);
AT(ossbind_callback, reserved, 68);
_Static_assert(sizeof(ossbind_callback) == 72, "appended: update this line");

AT(ossbind_presign_request, struct_size, 0);
AT(ossbind_presign_request, bucket, 8);
AT(ossbind_presign_request, key, 16);
AT(ossbind_presign_request, operation, 24);
AT(ossbind_presign_request, flags, 28);
AT(ossbind_presign_request, expires_in_s, 32);
AT(ossbind_presign_request, part_number, 36);
AT(ossbind_presign_request, upload_id, 40);
AT(ossbind_presign_request, content_type, 48);
AT(ossbind_presign_request, content_md5, 56);
AT(ossbind_presign_request, metadata, 64);
AT(ossbind_presign_request, metadata_count, 72);
AT(ossbind_presign_request, headers, 80);
AT(ossbind_presign_request, header_count, 88);
AT(ossbind_presign_request, query, 96);
AT(ossbind_presign_request, query_count, 104);
AT(ossbind_presign_request, storage_class, 112);
AT(ossbind_presign_request, acl, 120);
AT(ossbind_presign_request, callback, 128);
_Static_assert(sizeof(ossbind_presign_request) == 136, "appended: update this line");

AT(ossbind_sign_request, struct_size, 0);
AT(ossbind_sign_request, method, 8);
AT(ossbind_sign_request, bucket, 16);
AT(ossbind_sign_request, key, 24);
AT(ossbind_sign_request, query, 32);
AT(ossbind_sign_request, query_count, 40);
AT(ossbind_sign_request, headers, 48);
AT(ossbind_sign_request, header_count, 56);
_Static_assert(sizeof(ossbind_sign_request) == 64, "appended: update this line");

AT(ossbind_post_policy_request, struct_size, 0);
AT(ossbind_post_policy_request, bucket, 8);
AT(ossbind_post_policy_request, key, 16);
AT(ossbind_post_policy_request, key_prefix, 24);
AT(ossbind_post_policy_request, expires_in_s, 32);
AT(ossbind_post_policy_request, flags, 36);
AT(ossbind_post_policy_request, min_size, 40);
AT(ossbind_post_policy_request, max_size, 48);
AT(ossbind_post_policy_request, content_types, 56);
AT(ossbind_post_policy_request, content_type_count, 64);
AT(ossbind_post_policy_request, callback, 72);
AT(ossbind_post_policy_request, fields, 80);
AT(ossbind_post_policy_request, field_count, 88);
AT(ossbind_post_policy_request, conditions, 96);
_Static_assert(sizeof(ossbind_post_policy_request) == 104, "appended: update this line");

/* Passed in arrays, or by the library: these never grow at all, or only the library makes them. */
_Static_assert(sizeof(ossbind_pair) == 16, "is an array element and never grows");
AT(ossbind_progress, sent, 0);
AT(ossbind_progress, total, 8);
_Static_assert(sizeof(ossbind_progress) == 16, "appended: update this line");
