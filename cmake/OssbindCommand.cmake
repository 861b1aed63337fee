# Builds the command `ossbind`, which uses the shared library as any program does.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

add_executable(ossbind_command
  tools/ossbind/addresses.c
  tools/ossbind/callback_file.c
  tools/ossbind/check.c
  tools/ossbind/client.c
  tools/ossbind/doctor.c
  tools/ossbind/doctor_callback.c
  tools/ossbind/doctor_configuration.c
  tools/ossbind/doctor_service.c
  tools/ossbind/error_pages.c
  tools/ossbind/explain.c
  tools/ossbind/http_date.c
  tools/ossbind/json.c
  tools/ossbind/main.c
  tools/ossbind/object.c
  tools/ossbind/options.c
  tools/ossbind/outbox.c
  tools/ossbind/outbox_add.c
  tools/ossbind/outbox_change.c
  tools/ossbind/outbox_check.c
  tools/ossbind/outbox_drain.c
  tools/ossbind/outbox_items.c
  tools/ossbind/outbox_receipt.c
  tools/ossbind/outbox_receipts.c
  tools/ossbind/outbox_tally.c
  tools/ossbind/outcome.c
  tools/ossbind/outcome_json.c
  tools/ossbind/progress.c
  tools/ossbind/put.c
  tools/ossbind/render.c
  tools/ossbind/standard_input.c
  tools/ossbind/stop.c
  tools/ossbind/text.c)
target_link_libraries(ossbind_command PRIVATE ossbind::ossbind Threads::Threads)

# The installed command finds its library also when the prefix moves.
file(RELATIVE_PATH OSSBIND_LIBDIR_FROM_BINDIR
  "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
set_target_properties(ossbind_command PROPERTIES
  C_STANDARD 99
  C_STANDARD_REQUIRED ON
  C_EXTENSIONS OFF
  OUTPUT_NAME ossbind
  RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/bin"
  INSTALL_RPATH "$ORIGIN/${OSSBIND_LIBDIR_FROM_BINDIR}")
if(OSSBIND_INSTALL)
  install(TARGETS ossbind_command
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT ossbind_runtime)
  # An example, and not where systemd looks: it needs a user and settings first.
  install(FILES tools/ossbind/ossbind-outbox.service
    DESTINATION "${CMAKE_INSTALL_DATADIR}/ossbind" COMPONENT ossbind_runtime)
endif()
