/* What the receivers note: a row for each upload, in SQLite. */
#ifndef RECEIVER_ROWS_H
#define RECEIVER_ROWS_H

#include <ossbind.h>
#include <sqlite3.h>
#include <stdio.h>

static sqlite3 *database;

static int run_statement(const char *sql) {
  const int outcome = sql ? sqlite3_exec(database, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
  if (outcome != SQLITE_OK)
    fprintf(stderr, "not noted: %s\n", sqlite3_errmsg(database));
  return outcome == SQLITE_OK;
}

/* Neither an id nor a seal is there twice, whatever comes again. */
static int open_rows(const char *path) {
  return sqlite3_open(path, &database) == SQLITE_OK &&
         sqlite3_busy_timeout(database, 1000) == SQLITE_OK &&
         run_statement("CREATE TABLE IF NOT EXISTS uploads (request TEXT NOT NULL UNIQUE,"
                       " seal TEXT UNIQUE, object TEXT NOT NULL, size INTEGER NOT NULL)");
}

/* A row that is there already is as good as a new one; a callback without an id is not. */
static int note_row(const ossbind_received_callback *callback) {
  char *insert =
      sqlite3_mprintf("INSERT INTO uploads VALUES (%Q, %Q, %Q, %Q) ON CONFLICT DO NOTHING",
                      ossbind_received_callback_field(callback, "reqId"),
                      ossbind_received_callback_field(callback, "seal"),
                      ossbind_received_callback_field(callback, "object"),
                      ossbind_received_callback_field(callback, "size"));
  const int is_noted = run_statement(insert);
  sqlite3_free(insert);
  return is_noted;
}

#endif
