# The programs that are made of ossbind's targets, wherever these come from.
enable_testing()

add_executable(c_shared ../consumer.c)
target_link_libraries(c_shared PRIVATE ossbind::ossbind)

add_executable(c_static ../consumer.c)
target_link_libraries(c_static PRIVATE ossbind::ossbind_static)

add_executable(cpp_shared ../consumer.cpp)
target_link_libraries(cpp_shared PRIVATE ossbind::cpp)

add_executable(cpp_static ../consumer.cpp)
target_link_libraries(cpp_static PRIVATE ossbind::ossbind_static)

foreach(program IN ITEMS c_shared c_static cpp_shared cpp_static)
  add_test(NAME ${program} COMMAND ${program})
endforeach()
