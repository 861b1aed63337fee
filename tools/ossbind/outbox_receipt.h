/* What an item has come to, for people and for programs. */
#ifndef OSSBIND_COMMAND_OUTBOX_RECEIPT_H
#define OSSBIND_COMMAND_OUTBOX_RECEIPT_H

#include "json.h"
#include "outbox.h"

/* One line. */
void show_receipt(FILE *out, const ossbind_receipt *receipt);

/* The rows of what is known beside the item itself. */
void show_receipt_rows(FILE *out, const ossbind_receipt *receipt);

/* Its members, of an object that is open. */
void write_receipt(struct json *json, const ossbind_receipt *receipt);

#endif
