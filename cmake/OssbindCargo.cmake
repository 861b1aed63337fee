# How cargo is called, and what it is asked.

# Sets OSSBIND_CARGO_COMMAND, OSSBIND_CARGO_ENVIRONMENT and OSSBIND_CARGO_OUTPUT_DIR.
function(ossbind_describe_cargo_build)
  get_filename_component(target_dir "${OSSBIND_CARGO_TARGET_DIR}" ABSOLUTE
    BASE_DIR "${CMAKE_BINARY_DIR}")
  # Naming the crate types leaves out the Rust library, with which cargo would not optimize across
  # crates: the archive would have twice the size.
  set(command "${OSSBIND_CARGO}" rustc --package ossbind --lib --crate-type "cdylib,staticlib"
    --locked --profile "${OSSBIND_CARGO_PROFILE}" --target-dir "${target_dir}"
    ${OSSBIND_CARGO_FLAGS})
  set(rustc_arguments --print native-static-libs)
  set(environment "")
  if(OSSBIND_CARGO_TARGET)
    list(APPEND command --target "${OSSBIND_CARGO_TARGET}")
    string(APPEND target_dir "/${OSSBIND_CARGO_TARGET}")
  elseif(CMAKE_CROSSCOMPILING)
    message(FATAL_ERROR "ossbind: cross-compiling for ${CMAKE_SYSTEM_PROCESSOR} needs the Rust name "
      "of the target, for example -DOSSBIND_CARGO_TARGET=aarch64-unknown-linux-gnu")
  endif()
  if(CMAKE_CROSSCOMPILING)
    ossbind_describe_cross_tools(environment link_arguments)
    list(APPEND rustc_arguments ${link_arguments})
  endif()
  # Two profiles do not have a directory of their own name.
  set(profile_dir "${OSSBIND_CARGO_PROFILE}")
  if(profile_dir MATCHES "^(dev|test)$")
    set(profile_dir debug)
  elseif(profile_dir STREQUAL "bench")
    set(profile_dir release)
  endif()
  set(OSSBIND_CARGO_COMMAND ${command} -- ${rustc_arguments} PARENT_SCOPE)
  set(OSSBIND_CARGO_ENVIRONMENT "${environment}" PARENT_SCOPE)
  set(OSSBIND_CARGO_OUTPUT_DIR "${target_dir}/${profile_dir}" PARENT_SCOPE)
endfunction()

# Hands the C toolchain to cargo: as the linker, and to compile the C and assembly of dependencies.
# What the environment says already has precedence.
function(ossbind_describe_cross_tools out_environment out_link_arguments)
  string(REPLACE "-" "_" target "${OSSBIND_CARGO_TARGET}")
  string(TOUPPER "${target}" target_upper)
  set(flags "${CMAKE_C_FLAGS}")
  if(CMAKE_SYSROOT)
    string(APPEND flags " --sysroot=${CMAKE_SYSROOT}")
  endif()
  if(CMAKE_C_COMPILER_TARGET)
    string(APPEND flags " --target=${CMAKE_C_COMPILER_TARGET}")
  endif()
  string(STRIP "${flags}" flags)

  set(environment "")
  foreach(pair IN ITEMS
      "CARGO_TARGET_${target_upper}_LINKER=${CMAKE_C_COMPILER}"
      "CC_${target}=${CMAKE_C_COMPILER}"
      "AR_${target}=${CMAKE_AR}"
      "CFLAGS_${target}=${flags}")
    string(REGEX REPLACE "=.*" "" name "${pair}")
    if(NOT DEFINED ENV{${name}})
      list(APPEND environment "${pair}")
    endif()
  endforeach()

  set(link_arguments "")
  separate_arguments(link_flags UNIX_COMMAND "${flags} ${CMAKE_SHARED_LINKER_FLAGS}")
  foreach(flag IN LISTS link_flags)
    list(APPEND link_arguments -C "link-arg=${flag}")
  endforeach()
  set(${out_environment} "${environment}" PARENT_SCOPE)
  set(${out_link_arguments} "${link_arguments}" PARENT_SCOPE)
endfunction()

# Sets OSSBIND_NATIVE_STATIC_LIBS: the system libraries that a program with the static library needs.
# They have to be known before the library is built, so rustc is asked about an empty one; the build
# then compares what it says about the real one.
function(ossbind_ask_native_static_libs)
  if(NOT DEFINED OSSBIND_NATIVE_STATIC_LIBS)
    set(probe "${CMAKE_CURRENT_BINARY_DIR}/ossbind_probe")
    file(WRITE "${probe}.rs" "")
    set(target_argument "")
    if(OSSBIND_CARGO_TARGET)
      set(target_argument --target "${OSSBIND_CARGO_TARGET}")
    endif()
    execute_process(
      COMMAND "${OSSBIND_RUSTC}" "${probe}.rs" --crate-type staticlib ${target_argument}
        --print native-static-libs -o "${probe}.a"
      WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
      RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    file(REMOVE "${probe}.rs" "${probe}.a")
    if(NOT result EQUAL 0 OR NOT output MATCHES "native-static-libs: ([^\n]*)")
      message(FATAL_ERROR "ossbind: rustc cannot build for this target. Perhaps it is missing:\n"
        "  rustup target add ${OSSBIND_CARGO_TARGET}\n${output}")
    endif()
    set(OSSBIND_NATIVE_STATIC_LIBS "${CMAKE_MATCH_1}" CACHE STRING
      "System libraries that programs with the static library need")
    mark_as_advanced(OSSBIND_NATIVE_STATIC_LIBS)
  endif()
endfunction()
