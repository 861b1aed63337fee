/* The pages of docs/errors, which the program carries with it. */
#ifndef OSSBIND_COMMAND_ERROR_PAGES_H
#define OSSBIND_COMMAND_ERROR_PAGES_H

struct error_page {
  const char *ec; /* NULL behind the last */
  const char *title;
  const char *text; /* the whole page */
};

extern const struct error_page ERROR_PAGES[];

#endif
