# Makes both libraries from cargo's archive, and the targets for the project that contains this one.

# Without shared libraries, ossbind::ossbind is the static one.
if(DEFINED BUILD_SHARED_LIBS AND NOT BUILD_SHARED_LIBS)
  set(OSSBIND_HAS_SHARED OFF)
else()
  set(OSSBIND_HAS_SHARED ON)
endif()

set(OSSBIND_BUILT_LIBDIR "${CMAKE_CURRENT_BINARY_DIR}/lib")
set(OSSBIND_SHARED_LIBRARY "libossbind.so.${PROJECT_VERSION}")
set(OSSBIND_SONAME "libossbind.so.${OSSBIND_ABI}")
set(OSSBIND_ARCHIVE "${CMAKE_CURRENT_BINARY_DIR}/cargo-archive/libossbind.a")

# Linkers take from an archive what is asked for.
list(TRANSFORM OSSBIND_EXPORTS PREPEND "-Wl,-u," OUTPUT_VARIABLE OSSBIND_ROOTS)

configure_file(cmake/build-library.cmake.in build-library.cmake @ONLY)
# Cargo knows best whether there is something to do, so it is always asked.
add_custom_target(ossbind_cargo ALL
  COMMAND "${CMAKE_COMMAND}" -P "${CMAKE_CURRENT_BINARY_DIR}/build-library.cmake"
  BYPRODUCTS "${OSSBIND_ARCHIVE}" "${OSSBIND_BUILT_LIBDIR}/libossbind.a"
  COMMENT "Building ossbind with cargo"
  USES_TERMINAL VERBATIM)

# Not linked by cargo, which exports what dependencies export in Rust; and so, as for all else in a
# project, CMake's settings count.
function(ossbind_add_shared_library)
  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/ossbind.c" "typedef int ossbind_comes_from_the_archive;\n")
  list(JOIN OSSBIND_EXPORTS ";\n" names)
  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/ossbind.map" "{ global:\n${names};\nlocal: *; };\n")
  add_library(ossbind_shared SHARED "${CMAKE_CURRENT_BINARY_DIR}/ossbind.c")
  add_dependencies(ossbind_shared ossbind_cargo)
  set_target_properties(ossbind_shared PROPERTIES
    OUTPUT_NAME ossbind
    VERSION ${PROJECT_VERSION}
    SOVERSION ${OSSBIND_ABI}
    # With an expression, generators of several configurations add no folder.
    LIBRARY_OUTPUT_DIRECTORY "$<1:${OSSBIND_BUILT_LIBDIR}>"
    INTERPROCEDURAL_OPTIMIZATION OFF
    LINK_DEPENDS "${OSSBIND_ARCHIVE};${CMAKE_CURRENT_BINARY_DIR}/ossbind.map")
  # The flags are those of build.rs: thread-locals with destructors would outlive a dlclose().
  target_link_options(ossbind_shared PRIVATE ${OSSBIND_ROOTS} -Wl,--gc-sections -Wl,--as-needed
    -Wl,-z,nodelete -Wl,-z,relro,-z,now -Wl,-O1
    "-Wl,--version-script=${CMAKE_CURRENT_BINARY_DIR}/ossbind.map")
  if(NOT OSSBIND_HAS_DEBUG_INFO)
    target_link_options(ossbind_shared PRIVATE -s)
  endif()
  string(REPLACE " " ";" libs "${OSSBIND_NATIVE_STATIC_LIBS}")
  target_link_libraries(ossbind_shared PRIVATE "${OSSBIND_ARCHIVE}" ${libs})
endfunction()

if(OSSBIND_HAS_SHARED)
  ossbind_add_shared_library()
endif()

set(TARGETS_LIBDIR "${OSSBIND_BUILT_LIBDIR}")
set(TARGETS_INCLUDEDIR "${CMAKE_CURRENT_SOURCE_DIR}/include")
set(TARGETS_SCOPE " GLOBAL")
configure_file(cmake/ossbind-targets.cmake.in ossbind-targets.cmake @ONLY)
include("${CMAKE_CURRENT_BINARY_DIR}/ossbind-targets.cmake")
add_dependencies(ossbind::ossbind_static ossbind_cargo)
if(OSSBIND_HAS_SHARED)
  add_dependencies(ossbind::ossbind ossbind_shared)
endif()
