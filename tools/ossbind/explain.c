/* ossbind explain: what an error code of OSS means, and what to do. */
#include "command.h"
#include "error_pages.h"
#include "options.h"
#include <stdio.h>
#include <string.h>

static enum ended run(char **words);

const struct command explain_command = {
    "explain", "say what an error code (EC) of OSS means",
    "usage: ossbind explain [EC]\n\n"
    "Prints the page of an error code such as 0007-00000203: its cause, the rule that was broken,\n"
    "and what to do. The code stands in the messages of the library, and in the answers of OSS.\n"
    "Without EC it lists all that have a page.\n",
    run, NULL};

static enum ended list_pages(void) {
  for (const struct error_page *page = ERROR_PAGES; page->ec; page++)
    printf("%s  %s\n", page->ec, page->title);
  return ENDED_WELL;
}

static enum ended show_page(const char *ec) {
  for (const struct error_page *page = ERROR_PAGES; page->ec; page++)
    if (strcmp(page->ec, ec) == 0) {
      fputs(page->text, stdout);
      return ENDED_WELL;
    }
  return wrong_use(&explain_command,
                   "there is no page for \"%s\"; 'ossbind explain' lists those that there are", ec);
}

static enum ended run(char **words) {
  const struct option options[] = {{.name = NULL}};
  struct arguments arguments;
  if (!read_options(&explain_command, options, words, &arguments))
    return arguments.ended;
  if (arguments.count > 1)
    return wrong_use(&explain_command, "\"%s\" is one argument too many", arguments.words[1]);
  return arguments.count == 1 ? show_page(arguments.words[0]) : list_pages();
}
