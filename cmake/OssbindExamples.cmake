# Builds every example: programs c_examples/NAME and cpp_examples/NAME of the build tree. An example of
# several files is a folder with a server.cpp. The receivers are built where their libraries are.

enable_language(CXX)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig)
if(PkgConfig_FOUND)
  pkg_check_modules(c_examples_receiver IMPORTED_TARGET libmicrohttpd sqlite3)
  pkg_check_modules(cpp_examples_receiver IMPORTED_TARGET cpp-httplib sqlite3)
endif()

# Adds the programs of a folder, which link a target: ossbind_add_examples(FOLDER ENDING TARGET)
function(ossbind_add_examples folder ending target)
  file(GLOB sources CONFIGURE_DEPENDS
    "${folder}/*.${ending}" "${folder}/*/server.${ending}")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    if(name STREQUAL "server")
      get_filename_component(inside "${source}" DIRECTORY)
      get_filename_component(name "${inside}" NAME)
    endif()
    set(libraries ${target} Threads::Threads)
    if(name STREQUAL "receiver")
      if(NOT ${folder}_receiver_FOUND)
        continue()
      endif()
      list(APPEND libraries PkgConfig::${folder}_receiver)
    endif()
    set(program "ossbind_${folder}_${name}")
    add_executable(${program} "${source}")
    target_link_libraries(${program} PRIVATE ${libraries})
    set_target_properties(${program} PROPERTIES
      C_STANDARD 99
      OUTPUT_NAME "${name}"
      RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/${folder}")
  endforeach()
endfunction()

ossbind_add_examples(c_examples c ossbind::ossbind)
ossbind_add_examples(cpp_examples cpp ossbind::cpp)
