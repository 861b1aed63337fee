/* What the parts of the machine share. */
#ifndef OSSBIND_TESTS_RANDOM_CALLS_MACHINE_H
#define OSSBIND_TESTS_RANDOM_CALLS_MACHINE_H

#include <ossbind.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h"

/* Where the services are, what there is to upload, and the keys of the program. */
struct places {
  const char *endpoint;
  const char *tls_endpoint;
  const char *ca_file;
  const char *callback_url;
  const char *bucket;
  const char *key_id;
  const char *key_secret;
  const char *token;
};
extern struct places places;

enum { MAX_BORROWED = 16 };

/* A call that is made: its dice, the memory of its arguments, and what it borrows of the board. What it
 * draws comes of the seed and its number alone, and of nothing that happened before. */
struct call {
  unsigned long number;
  int depth;
  /* Makes no mistakes on purpose. */
  int is_careful;
  pthread_t owner;
  uint64_t dice;
  struct block *memory;
  struct place *borrowed[MAX_BORROWED];
  int borrowed_count;
  /* An argument is so wrong that the call has to fail. */
  int must_fail;
  /* The keys would be asked for outside of this machine, so nothing may be sent. */
  int leaves_home;
  /* The signature that is in an argument, or NULL. */
  const char *signature;
};

/* call.c */
void begin_call(struct call *call, uint64_t seed, unsigned long number);
void begin_inner_call(struct call *inner, struct call *outer);
void end_call(struct call *call);
/* Zeroed memory that lives as long as the call. Each piece is a block of its own, so that the sanitizer
 * sees who reads behind its end. */
void *keep(struct call *call, size_t size);

/* report.c */
#define EXPECT(condition) EXPECT_OF(condition, NULL)
/* With the text that is not as it should be. */
#define EXPECT_OF(condition, text)                \
  do {                                            \
    if (!(condition))                             \
      fail(__FILE__, __LINE__, #condition, text); \
  } while (0)

void set_current_call(const struct call *call);
_Noreturn void fail(const char *file, int line, const char *condition, const char *text);
void count_status(ossbind_status status);
void print_counts(void);

/* dice.c: numbers below `sides`; chances; numbers of any size, many of them at an edge. */
uint64_t next_of(uint64_t *dice);
uint64_t roll(struct call *call, uint64_t sides);
int one_in(struct call *call, uint64_t sides);
/* A mistake, which careful calls do not make. */
int mistake(struct call *call, uint64_t sides);
uint32_t any_number(struct call *call);
uint64_t any_large_number(struct call *call);
/* Some of the known bits, and rarely others. */
uint32_t any_flags(struct call *call, uint32_t known);

/* texts.c */
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define TEXTS(...) \
  (const char *const[]){__VA_ARGS__}, COUNT_OF(((const char *const[]){__VA_ARGS__}))
/* One of these. */
const char *one_of(struct call *call, const char *const texts[], size_t count);
/* One of these, or a mistake. */
const char *text_of(struct call *call, const char *const texts[], size_t count);
const char *bad_text(struct call *call);
/* The same, with mistakes that only this one can have. */
const char *text_or(struct call *call, const char *const texts[], size_t count,
                    const char *const mistakes[], size_t mistake_count);
/* Mostly NULL, else a text or a mistake. */
const char *rare_text(struct call *call, const char *const texts[], size_t count);
const ossbind_pair *any_pairs(struct call *call, const char *const names[], size_t count,
                              size_t *out_count);
const char *const *any_texts(struct call *call, const char *const texts[], size_t count,
                             size_t *out_count);

/* What is secret in the arguments, besides the keys. */
#define SECRET_PASSWORD "pa55word-of-the-proxy"
#define SECRET_PEM "5ecretKeyOfTheDevice"
#define SECRET_SIGNATURE "5igned-by-5omebody-e15e"

/* text_rules.c: what the texts of the library keep. NULL is allowed.
 * What was signed has a token and a signature in it, but never the secret that it was signed with. */
void check_signed_text(const char *text);
/* What a peer has said, in which secrets are masked. */
void check_text_of_peer(const char *text);
/* What the library says: on one line as well. */
void check_message(const char *text);

/* sizes.c: a struct in memory that is exactly as long as its struct_size says, which is now and then not
 * what the library knows. `*out_is_read` is 0 when the library must refuse to read it. */
const void *sized(struct call *call, const void *given, size_t size, int *out_is_read);

/* board.c: objects that all threads use. */
enum kind { CLIENTS, CANCELS, ENCODED, ERRORS, RESULTS, SIGNED, KINDS };
void post(struct call *call, enum kind kind, void *object);
/* An object, or NULL. It stays until the call ends. */
void *borrow(struct call *call, enum kind kind);
/* Before that, what was borrowed last. */
void give_back_last(struct call *call);

void clear_board(void);

/* outcomes.c */
#define POISON ((void *)(uintptr_t)1)
/* Which out parameters are given. */
struct wanted {
  int object;
  int error;
};
struct wanted any_wanted(struct call *call);
/* What a function says that makes an object, and what one says that may have stored one. */
void check_made(struct call *call, struct wanted wanted, ossbind_status status, const void *object,
                ossbind_error *error);
void check_stored(struct call *call, struct wanted wanted, ossbind_status status,
                  ossbind_upload_result *result, ossbind_error *error);
void check_found(struct call *call, struct wanted wanted, ossbind_status status,
                 ossbind_upload_result *result, ossbind_error *error);

/* errors.c, results.c, signed.c, encoding.c: read all of an object, and compare it with itself. NULL is
 * allowed. */
void read_error(struct call *call, const ossbind_error *error);
void read_result(struct call *call, const ossbind_upload_result *result);
void read_signed(struct call *call, const ossbind_signed *signed_);
void read_encoded(const ossbind_encoded_callback *encoded);
void check_metrics(const ossbind_metrics *metrics);

/* callbacks.c, configs.c, tls.c, bodies.c, destinations.c, requests.c: arguments. */
const ossbind_callback *any_callback(struct call *call);
const ossbind_client_config *any_config(struct call *call);
const ossbind_tls_config *any_tls(struct call *call);
void fill_body(struct call *call, ossbind_upload_request *request);
void choose_signed(struct call *call, ossbind_upload_request *request);
const ossbind_upload_request *any_upload(struct call *call);
const ossbind_find_request *any_question(struct call *call);
const char *any_bucket(struct call *call);
const char *any_key(struct call *call);

/* keys.c: where keys come from. A giver is what the program's function for keys works with; the library
 * frees it, unless it could not read who owns it. */
struct giver *choose_keys(struct call *call, ossbind_credentials_config *credentials);
void free_giver(void *giver);
void check_givers(void);

/* The calls: clients.c, uploads.c, signing.c, encoding.c, checking.c, cancels.c, outboxes.c,
 * receiving.c, names.c, shared.c, nothing.c. */
void make_client(struct call *call);
void share_client(struct call *call);
void upload_with_client(struct call *call);
void upload_in_one_call(struct call *call);
void find_object(struct call *call);
void sign_url(struct call *call);
void sign_headers(struct call *call);
void sign_form(struct call *call);
void encode_callback(struct call *call);
void check_callback(struct call *call);
void render_callback(struct call *call);
void make_cancel(struct call *call);
void trigger_cancel(struct call *call);
void ask_names(struct call *call);
void read_what_others_got(struct call *call);
void use_nothing(struct call *call);
void use_outbox(struct call *call);
void use_no_outbox(void);
void receive(struct call *call);
void receive_nothing(void);

/* process.c: what the library has of the process besides memory. Nothing is left of it when all is freed. */
struct process {
  int threads;
  int descriptors;
};
struct process look_at_process(void);
void check_process(struct process before);

/* main.c: a call within a function of the program that the library calls. */

void make_inner_call(struct call *outer);

#endif
