# How cargo is called: it makes one archive of the library, for OssbindLibraries.cmake.

set(OSSBIND_HAS_DEBUG_INFO OFF)
if(CMAKE_BUILD_TYPE MATCHES "^(Debug|RelWithDebInfo)$")
  set(OSSBIND_HAS_DEBUG_INFO ON)
endif()

# What rustc knows about itself, line by line.
execute_process(COMMAND "${OSSBIND_RUSTC}" --print host-tuple --print sysroot
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
string(REGEX MATCH "^([^\n]+)\n([^\n]+)" matched "${output}")
set(RUST_HOST "${CMAKE_MATCH_1}")
set(RUST_SYSROOT "${CMAKE_MATCH_2}")
if(NOT result EQUAL 0 OR NOT matched)
  message(FATAL_ERROR "ossbind: ${OSSBIND_RUSTC} does not run, or is older than Rust 1.89:\n${output}")
endif()

# Always named to cargo, whose settings may have another.
set(OSSBIND_RUST_TARGET "${OSSBIND_CARGO_TARGET}")
if(NOT OSSBIND_RUST_TARGET)
  if(CMAKE_CROSSCOMPILING)
    message(FATAL_ERROR "ossbind: cross-compiling for ${CMAKE_SYSTEM_PROCESSOR} needs the Rust name "
      "of the target, for example -DOSSBIND_CARGO_TARGET=aarch64-unknown-linux-gnu")
  endif()
  set(OSSBIND_RUST_TARGET "${RUST_HOST}")
endif()

# For musl, Rust would put the C library into the archive, and then it fits no other program.
set(OSSBIND_RUSTC_ARGUMENTS "")
if(OSSBIND_RUST_TARGET MATCHES "-musl")
  list(APPEND OSSBIND_RUSTC_ARGUMENTS -C target-feature=-crt-static)
endif()

# Sets OSSBIND_CARGO_ARGUMENTS and OSSBIND_CARGO_ARCHIVE.
function(ossbind_describe_cargo_build)
  get_filename_component(target_dir "${OSSBIND_CARGO_TARGET_DIR}" ABSOLUTE
    BASE_DIR "${CMAKE_BINARY_DIR}")
  set(profile "${OSSBIND_CARGO_PROFILE}")
  if(NOT profile AND CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(profile dev)
  elseif(NOT profile)
    set(profile release)
  endif()
  # Naming the crate type leaves out the Rust library, with which cargo would not optimize across
  # crates: the archive would have twice the size.
  set(arguments rustc --package ossbind --lib --crate-type staticlib --locked
    --profile "${profile}" --target "${OSSBIND_RUST_TARGET}" --target-dir "${target_dir}")
  if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
    list(APPEND arguments --config "profile.${profile}.debug=\"limited\"")
  endif()
  # Two profiles do not have a directory of their own name.
  set(profile_dir "${profile}")
  if(profile MATCHES "^(dev|test)$")
    set(profile_dir debug)
  elseif(profile STREQUAL "bench")
    set(profile_dir release)
  endif()
  set(OSSBIND_CARGO_ARGUMENTS ${arguments} ${OSSBIND_CARGO_FLAGS} PARENT_SCOPE)
  set(OSSBIND_CARGO_ARCHIVE
    "${target_dir}/${OSSBIND_RUST_TARGET}/${profile_dir}/libossbind.a" PARENT_SCOPE)
endfunction()

# Sets OSSBIND_CARGO_ENVIRONMENT: the rustc that was asked here, and the C toolchain of a cross build, which
# compiles the C and assembly of dependencies. What the environment says has precedence.
function(ossbind_describe_cargo_environment)
  set(environment "RUSTC=${OSSBIND_RUSTC}")
  if(CMAKE_CROSSCOMPILING)
    string(REPLACE "-" "_" target "${OSSBIND_RUST_TARGET}")
    string(STRIP "${CMAKE_C_FLAGS} ${OSSBIND_TARGET_FLAGS}" flags)
    foreach(pair IN ITEMS
        "CC_${target}=${CMAKE_C_COMPILER}" "AR_${target}=${CMAKE_AR}" "CFLAGS_${target}=${flags}")
      string(REGEX REPLACE "=.*" "" name "${pair}")
      if(NOT DEFINED ENV{${name}})
        list(APPEND environment "${pair}")
      endif()
    endforeach()
  endif()
  set(OSSBIND_CARGO_ENVIRONMENT "${environment}" PARENT_SCOPE)
endfunction()

# Sets OSSBIND_RUSTFLAGS: no path of this machine gets into the library. Of several prefixes that fit
# the last counts.
function(ossbind_describe_rustflags)
  set(cargo_home "$ENV{HOME}/.cargo")
  if(DEFINED ENV{CARGO_HOME})
    set(cargo_home "$ENV{CARGO_HOME}")
  endif()
  get_filename_component(target_dir "${OSSBIND_CARGO_TARGET_DIR}" ABSOLUTE
    BASE_DIR "${CMAKE_BINARY_DIR}")
  set(OSSBIND_RUSTFLAGS
    "--remap-path-prefix=${CMAKE_CURRENT_SOURCE_DIR}=/ossbind"
    "--remap-path-prefix=${target_dir}=/target"
    "--remap-path-prefix=${cargo_home}=/cargo"
    "--remap-path-prefix=${RUST_SYSROOT}/lib/rustlib/src/rust=/rust" PARENT_SCOPE)
endfunction()

# What CMake gives the compiler besides CMAKE_C_FLAGS.
set(OSSBIND_TARGET_FLAGS "")
if(CMAKE_SYSROOT)
  string(APPEND OSSBIND_TARGET_FLAGS " --sysroot=${CMAKE_SYSROOT}")
endif()
if(CMAKE_C_COMPILER_TARGET)
  string(APPEND OSSBIND_TARGET_FLAGS " --target=${CMAKE_C_COMPILER_TARGET}")
endif()

ossbind_describe_cargo_build()
ossbind_describe_cargo_environment()
ossbind_describe_rustflags()
