// What the other file of the program with two files has.
#ifndef OSSBIND_TESTS_OTHER_UNIT_HPP
#define OSSBIND_TESTS_OTHER_UNIT_HPP

// Uploads with an own progress function that stops. Returns the status.
int stopped_upload_of_other_unit();

#endif
