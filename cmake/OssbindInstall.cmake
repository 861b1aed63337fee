# Installs what was built, and never builds.

set(PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/ossbind")
set(PACKAGE_BINARY_DIR "${CMAKE_CURRENT_BINARY_DIR}/package")

# The same targets as in the tree, under paths that follow the prefix when it moves.
set(LIBDIR "${CMAKE_INSTALL_LIBDIR}")
set(INCLUDEDIR "${CMAKE_INSTALL_INCLUDEDIR}")
configure_package_config_file(cmake/ossbind-config.cmake.in
  "${PACKAGE_BINARY_DIR}/ossbind-config.cmake"
  INSTALL_DESTINATION "${PACKAGE_DIR}" PATH_VARS LIBDIR INCLUDEDIR)
set(TARGETS_LIBDIR "\${_ossbind_libdir}")
set(TARGETS_INCLUDEDIR "\${_ossbind_includedir}")
set(TARGETS_SCOPE "")
configure_file(cmake/ossbind-targets.cmake.in "${PACKAGE_BINARY_DIR}/ossbind-targets.cmake" @ONLY)
# Before 1.0 a break raises the minor version.
write_basic_package_version_file("${PACKAGE_BINARY_DIR}/ossbind-config-version.cmake"
  COMPATIBILITY SameMinorVersion)

file(RELATIVE_PATH PC_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" PC_PREFIX "${PC_PREFIX}")
foreach(dir IN ITEMS LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")
    set(PC_${dir} "${CMAKE_INSTALL_${dir}}")
  else()
    set(PC_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
# Where there is only the static library, all programs need what it needs.
list(JOIN OSSBIND_LINK_LIBRARIES " " PC_LIBS_PRIVATE)
set(PC_LIBS "")
if(NOT OSSBIND_HAS_SHARED)
  set(PC_LIBS " ${PC_LIBS_PRIVATE}")
  set(PC_LIBS_PRIVATE "")
endif()
configure_file(cmake/ossbind.pc.in "${PACKAGE_BINARY_DIR}/ossbind.pc" @ONLY)

if(OSSBIND_HAS_SHARED)
  install(TARGETS ossbind_shared LIBRARY
    DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    COMPONENT ossbind_runtime NAMELINK_COMPONENT ossbind_development)
endif()
install(FILES "${OSSBIND_BUILT_LIBDIR}/libossbind.a"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ossbind_development)
install(FILES include/ossbind.h include/ossbind.hpp include/ossbind_receiving.hpp
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT ossbind_development)
install(FILES
    "${PACKAGE_BINARY_DIR}/ossbind-config.cmake"
    "${PACKAGE_BINARY_DIR}/ossbind-config-version.cmake"
    "${PACKAGE_BINARY_DIR}/ossbind-targets.cmake"
  DESTINATION "${PACKAGE_DIR}" COMPONENT ossbind_development)
install(FILES "${PACKAGE_BINARY_DIR}/ossbind.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT ossbind_development)
install(FILES LICENSE-MIT LICENSE-APACHE
  DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/ossbind" COMPONENT ossbind_runtime)
