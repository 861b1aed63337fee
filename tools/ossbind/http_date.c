#include "http_date.h"
#include <stdio.h>
#include <string.h>

/* Days from 1970-01-01, with March as the first month, so that a leap day is the last of its year. */
static int64_t days_since_1970(int64_t year, int month, int day) {
  int64_t years = month > 2 ? year : year - 1;
  int64_t months = (month + 9) % 12;
  int64_t leap_days = years / 4 - years / 100 + years / 400;
  return years * 365 + leap_days + (months * 153 + 2) / 5 + day - 719469;
}

int read_http_date(const char *text, int64_t *seconds) {
  static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  int day, year, hour, minute, second;
  char name[4];
  if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &day, name, &year, &hour, &minute,
             &second) != 6)
    return 0;
  const char *month = strstr(MONTHS, name);
  if (!month || strlen(name) != 3 || (month - MONTHS) % 3 != 0 || year < 1970)
    return 0;
  int number = (int)(month - MONTHS) / 3 + 1;
  *seconds = ((days_since_1970(year, number, day) * 24 + hour) * 60 + minute) * 60 + second;
  return 1;
}
