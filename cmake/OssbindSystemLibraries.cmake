# Which system libraries Rust's own library needs.

# Sets OSSBIND_NATIVE_STATIC_LIBS. They have to be known before the library is built, so rustc is asked
# about an empty one; the build then compares what it says about the real one.
function(ossbind_ask_native_static_libs)
  if(DEFINED OSSBIND_NATIVE_STATIC_LIBS)
    return()
  endif()
  set(probe "${CMAKE_CURRENT_BINARY_DIR}/ossbind_probe")
  file(WRITE "${probe}.rs" "")
  execute_process(
    COMMAND "${OSSBIND_RUSTC}" "${probe}.rs" --crate-type staticlib --target "${OSSBIND_RUST_TARGET}"
      ${OSSBIND_RUSTC_ARGUMENTS} --print native-static-libs -o "${probe}.a"
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  file(REMOVE "${probe}.rs" "${probe}.a")
  if(result EQUAL 0 AND output MATCHES "native-static-libs: ([^\n]*)")
    set(libs "${CMAKE_MATCH_1}")
  elseif((OSSBIND_CARGO_FLAGS MATCHES "build-std" OR DEFINED ENV{CARGO_UNSTABLE_BUILD_STD})
      AND OSSBIND_RUST_TARGET MATCHES "-linux-(gnu|musl)")
    # That library is not there yet: cargo is to build it.
    set(libs "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc")
    if(CMAKE_MATCH_1 STREQUAL "musl")
      set(libs "-lgcc_s -lc")
    endif()
  else()
    message(FATAL_ERROR "ossbind: rustc cannot build for this target. Perhaps it is missing:\n"
      "  rustup target add ${OSSBIND_RUST_TARGET}\n${output}")
  endif()
  set(OSSBIND_NATIVE_STATIC_LIBS "${libs}" CACHE STRING
    "System libraries that rustc names for the static library")
  mark_as_advanced(OSSBIND_NATIVE_STATIC_LIBS)
endfunction()

# Sets OSSBIND_LINK_LIBRARIES, which programs link with the static library. Most compilers bring the
# unwinder by themselves, and know that it is another one for -static.
function(ossbind_choose_link_libraries)
  set(CMAKE_TRY_COMPILE_TARGET_TYPE EXECUTABLE)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/ossbind_unwinder.c")
  file(WRITE "${source}" "void _Unwind_Resume(void *);\n"
    "int main(int count, char **arguments) { if (count > 9) _Unwind_Resume(arguments); return 0; }\n")
  try_compile(OSSBIND_COMPILER_BRINGS_UNWINDER "${CMAKE_CURRENT_BINARY_DIR}/ossbind_unwinder"
    SOURCES "${source}")
  string(REPLACE " " ";" libs "${OSSBIND_NATIVE_STATIC_LIBS}")
  if(OSSBIND_COMPILER_BRINGS_UNWINDER)
    list(REMOVE_ITEM libs -lgcc_s)
  endif()
  set(OSSBIND_LINK_LIBRARIES "${libs}" PARENT_SCOPE)
endfunction()

ossbind_ask_native_static_libs()
ossbind_choose_link_libraries()
