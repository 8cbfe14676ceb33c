# Runs in cpack when what goes into the packages lies in folders, one for each.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
set(purser ${CPACK_TEMPORARY_DIRECTORY}/purser)

foreach(package ${CPACK_COMPONENTS_ALL})
  set(stage ${CPACK_TEMPORARY_DIRECTORY}/${package})
  file(GLOB_RECURSE plain ${stage}/usr/share/man/*.[1-8] ${stage}/usr/share/doc/${package}/changelog*)
  execute_process(COMMAND gzip -9n ${plain} COMMAND_ERROR_IS_FATAL ANY)
  # dpkg's own rule: nothing is newer than the commit.
  if(DEFINED ENV{SOURCE_DATE_EPOCH})
    execute_process(COMMAND find ${stage} -exec touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +
      COMMAND_ERROR_IS_FATAL ANY)
  endif()
endforeach()

# What only the Secret Service needs is recommended: without it the daemon has its sealed file.
file(WRITE ${CPACK_TEMPORARY_DIRECTORY}/debian/control "Source: purser\n")
execute_process(
  COMMAND dpkg-shlibdeps -O -dDepends ${purser}/usr/bin/purser ${purser}/usr/libexec/purserd
    -dRecommends ${purser}/usr/libexec/purser-keyring
  WORKING_DIRECTORY ${CPACK_TEMPORARY_DIRECTORY} OUTPUT_VARIABLE found COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCH "shlibs:Depends=([^\n]*)" depends "${found}")
set(CPACK_DEBIAN_PURSER_PACKAGE_DEPENDS
  "${CMAKE_MATCH_1}, docker-credential-purser (= ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
string(REGEX MATCH "shlibs:Recommends=([^\n]*)" recommends "${found}")
string(APPEND CPACK_DEBIAN_PURSER_PACKAGE_RECOMMENDS ", ${CMAKE_MATCH_1}")
